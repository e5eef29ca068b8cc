/*
 * test_mask.c - what of a value is shown: fields of a trial, and records of quarantine.
 */
#include "cli/hiding.h"
#include "row/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void masks_by_field(void **state)
{
    (void)state;
    static const struct {
        target field;
        const char *value, *masked;
    } row[] = {
        {TARGET_NID, "1234567890", "*7890"},
        {TARGET_NID, "১২৩৪৫৬৭৮৯০", "*৭৮৯০"},
        {TARGET_MOBILE, "1234567", "*"},
        {TARGET_RECORD_ID, "W-00000001", "*0001"},
        {TARGET_NAME_EN, "RAHIMA BEGUM", "R..."},
        {TARGET_NAME_BN, "রহিমা", "র..."},
        {TARGET_FATHER_NAME, "", "..."},
        {TARGET_BIRTH_DATE, "1985-05-20", "19..20"},
        {TARGET_PROGRAMME, "OAA", "OAA"},
        {TARGET_AMOUNT, "500\t1", "500 1"},
        {TARGET_GEO, "3026", "3026"},
        {TARGET_STATUS, "0123456789012345678901234567890123456789",
         "012345678901234567890123456789012345678"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char masked[MASK_TEXT];
        mask_value(row[i].field, span_of(row[i].value), masked);
        assert_string_equal(masked, row[i].masked);
    }
}

static void hides_but_for_the_shape(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hidden;
    } row[] = {
        {"{\"born\": \"1985-05-20\", \"sex\": \"F\", \"n\": 12.5, \"dead\": false, \"x\": null}",
         "{\"born\": \"9999-99-99\", \"sex\": \"x\", \"n\": 99.9, \"dead\": false, \"x\": null}"},
        {"{\"name\":\"\xE0\xA6\xB0\xE0\xA6\xB9\"}", "{\"name\":\"******\"}"},
        {"{\"01712345678\": \"a\", \"a b\": 1}", "{\"99999999999\": \"x\", \"x x\": 9}"}, /* no plain name */
        {"{\"a\":\"x\\\"b\\\": 1\"", "{\"a\":\"x\\\"x\\\": 9\""},
        {"{\"a\": \"unclosed 17", "{\"a\": \"xxxxxxxx 99"},
        {"W-7,RAHIMA,1985", "x-9,xxxxxx,9999"},
        {"true,null", "xxxx,xxxx"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "%s", row[i].text);
        hide_values(text, strlen(text));
        assert_string_equal(text, row[i].hidden);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_by_field),
                                       cmocka_unit_test(hides_but_for_the_shape)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
