/*
 * test_utf8.c - the decoder against every character there is, and against the forms that must be refused
 * (Unicode 15, table 3-7).
 */
#include "identifier_table.h"
#include "utf8.h"

/* Writes a character in the form of `length` bytes, right or wrong. */
static size_t encode(uint32_t character, size_t length, char out[4])
{
    static const unsigned first[] = {0, 0x00, 0xC0, 0xE0, 0xF0};

    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char)(first[length] | character);
    return length;
}

static size_t shortest(uint32_t character)
{
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

static bool is_surrogate(uint32_t character)
{
    return character >= 0xD800 && character <= 0xDFFF;
}

static void every_character_in_every_length(void **state)
{
    (void)state;
    for (uint32_t character = 0; character < 0x200000; character++) {
        for (size_t length = shortest(character); length <= 4; length++) {
            char bytes[4];
            ekok_span text = {bytes, encode(character, length, bytes)};
            size_t at = 0;
            uint32_t got = UINT32_MAX;
            bool good = length == shortest(character) && !is_surrogate(character) && character <= 0x10FFFF;
            if (ekok_utf8_next(text, &at, &got) != good || (good && (got != character || at != length)) ||
                (!good && at != 0)) {
                fail_msg("character %x in %zu bytes", character, length);
            }
        }
    }
}

static void first_bytes_alone(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        size_t bad = 77;
        assert_int_equal(ekok_utf8_valid((ekok_span){&c, 1}, &bad), byte < 0x80);
        assert_int_equal(bad, byte < 0x80 ? 77 : 0);
    }
}

static void a_character_cut_short(void **state)
{
    static const char text[] = "a\xE0\xA7\xA6\xF0\x9F\x98\x80"; /* a, Bengali 0, an emoji */

    (void)state;
    for (size_t n = 0; n <= 8; n++) {
        size_t bad = 77;
        bool whole = n <= 1 || n == 4 || n == 8;
        assert_int_equal(ekok_utf8_valid((ekok_span){text, n}, &bad), whole);
        assert_int_equal(bad, whole ? 77 : n < 4 ? 1 : 4);
    }
}

static void the_end_stays_the_end(void **state)
{
    size_t at = 0;
    uint32_t character = 5;

    (void)state;
    assert_false(ekok_utf8_next((ekok_span){NULL, 0}, &at, &character));
    assert_int_equal(at, 0);
    assert_int_equal(character, 5);
    at = 9;
    assert_false(ekok_utf8_next((ekok_span){"abc", 3}, &at, &character));
    assert_int_equal(at, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_in_every_length),
        cmocka_unit_test(first_bytes_alone),
        cmocka_unit_test(a_character_cut_short),
        cmocka_unit_test(the_end_stays_the_end),
    };
    return cmocka_run_group_tests_name("core/utf8", tests, NULL, NULL);
}
