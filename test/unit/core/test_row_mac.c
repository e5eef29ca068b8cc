/*
 * test_row_mac.c - a row as a number against OpenSSL's SipHash, and sums that come round at 2^128.
 */
#include "identifier_table.h"

#include "row_mac.h"

enum { NAME_MAX_BYTES = 36, IMAGE_MAX_BYTES = 1000 };

typedef struct {
    uint8_t key[EKOK_ROW_KEY_BYTES];
    char name[NAME_MAX_BYTES], image[IMAGE_MAX_BYTES];
} sample;

/* Key 00..0f, name abc..., image 01 08 0f ... */
static sample sample_of(void)
{
    sample s;

    for (int i = 0; i < EKOK_ROW_KEY_BYTES; i++) {
        s.key[i] = (uint8_t)i;
    }
    for (int i = 0; i < NAME_MAX_BYTES; i++) {
        s.name[i] = (char)('a' + i % 26);
    }
    for (int i = 0; i < IMAGE_MAX_BYTES; i++) {
        s.image[i] = (char)(uint8_t)(i * 7 + 1);
    }
    return s;
}

static ekok_row_number number_of(const sample *s, size_t name, size_t image)
{
    return ekok_row_mac(s->key, (ekok_span){s->name, name}, (ekok_span){s->image, image});
}

static bool same(ekok_row_number one, ekok_row_number other)
{
    return one.high == other.high && one.low == other.low;
}

/* By `openssl mac -macopt hexkey:000102...0f -macopt size:16 SIPHASH` over the message that row_mac.h tells. */
static void numbers_are_those_of_openssl(void **state)
{
    static const struct {
        size_t name, image;
        ekok_row_number number;
    } known[] = {
        {0, 0, {UINT64_C(0x1d8057629da492bd), UINT64_C(0x96f2e6ef68ab93c2)}},
        {1, 0, {UINT64_C(0xd5bc051582499803), UINT64_C(0x4006c7736a509d53)}},
        {7, 1, {UINT64_C(0xf0b870af42656fa6), UINT64_C(0xf85b7d4c23bb539b)}},
        {8, 7, {UINT64_C(0x60479f17ea5f5d41), UINT64_C(0x30eed8c8f9fed296)}},
        {9, 8, {UINT64_C(0xc96a2f50fa12f93f), UINT64_C(0x80733b2731c6db3e)}},
        {36, 255, {UINT64_C(0xe4d81adc46ac78a3), UINT64_C(0xbb452ffb68388d74)}},
        {36, 256, {UINT64_C(0xdd7a6d317cd13d2e), UINT64_C(0x017f8b60ec9a1b51)}},
        {5, 1000, {UINT64_C(0x0d536be43886d6dc), UINT64_C(0x420216f4118a88a0)}},
    };
    const sample s = sample_of();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        assert_true(same(number_of(&s, known[i].name, known[i].image), known[i].number));
    }
}

static void name_and_image_do_not_run_together(void **state)
{
    const sample s = sample_of();
    const ekok_span abc = {"abc", 3}, ab = {"ab", 2}, c = {"c", 1}, a0 = {"a\0", 2}, a = {"a", 1};

    (void)state;
    assert_false(same(ekok_row_mac(s.key, abc, c), ekok_row_mac(s.key, ab, (ekok_span){"cc", 2})));
    assert_false(same(ekok_row_mac(s.key, a0, c), ekok_row_mac(s.key, a, c)));
    assert_false(same(ekok_row_mac(s.key, c, a0), ekok_row_mac(s.key, c, a)));
}

static void sums_come_round(void **state)
{
    const ekok_row_number most = {UINT64_MAX, UINT64_MAX}, one = {0, 1}, none = {0, 0}, half = {1, 0};
    ekok_row_number sum = most;

    (void)state;
    ekok_row_add(&sum, one);
    assert_true(same(sum, none));
    ekok_row_take(&sum, one);
    assert_true(same(sum, most));
    sum = half;
    ekok_row_take(&sum, one);
    assert_true(same(sum, (ekok_row_number){0, UINT64_MAX}));
    ekok_row_add(&sum, one);
    assert_true(same(sum, half));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_openssl),
        cmocka_unit_test(name_and_image_do_not_run_together),
        cmocka_unit_test(sums_come_round),
    };
    return cmocka_run_group_tests_name("core/row_mac", tests, NULL, NULL);
}
