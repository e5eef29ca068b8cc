/*
 * test_geocode.c - places: what is read, levels, what contains what, and their order.
 */
#include "identifier_table.h"

static ekok_status read_geocode(ekok_span text, char canonical[EKOK_DIGITS_TEXT])
{
    ekok_geocode geocode;
    ekok_status status = ekok_geocode_parse(text, &geocode);

    if (status.code == EKOK_OK) {
        assert_int_equal(ekok_geocode_format(geocode, canonical), 2 * ekok_geocode_level(geocode));
    }
    return status;
}

static const identifier_line LINES[] = {
    {"30", "30", EKOK_OK, 0, "division"},
    {"30-26", "3026", EKOK_OK, 0, "district"},
    {"\u09E9\u09E6\u09E8\u09EC12", "302612", EKOK_OK, 0, "upazila, half Bengali"},
    {"30261254", "30261254", EKOK_OK, 0, "union"},
    {"3000", "3000", EKOK_OK, 0, "a district 00 is not the division"},
    {"99999999", "99999999", EKOK_OK, 0, "the last"},
    {"09", NULL, EKOK_BAD_PREFIX, 1, "a district's two digits alone"},
    {" 0912", NULL, EKOK_BAD_PREFIX, 2, "no division begins with 0"},
    {"3", NULL, EKOK_BAD_LENGTH, 0, "1"},
    {"302", NULL, EKOK_BAD_LENGTH, 0, "3"},
    {"3026125400", NULL, EKOK_BAD_LENGTH, 0, "10"},
    {"30.26", NULL, EKOK_BAD_CHARACTER, 3, "full stop"},
    {"", NULL, EKOK_EMPTY, 0, "empty"},
};

static void lines(void **state)
{
    (void)state;
    check_table(LINES, COUNT_OF(LINES), read_geocode);
}

static ekok_geocode place(const char *text)
{
    ekok_geocode geocode = {0};

    assert_int_equal(ekok_geocode_parse(span_of(text), &geocode).code, EKOK_OK);
    return geocode;
}

static void a_place_stands_directly_before_what_it_contains(void **state)
{
    static const char *const rising[] = {"10",       "30",   "3000",   "300000",   "30000000",
                                         "30000001", "3026", "302612", "30261200", "302613",
                                         "3027",     "31",   "310000", "99999999"};

    (void)state;
    for (size_t i = 1; i < COUNT_OF(rising); i++) {
        assert_true(place(rising[i - 1]).bits < place(rising[i]).bits);
    }
}

/* One place contains another when its digits begin the other's: over all pairs of a grid of codes. */
static void containment_is_beginning(void **state)
{
    static const char *const codes[] = {"30",   "31",     "3000",   "3026",     "3099",     "300000",
                                        "3026", "302600", "302699", "30260000", "30269999", "30000000",
                                        "99",   "9999",   "999999", "99999999", "10",       "10000000"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        for (size_t j = 0; j < COUNT_OF(codes); j++) {
            bool begins = strncmp(codes[i], codes[j], strlen(codes[i])) == 0;
            assert_int_equal(ekok_geocode_contains(place(codes[i]), place(codes[j])), begins);
        }
    }
}

static void the_places_above(void **state)
{
    ekok_geocode above;

    (void)state;
    assert_true(ekok_geocode_at(place("30261254"), EKOK_GEOCODE_UPAZILA, &above));
    assert_true(above.bits == place("302612").bits);
    assert_true(ekok_geocode_at(place("30261254"), EKOK_GEOCODE_DIVISION, &above));
    assert_true(above.bits == place("30").bits);
    assert_false(ekok_geocode_at(place("30"), EKOK_GEOCODE_DISTRICT, &above));
    assert_false(ekok_geocode_at(place("30"), 0, &above));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(a_place_stands_directly_before_what_it_contains),
        cmocka_unit_test(containment_is_beginning),
        cmocka_unit_test(the_places_above),
    };
    return cmocka_run_group_tests_name("core/geocode", tests, NULL, NULL);
}
