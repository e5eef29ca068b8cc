/*
 * test_images.c - what is hashed of an entry, and whether its images belong to it: commitments computed apart from this
 * code (by Python's hashlib, from the form that the comment on audit.entry.commitment states).
 */
#include "trace/images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define HEADER  "7\t1\tt\tme\t\\N\t\\N\t\\N\t\\N\ts.t\tOP\trow\t"
#define SALT    "\\\\x000102030405060708090a0b0c0d0e0f"
#define IMAGE   "{\"raw\": \"\\\\\\\\x00\", \"name\": \"\xe0\xa6\xac\"}"
#define ADDED   "\\\\x7e95a315d5a65013707e457efb9056365b61ae62d34ae0d1f43dbab23795f003"
#define TAKEN   "\\\\x1518eb1c48c517198a1f8277c6d7e3879089f761f88f8a7d2f2e48271d6aeb1b"
#define CHANGED "\\\\xb5e3da0db711dfe6071caf70e29976a63ec99e1c5dc1cfa2576b045c3a959027"

static images_state judged(const char *line)
{
    trail_room room;
    images_state state = IMAGES_DIFFER;
    span field[TRAIL_FIELDS], value[TRAIL_FIELDS];
    merkle_hasher *h = merkle_hasher_new();
    assert_non_null(h);
    trail_room_init(&room);
    assert_true(trail_split(span_of(line), field) && trail_images(field, &room, value) &&
                images_judge(h, value, &state));
    trail_room_free(&room);
    merkle_hasher_free(h);
    return state;
}

static void images_belong_to_their_commitment_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        images_state is;
    } known[] = {
        {HEADER ADDED "\t" SALT "\t\\N\t" IMAGE, IMAGES_FIT},
        {HEADER TAKEN "\t" SALT "\t" IMAGE "\t\\N", IMAGES_FIT},
        {HEADER CHANGED "\t" SALT "\t" IMAGE "\t{}", IMAGES_FIT},
        {HEADER ADDED "\t" SALT "\t" IMAGE "\t\\N", IMAGES_DIFFER}, /* before for after */
        {HEADER ADDED "\t" SALT "\t\\N\t{}", IMAGES_DIFFER},
        {HEADER ADDED "\t" SALT "\t\\N\t\\N", IMAGES_DIFFER}, /* an image gone, its salt not */
        {HEADER ADDED "\t\\N\t\\N\t" IMAGE, IMAGES_DIFFER},   /* a salt gone, its image not */
        {HEADER ADDED "\t\\\\x00\t\\N\t" IMAGE, IMAGES_DIFFER},
        {HEADER "\\\\x00\t" SALT "\t\\N\t" IMAGE, IMAGES_DIFFER},
        {HEADER "\\N\t" SALT "\t\\N\t" IMAGE, IMAGES_DIFFER},
        {HEADER ADDED "\t\\N\t\\N\t\\N", IMAGES_DESTROYED},
        {HEADER "\\N\t\\N\t\\N\t" IMAGE, IMAGES_SEALED_THEMSELVES},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(judged(known[i].line), known[i].is);
}

static void check_leaf(const char *line, const char *leaf)
{
    span field[TRAIL_FIELDS], out;
    buf room;
    buf_init(&room, 1000);
    assert_true(trail_split(span_of(line), field) && trail_leaf(span_of(line), field, &room, &out));
    assert_true(span_equals(out, leaf));
    buf_free(&room);
}

static void a_leaf_stays_when_images_go(void **state)
{
    (void)state;
    check_leaf(HEADER ADDED "\t" SALT "\t\\N\t" IMAGE, HEADER ADDED);
    check_leaf(HEADER ADDED "\t\\N\t\\N\t\\N", HEADER ADDED);
    check_leaf(HEADER "\\N\t\\N\t{}\t" IMAGE, HEADER "{}\t" IMAGE); /* as before commitments */
}

static void a_line_that_is_none_has_no_images(void **state)
{
    (void)state;
    static const char *const line[] = {"", "7\t1", "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14",
                                       "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t16",
                                       "1\t2\t3\t4\t5\t6\t7\t8\tt\t10\t11\t12\t13\t\\N\tcut\\"};
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        span field[TRAIL_FIELDS], value[TRAIL_FIELDS];
        trail_room room;
        trail_room_init(&room);
        assert_false(trail_split(span_of(line[i]), field) && trail_images(field, &room, value));
        trail_room_free(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_belong_to_their_commitment_or_not),
        cmocka_unit_test(a_leaf_stays_when_images_go),
        cmocka_unit_test(a_line_that_is_none_has_no_images),
    };
    return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
