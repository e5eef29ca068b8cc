/*
 * test_map.c - the declared mapping. One definition, many records: what comes of a record is written as text,
 * "target=value;" in the order of target.def, then "!reason(target)" for each reason.
 */
#include "map/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decode/decode.h"

enum { LOG_MAX = 4096 };

static source_def def;

typedef struct {
    char text[LOG_MAX];
    size_t size;
} map_log;

static void note(map_log *log, const char *p, size_t n)
{
    assert_true(log->size + n < sizeof log->text);
    if (n > 0) {
        memcpy(log->text + log->size, p, n);
    }
    log->size += n;
    log->text[log->size] = '\0';
}

static void note_text(map_log *log, const char *text)
{
    note(log, text, strlen(text));
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    static map_scratch scratch;
    map_log *log = context;
    mapped_record mapped;
    reason_list reasons = *damaged;

    assert_int_equal(damaged->count, 0);
    memset(&mapped, 0xFF, sizeof mapped);
    map_record(&def, record, &scratch, &mapped, &reasons);
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        if (mapped.value[i].n > 0) {
            note_text(log, target_name((target)i));
            note_text(log, "=");
            note(log, mapped.value[i].p, mapped.value[i].n);
            note_text(log, ";");
        }
    }
    for (size_t i = 0; i < reasons.count; i++) {
        assert_true(reasons.item[i].code == REASON_TOO_LONG || reasons.item[i].detail != NULL);
        note_text(log, "!");
        note_text(log, reason_name(reasons.item[i].code));
        note_text(log, "(");
        note_text(log, target_name(reasons.item[i].field));
        note_text(log, ")");
    }
    return true;
}

static void run(map_log *log, const char *record)
{
    decode_options options = {.rows_path = "", .row_bytes = 65536, .on_record = on_record, .context = log};
    decoder *d = decoder_new(&options);
    failure f = {.text = ""};

    assert_non_null(d);
    log->size = 0;
    log->text[0] = '\0';
    bool good = decoder_feed(d, span_of("["), &f) && decoder_feed(d, span_of(record), &f) &&
                decoder_feed(d, span_of("]"), &f) && decoder_finish(d, &f);
    if (!good) {
        fail_msg("%s: %s", record, f.text);
    }
    decoder_free(d);
}

/* paths: joined by '+'; NULL: the literal. */
static map_rule *rule(target to, const char *paths, const char *literal)
{
    map_rule *r = &def.rule[def.rules++];

    memset(r, 0, sizeof *r);
    r->to = to;
    for (const char *at = paths; at != NULL && *at != '\0'; r->paths++) {
        size_t n = strcspn(at, "+");
        memcpy(r->path[r->paths], at, n);
        at += n + (at[n] == '+');
    }
    if (literal != NULL) {
        snprintf(r->literal, sizeof r->literal, "%s", literal);
    }
    return r;
}

static void rule_when(target to, const char *paths, const char *when_path, const char *when_value)
{
    map_rule *r = rule(to, paths, NULL);

    snprintf(r->when_path, sizeof r->when_path, "%s", when_path);
    snprintf(r->when_value, sizeof r->when_value, "%s", when_value);
}

static void value(target to, const char *from, const char *ours)
{
    value_map *v = &def.value[def.values++];

    v->to = to;
    snprintf(v->from, sizeof v->from, "%s", from);
    snprintf(v->value, sizeof v->value, "%s", ours);
    def.has_values[to] = true;
}

static int set_up(void **state)
{
    (void)state;
    rule(TARGET_RECORD_ID, "id", NULL);
    rule(TARGET_PROGRAMME, NULL, "OAA");
    rule(TARGET_STATUS, "status", NULL);
    value(TARGET_STATUS, "1", "active");
    value(TARGET_STATUS, "\xE0\xA6\xA8\xE0\xA6\xBE", "inactive");
    value(TARGET_STATUS, "true", "active");
    rule(TARGET_SEX, "sex", NULL);
    rule(TARGET_NAME_BN, "name.bn", NULL);
    rule(TARGET_NAME_BN, "name.other", NULL);
    rule(TARGET_NAME_EN, "first+middle+last", NULL);
    rule_when(TARGET_NID, "number", "kind", "NID");
    rule_when(TARGET_NID, "old_number", "kind", "NID");
    rule_when(TARGET_BRN, "number", "kind", "2");
    rule(TARGET_GEO, "div+dist+upz+union", NULL);
    rule(TARGET_HOUSEHOLD, "hh.area+hh.no", NULL);
    rule(TARGET_MOBILE, "phones.0", NULL);
    rule(TARGET_MOBILE, "phones.1", NULL);
    rule(TARGET_AMOUNT, "amount", NULL);
    rule(TARGET_BIRTH_DATE, "dob", NULL);
    return 0;
}

typedef struct {
    const char *record, *expected;
} map_case;

#define OAA "programme=OAA;"

static const map_case cases[] = {
    {"{}", OAA},
    {"{\"id\":\"x 1\"}", "record_id=x 1;" OAA},
    {"{\"id\":\" \\t7\\n\"}", "record_id=7;" OAA},
    {"{\"id\":7}", "record_id=7;" OAA},
    {"{\"id\":null}", OAA},
    {"{\"id\":\" \\n \"}", OAA},
    /* types */
    {"{\"id\":true}", OAA "!wrong_type(record_id)"},
    {"{\"id\":{\"a\":1}}", OAA "!wrong_type(record_id)"},
    {"{\"id\":[1]}", OAA "!wrong_type(record_id)"},
    {"{\"id\":{}}", OAA},
    {"{\"idx\":{\"a\":1}}", OAA},
    {"{\"name\":{\"bn\":5}}", OAA "!wrong_type(name_bn)"},
    {"{\"name\":\"x\"}", OAA},
    {"{\"amount\":500.50,\"dob\":19560101}", OAA "birth_date=19560101;amount=500.50;"},
    {"{\"amount\":1e3}", OAA "amount=1e3;"},
    {"{\"sex\":\"x\"}", OAA "sex=x;"},
    {"{\"sex\":false}", OAA "!wrong_type(sex)"},
    /* the first rule that gives something wins */
    {"{\"name\":{\"bn\":\"a\",\"other\":\"b\"}}", OAA "name_bn=a;"},
    {"{\"name\":{\"bn\":\" \",\"other\":\"b\"}}", OAA "name_bn=b;"},
    {"{\"name\":{\"bn\":1,\"other\":\"b\"}}", OAA "name_bn=b;!wrong_type(name_bn)"},
    {"{\"name\":{\"bn\":1,\"other\":2}}", OAA "!wrong_type(name_bn)"},
    {"{\"phones\":[\"01\",\"02\"]}", OAA "mobile=01;"},
    {"{\"phones\":[null,\"02\"]}", OAA "mobile=02;"},
    {"{\"phones\":[]}", OAA},
    /* conditions */
    {"{\"kind\":\"NID\",\"number\":\"1\"}", OAA "nid=1;"},
    {"{\"kind\":\" NID \",\"number\":\"\",\"old_number\":\"3\"}", OAA "nid=3;"},
    {"{\"kind\":2,\"number\":\"1\"}", OAA "brn=1;"},
    {"{\"kind\":\"nid\",\"number\":\"1\"}", OAA},
    {"{\"kind\":null,\"number\":\"1\"}", OAA},
    {"{\"number\":\"1\"}", OAA},
    /* value maps */
    {"{\"status\":1}", "programme=OAA;status=active;"},
    {"{\"status\":\" 1 \"}", "programme=OAA;status=active;"},
    {"{\"status\":true}", "programme=OAA;status=active;"},
    {"{\"status\":\"\\u09a8\\u09be\"}", "programme=OAA;status=inactive;"},
    {"{\"status\":\"active\"}", OAA "!unknown_value(status)"},
    {"{\"status\":false}", OAA "!unknown_value(status)"},
    {"{\"status\":\"\"}", OAA},
    /* joins */
    {"{\"first\":\"A\",\"middle\":\"B\",\"last\":\"C\"}", OAA "name_en=A B C;"},
    {"{\"first\":\"A\",\"middle\":\" \",\"last\":\"C\"}", OAA "name_en=A C;"},
    {"{\"last\":\" C\"}", OAA "name_en=C;"},
    {"{\"div\":30,\"dist\":\"26\",\"upz\":\"8\",\"union\":\"\\u09e7\"}", OAA "geo=3026080\xE0\xA7\xA7;"},
    {"{\"div\":30,\"dist\":26}", OAA "geo=3026;"},
    {"{\"div\":\"30\",\"dist\":null,\"upz\":8}", OAA "geo=30-08;"},
    {"{\"dist\":26}", OAA "geo=-26;"},
    {"{\"div\":3026,\"dist\":8}", OAA "geo=302608;"},
    {"{\"div\":\"a\"}", OAA "geo=a;"},
    {"{\"hh\":{\"area\":12,\"no\":\"3\"}}", OAA "household=12-3;"},
    {"{\"hh\":{\"area\":12,\"no\":\"\"}}", OAA},
    {"{\"hh\":{\"area\":[1],\"no\":\"3\"}}", OAA "!wrong_type(household)"},
};

static void test_table(void **state)
{
    static map_log log;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&log, cases[i].record);
        if (strcmp(log.text, cases[i].expected) != 0) {
            fail_msg("%s: got %s, expected %s", cases[i].record, log.text, cases[i].expected);
        }
    }
}

/*
 * A value of exactly its ceiling passes, one byte more does not; a value map is applied before the ceiling.
 */
static void test_ceilings(void **state)
{
    static map_log log;
    char record[2048];

    (void)state;
    for (int over = 0; over <= 1; over++) {
        const char *expected = over ? "!too_long(record_id)" : NULL;
        snprintf(record, sizeof record, "{\"id\":\" %0*d \"}", 64 + over, 0);
        run(&log, record);
        assert_true(expected == NULL ? strchr(log.text, '!') == NULL : strstr(log.text, expected) != NULL);
        assert_int_equal(strstr(log.text, "record_id=0") == NULL, over);
        snprintf(record, sizeof record, "{\"first\":\"%0*d\",\"last\":\"%0100d\"}", 99 + over, 0, 0);
        run(&log, record);
        assert_int_equal(strstr(log.text, "!too_long(name_en)") != NULL, over);
    }
    snprintf(record, sizeof record, "{\"first\":\"%0600d\",\"last\":\"%0600d\"}", 0, 0);
    run(&log, record);
    assert_string_equal(log.text, OAA "!too_long(name_en)");
    snprintf(record, sizeof record, "{\"div\":\"%0600d\"}", 0);
    run(&log, record);
    assert_string_equal(log.text, OAA "!too_long(geo)");
    snprintf(record, sizeof record, "{\"status\":\"%0600d\"}", 0);
    run(&log, record);
    assert_string_equal(log.text, OAA "!unknown_value(status)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_ceilings)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
