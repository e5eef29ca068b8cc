/*
 * test_pairing.c - lines of the agent's trace are read back as they were written, or refused; readings and openings
 * of a cell are paired one to one, in time, those told alike first, and what is over is left over.
 */
#include "cli/pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "agent/trace_line.h"

static void reads_lines(void **state)
{
    (void)state;
    trace_value v;
    const char open[] = "open caller=rina uid=1001 user= role= of=registry.enrolment.nid_sealed/ab-1 "
                        "ref=00ff why=a%20complaint%3D%25 case=C-7";
    assert_int_equal(trace_line_read(span_of(open), &v), TRACE_OPEN);
    assert_string_equal(v.caller, "rina");
    assert_string_equal(v.user, "");
    assert_string_equal(v.of, "registry.enrolment.nid_sealed/ab-1");
    assert_string_equal(v.why, "a complaint=%");
    assert_string_equal(v.topic, "C-7");
    const char find[] =
        "find caller=database uid=112 user=karim role=x of=token_nid ref=00ff why=%E0%A6%95 case=";
    assert_int_equal(trace_line_read(span_of(find), &v), TRACE_FIND);
    assert_string_equal(v.user, "karim");
    assert_string_equal(v.why, "ক");
    assert_string_equal(v.topic, "");
    assert_int_equal(trace_line_read(span_of("start torn=0"), &v), TRACE_OTHER);
    assert_int_equal(trace_line_read(span_of("lock of=rina user= pattern=neighbours"), &v), TRACE_OTHER);
    assert_int_equal(trace_line_read(span_of(""), &v), TRACE_OTHER);
}

static void refuses_what_the_agent_never_writes(void **state)
{
    static const char *const broken[] = {
        "open",
        "open caller=x uid=1 user= role= of=a/b ref=0 why=x",         /* no case */
        "open caller=x uid=1 user= role= ref=0 why=x case=",          /* no cell */
        "open caller=x uid=1 user= role= of=a/b ref=0 why=x%2 case=", /* half an escape */
        "open caller=x uid=1 user= role= of=a/b ref=0 why=%00 case=", /* a NUL */
        "open caller=x uid=1 user= role= of=a/b ref=0 why=%zz case="};
    (void)state;
    trace_value v;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(trace_line_read(span_of(broken[i]), &v), TRACE_BROKEN);
    char text[TRACE_TEXT + 200] = "open caller=x uid=1 user= role= of=a/b ref=0 why=";
    size_t n = strlen(text);
    memset(text + n, 'y', TRACE_TEXT);
    memcpy(text + n + TRACE_TEXT, " case=", 7);
    assert_int_equal(trace_line_read(span_of(text), &v), TRACE_BROKEN);
}

static pairing_event at(int64_t time, const char *cell, const char *who, const char *why)
{
    return (pairing_event){time, cell, who, why, NULL};
}

static void pair(pairing_event *reading, size_t readings, pairing_event *opening, size_t openings)
{
    pairing_event *of[16];
    for (size_t i = 0; i < readings; i++)
        of[i] = &reading[i];
    for (size_t i = 0; i < openings; i++)
        of[readings + i] = &opening[i];
    pairing_find(of, readings, of + readings, openings);
}

static void pairs_one_to_one(void **state)
{
    (void)state;
    pairing_event r[] = {at(100, "b", "rina", "x"), at(10, "a", "rina", "x"), at(20, "a", "rina", "x")};
    pairing_event o[] = {at(21, "a", "rina", "x"), at(11, "a", "rina", "x"), at(22, "a", "rina", "x"),
                         at(100, "c", "rina", "x")};
    pair(r, 3, o, 4);
    assert_ptr_equal(r[1].other, &o[1]);
    assert_ptr_equal(r[2].other, &o[0]);
    assert_null(o[2].other); /* opened three times, read twice */
    assert_null(o[3].other);
    assert_null(r[0].other); /* nothing of it was opened */
}

static void goes_by_time(void **state)
{
    (void)state;
    pairing_event r[] = {at(10000, "a", "rina", "x"), at(50000, "b", "rina", "x"),
                         at(90000, "c", "rina", "x")};
    pairing_event o[] = {at(10000 + PAIRING_WAIT, "a", "rina", "x"),
                         at(50000 - PAIRING_SKEW, "b", "rina", "x"),
                         at(90000 + PAIRING_WAIT + 1, "c", "rina", "x")};
    pair(r, 3, o, 3);
    assert_ptr_equal(r[0].other, &o[0]);
    assert_ptr_equal(r[1].other, &o[1]);
    assert_null(r[2].other);
    pairing_event later[] = {at(10000, "a", "rina", "x")},
                  sooner[] = {at(10000 - PAIRING_SKEW - 1, "a", "rina", "x")};
    pair(later, 1, sooner, 1);
    assert_null(later[0].other);
}

/* A reading that the agent refused does not take the opening of another. */
static void prefers_what_is_told_alike(void **state)
{
    (void)state;
    pairing_event r[] = {at(10, "a", "karim", "case 1"), at(11, "a", "rina", "case 2"),
                         at(12, "a", "rina", "case 3")};
    pairing_event o[] = {at(13, "a", "rina", "case 3"), at(14, "a", "host", "case 2")};
    pair(r, 3, o, 2);
    assert_ptr_equal(o[0].other, &r[2]);
    assert_ptr_equal(o[1].other, &r[1]);
    assert_null(r[0].other);
    pairing_event mine[] = {at(10, "a", "etld", "verification by x")},
                  theirs[] = {at(11, "a", "daemon", "verification")};
    pair(mine, 1, theirs, 1);
    assert_ptr_equal(mine[0].other, &theirs[0]); /* neither alike: the cell and the time are enough */
    pairing_find(NULL, 0, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(refuses_what_the_agent_never_writes),
        cmocka_unit_test(pairs_one_to_one),
        cmocka_unit_test(goes_by_time),
        cmocka_unit_test(prefers_what_is_told_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
