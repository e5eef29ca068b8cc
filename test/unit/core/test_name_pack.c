/*
 * test_name_pack.c - a packed name comes back byte by byte, every character of Unicode in it; what is refused.
 */
#include "identifier_table.h"

#include <string.h>

#include "name_pack.h"

enum { ROOM = 64 };

/* Packs and unpacks; returns the packed bytes. */
static size_t there_and_back(const char *text, size_t n)
{
    uint8_t packed[ROOM];
    char back[ROOM * EKOK_NAME_UNPACKED];
    size_t size = 0, again = 0;

    assert_true(ekok_name_pack((ekok_span){text, n}, packed, sizeof packed, &size));
    assert_true(ekok_name_unpack(packed, size, back, size * EKOK_NAME_UNPACKED, &again));
    assert_int_equal(again, n);
    assert_memory_equal(back, text, n);
    return size;
}

static void names_take_a_byte_a_character(void **state)
{
    static const char *const names[] = {"", "Md. Rahim Uddin", "মোঃ রহিম উদ্দীন", "জোহরা Begum", "\t০১২৯"};
    static const size_t bytes[] = {0, 15, 15, 11, 5};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(there_and_back(names[i], strlen(names[i])), bytes[i]);
    }
}

static size_t put(uint32_t c, char out[4])
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; c >>= 6) {
        out[i] = (char)(0x80 | (c & 0x3f));
    }
    out[0] = (char)(n == 1 ? c : n == 2 ? 0xc0 | c : n == 3 ? 0xe0 | c : 0xf0 | c);
    return n;
}

static void every_character_comes_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[6] = {'a'};
        size_t n = c >= 0xd800 && c < 0xe000 ? 0 : put(c, text + 1);

        if (n > 0) {
            text[1 + n] = 'z';
            bool one = (c < 0x80 && c != 0x1b) || (c >= 0x980 && c < 0xa00);
            assert_int_equal(there_and_back(text, n + 2), one ? 3 : 3 + n);
        }
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    uint8_t packed[4];
    char back[8];
    size_t size = 77;

    (void)state;
    assert_false(ekok_name_pack((ekok_span){"Rahim", 5}, packed, 4, &size));
    assert_false(
        ekok_name_pack((ekok_span){"ab\xe2\x80\x8c", 5}, packed, 4, &size)); /* an escape in four bytes */
    assert_false(ekok_name_pack((ekok_span){"a\xff", 2}, packed, 4, &size));
    assert_false(ekok_name_unpack((const uint8_t *)"\x95\x95\x95", 3, back, sizeof back, &size));
    assert_int_equal(size, 77);
}

static void what_nobody_packed_is_refused(void **state)
{
    static const char *const wrong[] = {"\x1b", "a\x1b", "\x1b\xe2", "\x1b\xe2\x80", "\x1b\xf0\x9f\x98"};
    char back[64];
    size_t size;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(ekok_name_unpack((const uint8_t *)wrong[i], strlen(wrong[i]), back, sizeof back, &size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_take_a_byte_a_character),
        cmocka_unit_test(every_character_comes_back),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(what_nobody_packed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
