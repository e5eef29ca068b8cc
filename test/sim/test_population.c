/*
 * test_population.c - people and their numbers: same seed same people, families that agree, overlaps that share what
 * they declare and nothing else, numbers that are well-formed and nobody's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kin.h"
#include "record.h"

enum { PERSONS = 40000 };

static world w;

/* All records of a person, in the order of its enrolments. */
static unsigned records_of(const block *b, unsigned position, record out[ENROLMENTS_MAX])
{
    rank_walk walk = {.w = &w, .b = *b, .position = position};
    for (unsigned k = 0; k < b->p[position].programmes; k++) {
        walk.nth = k;
        walk.mis = programme_mis((programme_id)b->p[position].programme[k]);
        walk.rank = 1;
        record_make(&walk, &out[k]);
    }
    return b->p[position].programmes;
}

/* What two forms of a card share: the 13 digits within 17, else all digits. */
static const char *card(const char *nid)
{
    return strlen(nid) == 17 ? nid + 4 : nid;
}

static void brn_canonical(const char *brn, char out[18])
{
    strcpy(out, brn);
    if (strlen(brn) != 16)
        return;
    memmove(out + 12, out + 11, 6);
    out[11] = '0';
}

static bool same_text(const char *a, const char *b)
{
    return *a && strcmp(a, b) == 0;
}

static bool same_brn(const record *a, const record *b)
{
    char x[18], y[18];
    brn_canonical(a->brn, x);
    brn_canonical(b->brn, y);
    return same_text(x, y);
}

static void assert_shares_as_declared(const record *first, const record *r)
{
    static const struct {
        bool nid, brn, wallet;
    } declared[OVERLAP_COUNT] = {
#define X(KIND, kind, rate, nid, brn, wallet) {nid, brn, wallet},
#include "overlap.def"
#undef X
    };
    assert_int_equal(*first->nid && *r->nid && strcmp(card(first->nid), card(r->nid)) == 0,
                     declared[r->overlap].nid);
    assert_int_equal(same_brn(first, r), declared[r->overlap].brn);
    assert_int_equal(same_text(first->wallet, r->wallet) && first->provider == r->provider,
                     declared[r->overlap].wallet);
    assert_string_not_equal(first->mobile, r->mobile);
    assert_false(same_text(first->account, r->account));
    assert_true(*r->nid || *r->brn);
    assert_true(*r->name_bn || *r->name_en);
}

static void assert_relates_as_declared(const record *first, const record *r)
{
    bool common = (*first->name_bn && *r->name_bn) || (*first->name_en && *r->name_en);
    bool equal = (!*first->name_bn || !*r->name_bn || strcmp(first->name_bn, r->name_bn) == 0) &&
                 (!*first->name_en || !*r->name_en || strcmp(first->name_en, r->name_en) == 0);
    size_t a = strlen(first->nid), b = strlen(r->nid);
    if (r->overlap == OVERLAP_SWAPPED_DATE) {
        assert_int_equal(first->birth.day, r->birth.month);
        assert_int_equal(first->birth.month, r->birth.day);
        assert_int_not_equal(first->birth.day, r->birth.day);
        assert_true(common && equal);
    } else {
        assert_memory_equal(&first->birth, &r->birth, sizeof r->birth);
    }
    assert_true(r->overlap != OVERLAP_SAME_NID || strcmp(first->nid, r->nid) == 0);
    assert_true(r->overlap != OVERLAP_NID_13_17 || (a == 13 && b == 17) || (a == 17 && b == 13));
    assert_true(r->overlap != OVERLAP_NID_10_17 || (a == 10 && b == 17) || (a == 17 && b == 10));
    assert_true(r->overlap != OVERLAP_NID_BRN || (a > 0) != (b > 0));
    assert_true(r->overlap != OVERLAP_ROMANISED || !common);
    assert_true(r->overlap != OVERLAP_RESPELLED || (common && !equal));
    if (r->overlap == OVERLAP_NID_10_17 || r->overlap == OVERLAP_NID_BRN)
        assert_true(common && equal);
}

static void test_overlaps_share_what_they_declare(void **state)
{
    (void)state;
    unsigned seen[OVERLAP_COUNT] = {0}, five = 0;
    for (uint64_t n = 0; n < PERSONS / BLOCK_PEOPLE; n++) {
        block b;
        record r[ENROLMENTS_MAX];
        block_make(&w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE; i++) {
            unsigned count = records_of(&b, i, r);
            for (unsigned k = 0; k < count; k++) {
                seen[r[k].overlap]++;
                assert_int_equal(r[k].overlap == OVERLAP_FIRST, k == 0);
                if (k > 0) {
                    assert_shares_as_declared(&r[0], &r[k]);
                    assert_relates_as_declared(&r[0], &r[k]);
                }
            }
            five += count >= 4;
        }
    }
    for (int k = 0; k < OVERLAP_COUNT; k++)
        assert_in_range(seen[k], 50, PERSONS);
    assert_in_range(five, 20, PERSONS / 50);
}

static void test_a_person_is_a_function_of_seed_and_number(void **state)
{
    (void)state;
    static world larger, other;
    block a, b, c;
    unsigned differ = 0;
    world_init(&larger, w.seed, PERSONS_MAX);
    world_init(&other, w.seed + 1, PERSONS);
    for (uint64_t n = 400; n-- > 300;) { /* backwards: no memory of those before */
        block_make(&w, n, &a);
        block_make(&larger, n, &b);
        block_make(&other, n, &c);
        assert_memory_equal(a.p, b.p, sizeof a.p);
        differ += memcmp(a.p, c.p, sizeof a.p) != 0;
    }
    assert_int_equal(differ, 100);
}

static void test_families_agree(void **state)
{
    (void)state;
    unsigned mothers = 0, twins = 0, namesakes = 0;
    for (uint64_t n = 0; n < PERSONS / BLOCK_PEOPLE; n++) {
        block b;
        block_make(&w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE; i++) {
            const person *p = &b.p[i];
            full_name own = person_name(&w, &b, i), mother = person_mother(&w, &b, i);
            unsigned like = person_namesake(&w, &b, i);
            for (unsigned k = p->first; p->kin >= KIN_CHILD && k < i; k++) {
                if (b.p[k].kin != KIN_WIFE || person_namesake(&w, &b, k) != NOBODY)
                    continue;
                full_name wife = person_name(&w, &b, k);
                assert_memory_equal(&wife, &mother, sizeof wife);
                assert_true(b.p[k].birth_year + 14 < p->birth_year);
                mothers++;
            }
            if (p->twin != NOBODY) {
                birth_date x = person_birth(&w, &b, i, false), y = person_birth(&w, &b, p->twin, false);
                full_name earlier = person_name(&w, &b, p->twin);
                assert_memory_equal(&x, &y, sizeof x);
                assert_int_equal(p->sex, b.p[p->twin].sex);
                assert_int_equal(p->first, b.p[p->twin].first);
                assert_true(person_namesake(&w, &b, p->twin) != NOBODY ||
                            memcmp(own.part, earlier.part, sizeof own.part) != 0);
                twins++;
            }
            if (like != NOBODY) {
                full_name theirs = person_name(&w, &b, like);
                assert_memory_equal(&own, &theirs, sizeof own);
                assert_int_not_equal(p->first, b.p[like].first);
                namesakes++;
            }
        }
    }
    assert_in_range(mothers, 500, PERSONS);
    assert_in_range(twins, 50, PERSONS / 50);
    assert_in_range(namesakes, 200, PERSONS / 20);
}

static void test_birth_dates_are_heaped(void **state)
{
    (void)state;
    unsigned adults = 0, first_of_january = 0;
    for (uint64_t n = 0; n < PERSONS / BLOCK_PEOPLE; n++) {
        block b;
        block_make(&w, n, &b);
        for (unsigned i = 0; i < BLOCK_PEOPLE; i++) {
            birth_date d = person_birth(&w, &b, i, false);
            if (b.p[i].birth_year > 1995)
                continue;
            adults++;
            first_of_january += d.month == 1 && d.day == 1;
        }
    }
    assert_in_range(first_of_january * 1000 / adults, 310, 360);
}

/* By the book: from the right, every second digit doubled, digits summed. */
static bool luhn_holds(const char *digits)
{
    int sum = 0;
    for (size_t i = 0, n = strlen(digits); i < n; i++) {
        int d = digits[n - 1 - i] - '0';
        sum += i % 2 ? (d * 2) / 10 + (d * 2) % 10 : d;
    }
    return sum % 10 == 0;
}

static bool breaks_allocation_rule(const char *nid)
{
    for (int i = 0; i + 2 < 10; i++)
        if (nid[i] == nid[i + 1] && nid[i] == nid[i + 2])
            return true;
    return nid[0] == '0';
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void assert_unique(char (*numbers)[18], size_t count)
{
    qsort(numbers, count, sizeof *numbers, by_text);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(numbers[i - 1], numbers[i]);
}

static void test_nids_are_well_formed_and_nobodys(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    char(*all)[18] = calloc(COUNT, sizeof *all);
    assert_non_null(all);
    for (uint64_t i = 0; i < COUNT; i++) {
        char nid[11];
        identifier_nid10(w.seed, i * 149, nid);
        assert_int_equal(strspn(nid, "0123456789"), 10);
        assert_true(luhn_holds(nid));
        assert_true(breaks_allocation_rule(nid));
        memcpy(all[i], nid, sizeof nid);
    }
    assert_unique(all, COUNT);
    free(all);
}

/* Serial numbers never collide within a place, even in the largest population. */
static void test_registrations_are_unique(void **state)
{
    (void)state;
    enum { COUNT = 3000 * BLOCK_PEOPLE };
    char(*nids)[18] = calloc(COUNT, sizeof *nids), (*brns)[18] = calloc(COUNT * 2, sizeof *brns);
    assert_non_null(nids);
    assert_non_null(brns);
    for (size_t i = 0; i < COUNT; i++) {
        block b;
        if (i % BLOCK_PEOPLE == 0)
            block_make(&w, (i / BLOCK_PEOPLE) * 156, &b);
        registration r = person_registration(&w, &b, (unsigned)(i % BLOCK_PEOPLE));
        assert_in_range(r.serial, 0, SECOND_SERIALS - 1);
        char nid17[18];
        identifier_nid13(&r, nids[i]);
        identifier_nid17(&r, nid17);
        assert_string_equal(nid17 + 4, nids[i]);
        assert_int_equal(atoi((char[]){nid17[0], nid17[1], nid17[2], nid17[3], 0}), r.birth_year);
        identifier_brn17(&r, false, brns[2 * i]);
        identifier_brn17(&r, true, brns[2 * i + 1]);
    }
    assert_unique(nids, COUNT);
    assert_unique(brns, COUNT * 2);
    free(nids);
    free(brns);
}

static void test_payment_numbers_are_well_formed(void **state)
{
    (void)state;
    static const int weight[] = {5, 7, 1, 5, 7, 1, 5, 7, 1};
    enum { COUNT = 100000 };
    char(*mobiles)[18] = calloc(COUNT, sizeof *mobiles), (*accounts)[18] = calloc(COUNT, sizeof *accounts);
    assert_non_null(mobiles);
    assert_non_null(accounts);
    for (uint64_t i = 0; i < COUNT; i++) {
        char mobile[12], account[14], routing[10], rocket[13];
        int sum = 0;
        identifier_mobile(w.seed, i / 3 * 899, (unsigned)(i % 3) * 7, mobile);
        identifier_account(w.seed, i / 2, (unsigned)(i % 2), account);
        identifier_routing(w.seed, 10040913 + (uint32_t)(i % 60) * 10000, (unsigned)i % 6, routing);
        identifier_rocket(mobile, rocket);
        assert_memory_equal(mobile, "01", 2);
        assert_in_range(mobile[2], '3', '9');
        assert_int_equal(strlen(mobile), 11);
        assert_int_equal(strlen(rocket), 12);
        assert_int_equal(strlen(account), 13);
        assert_int_equal(strlen(routing), 9);
        for (int k = 0; k < 9; k++)
            sum += weight[k] * (routing[k] - '0');
        assert_int_equal(sum % 10, 0);
        memcpy(mobiles[i], mobile, sizeof mobile);
        memcpy(accounts[i], account, sizeof account);
    }
    assert_unique(mobiles, COUNT);
    assert_unique(accounts, COUNT);
    free(mobiles);
    free(accounts);
}

static void test_older_birth_numbers_become_todays(void **state)
{
    (void)state;
    char brn16[17], back[18];
    identifier_brn16("19790912166012345", brn16);
    assert_string_equal(brn16, "1979091216612345");
    brn_canonical(brn16, back);
    assert_string_equal(back, "19790912166012345");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overlaps_share_what_they_declare),
        cmocka_unit_test(test_a_person_is_a_function_of_seed_and_number),
        cmocka_unit_test(test_families_agree),
        cmocka_unit_test(test_birth_dates_are_heaped),
        cmocka_unit_test(test_nids_are_well_formed_and_nobodys),
        cmocka_unit_test(test_registrations_are_unique),
        cmocka_unit_test(test_payment_numbers_are_well_formed),
        cmocka_unit_test(test_older_birth_numbers_become_todays),
    };
    world_init(&w, 42, PERSONS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
