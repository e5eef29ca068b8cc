/*
 * test_evidence.c - SipHash-2-4 against its paper, and what an evidence key promises.
 */
#include "identifier_table.h"

#include <stdlib.h>

#include "evidence.h"

/* Key 00..0f, message 00 01 02 ...: appendix A of the paper gives the 15-byte one; the others are the first
 * entries of the table of 64 that its authors publish with their reference code. */
static void published_vectors(void **state)
{
    static const struct {
        size_t length;
        uint64_t hash;
    } vectors[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
        {2, UINT64_C(0x0d6c8009d9a94f5a)},  {3, UINT64_C(0x85676696d7fb7e2d)},
        {7, UINT64_C(0xab0200f58b01d137)},  {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)}, {63, UINT64_C(0x958a324ceb064572)},
    };
    uint8_t key[16];
    char message[64];

    (void)state;
    for (int i = 0; i < 16; i++) {
        key[i] = (uint8_t)i;
    }
    for (int i = 0; i < 64; i++) {
        message[i] = (char)i;
    }
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        assert_true(ekok_siphash24(key, (ekok_span){message, vectors[i].length}) == vectors[i].hash);
    }
}

static ekok_evidence evidence_of(const char *kind, const char *value, uint32_t programme)
{
    return ekok_evidence_make(span_of(kind), span_of(value), programme);
}

/* Stored evidence depends on this number: if it changes, every index must be rebuilt. */
static void the_key_never_changes(void **state)
{
    (void)state;
    assert_true(evidence_of("nid", "10:7000712344", 5).bits == UINT64_C(0x24b8a72c6ed06005));
}

static void the_key_is_the_hash_of_length_kind_value(void **state)
{
    static const uint8_t key[16] = {'e', 'k', 'o', 'k', ' ', 'e', 'v', 'i',
                                    'd', 'e', 'n', 'c', 'e', ' ', 'v', '1'};
    uint64_t hash = ekok_siphash24(key, span_of("\x03nid10:7000712344"));

    (void)state;
    assert_true(ekok_evidence_key(evidence_of("nid", "10:7000712344", 0)) == hash >> 12);
}

static void programme_and_key_come_back(void **state)
{
    uint64_t key = ekok_evidence_key(evidence_of("mobile", "8801712345678", 0));

    (void)state;
    for (uint32_t programme = 0; programme <= EKOK_EVIDENCE_PROGRAMME_MAX; programme++) {
        ekok_evidence evidence = evidence_of("mobile", "8801712345678", programme);
        assert_int_equal(ekok_evidence_programme(evidence), programme);
        assert_true(ekok_evidence_key(evidence) == key);
    }
    assert_true(key < UINT64_C(1) << 52);
}

static void same_means_same_key(void **state)
{
    (void)state;
    assert_true(ekok_evidence_same(evidence_of("brn", "a", 1), evidence_of("brn", "a", 4095)));
    assert_false(ekok_evidence_same(evidence_of("brn", "a", 1), evidence_of("brn", "b", 1)));
    assert_false(ekok_evidence_same(evidence_of("brn", "a", 1), evidence_of("nid", "a", 1)));
}

/* The kind's length is hashed, so a letter cannot move from kind to value unseen. */
static void kind_and_value_do_not_run_together(void **state)
{
    (void)state;
    assert_false(ekok_evidence_same(evidence_of("ab", "c", 1), evidence_of("a", "bc", 1)));
    assert_false(ekok_evidence_same(ekok_evidence_make(span_of("k"), (ekok_span){"\0", 1}, 1),
                                    ekok_evidence_make(span_of("k"), (ekok_span){"\0\0", 2}, 1)));
}

/* One programme's entries stand together behind the key: 4095 of one key is below 0 of the next. */
static void ordered_by_key_then_programme(void **state)
{
    ekok_evidence a = evidence_of("k", "1", 4095);
    ekok_evidence b = evidence_of("k", "2", 0);

    (void)state;
    assert_true(evidence_of("k", "1", 1).bits < evidence_of("k", "1", 2).bits);
    assert_int_equal(a.bits < b.bits, ekok_evidence_key(a) < ekok_evidence_key(b));
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* 200 000 consecutive numbers meet in 52 bits with a chance of 4.4e-6. */
static void consecutive_values_do_not_meet(void **state)
{
    enum { VALUES = 200000 };
    static uint64_t keys[VALUES];

    (void)state;
    for (int i = 0; i < VALUES; i++) {
        char value[16];
        snprintf(value, sizeof value, "10:%010d", i);
        keys[i] = ekok_evidence_key(evidence_of("nid", value, 0));
    }
    qsort(keys, VALUES, sizeof keys[0], compare_keys);
    for (int i = 1; i < VALUES; i++) {
        assert_true(keys[i - 1] < keys[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(the_key_never_changes),
        cmocka_unit_test(the_key_is_the_hash_of_length_kind_value),
        cmocka_unit_test(programme_and_key_come_back),
        cmocka_unit_test(same_means_same_key),
        cmocka_unit_test(kind_and_value_do_not_run_together),
        cmocka_unit_test(ordered_by_key_then_programme),
        cmocka_unit_test(consecutive_values_do_not_meet),
    };
    return cmocka_run_group_tests_name("core/evidence", tests, NULL, NULL);
}
