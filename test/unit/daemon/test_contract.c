/*
 * test_contract.c - a promise broken by one record is that record's fault, by half of a page the source's.
 */
#include "map/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static source_def def;

static void promise(const char *path, field_type type, bool required)
{
    contract_field *field = &def.field[def.fields++];
    *field = (contract_field){.type = type, .required = required};
    (void)snprintf(field->path, sizeof field->path, "%s", path);
}

static int forget(void **state)
{
    (void)state;
    memset(&def, 0, sizeof def);
    return 0;
}

static void see(contract_watch *w, const char *path, raw_type type)
{
    raw_record record = {.count = 0};
    if (path)
        record.field[record.count++] = (raw_field){span_of(path), type, span_of("x")};
    contract_see(w, &def, &record);
}

static void needs_half_of_a_page(void **state)
{
    (void)state;
    char why[DRIFT_TEXT];
    contract_watch w;
    promise("id", FIELD_TEXT, true);
    contract_begin(&w, NULL);
    assert_true(contract_kept(&w, &def, why)); /* an empty page says nothing */
    see(&w, "id", RAW_STRING);
    see(&w, "id", RAW_STRING);
    see(&w, NULL, RAW_NULL);
    assert_true(contract_kept(&w, &def, why));
    see(&w, "id", RAW_NULL);
    assert_false(contract_kept(&w, &def, why));
    assert_string_equal(why, "the promised field id is gone in 2 of 4 records");
}

static void knows_the_types(void **state)
{
    (void)state;
    static const struct {
        field_type promised;
        const char *path;
        raw_type type;
        bool kept;
    } row[] = {
        {FIELD_TEXT, "f", RAW_STRING, true},      {FIELD_TEXT, "f", RAW_DATE, true},
        {FIELD_TEXT, "f", RAW_NUMBER, false},     {FIELD_NUMBER, "f", RAW_NUMBER, true},
        {FIELD_NUMBER, "f", RAW_FLOAT, true},     {FIELD_NUMBER, "f", RAW_STRING, false},
        {FIELD_BOOLEAN, "f", RAW_BOOL, true},     {FIELD_BOOLEAN, "f", RAW_STRING, false},
        {FIELD_ANY, "f", RAW_ERROR, true},        {FIELD_OBJECT, "f.a", RAW_STRING, true},
        {FIELD_OBJECT, "f.0", RAW_STRING, false}, {FIELD_ARRAY, "f.0", RAW_STRING, true},
        {FIELD_ARRAY, "f.a", RAW_STRING, false},  {FIELD_TEXT, "f.a", RAW_STRING, false},
        {FIELD_ANY, "f.a", RAW_STRING, true},     {FIELD_OBJECT, "f", RAW_STRING, false},
        {FIELD_TEXT, "fa", RAW_STRING, true},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char why[DRIFT_TEXT];
        contract_watch w;
        (void)forget(NULL);
        promise("f", row[i].promised, false);
        contract_begin(&w, NULL);
        see(&w, row[i].path, row[i].type);
        if (contract_kept(&w, &def, why) != row[i].kept)
            fail_msg("row %zu", i);
    }
}

static void holds_strangers_only_where_asked(void **state)
{
    (void)state;
    char why[DRIFT_TEXT];
    contract_watch w;
    promise("id", FIELD_TEXT, false);
    promise("pay", FIELD_OBJECT, false);
    contract_begin(&w, NULL);
    see(&w, "new", RAW_STRING);
    assert_true(contract_kept(&w, &def, why));
    def.unknown = UNKNOWN_HELD;
    see(&w, "pay.no", RAW_STRING); /* inside of what is promised */
    assert_true(contract_kept(&w, &def, why));
    see(&w, "payment", RAW_STRING);
    assert_false(contract_kept(&w, &def, why));
    assert_string_equal(why, "the field payment, of which nothing is promised, stands in 1 of 3 records");
}

/* What somebody released is none any more; all the rest is named, a line each. */
static void names_what_drifted_and_takes_what_is_accepted(void **state)
{
    (void)state;
    char why[DRIFT_TEXT], lines[DRIFT_LINES];
    static const char *const accepted[] = {NULL, "gone hat", "retyped id\ngone hat\nstrange payment",
                                           "gone ha\nretyped idx\nstrange"};
    static const char *const left[] = {"gone hat\nretyped id\nstrange payment", "retyped id\nstrange payment",
                                       "", "gone hat\nretyped id\nstrange payment"};
    promise("hat", FIELD_TEXT, true);
    promise("id", FIELD_TEXT, false);
    def.unknown = UNKNOWN_HELD;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        contract_watch w;
        contract_begin(&w, accepted[i]);
        see(&w, "id", RAW_NUMBER);
        see(&w, "payment", RAW_STRING);
        contract_drift(&w, &def, lines);
        assert_string_equal(lines, left[i]);
        assert_int_equal(contract_kept(&w, &def, why), left[i][0] == '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(needs_half_of_a_page, forget), cmocka_unit_test_setup(knows_the_types, forget),
        cmocka_unit_test_setup(holds_strangers_only_where_asked, forget),
        cmocka_unit_test_setup(names_what_drifted_and_takes_what_is_accepted, forget)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
