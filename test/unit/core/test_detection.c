/*
 * test_detection.c - what the check digits find: every single wrong digit and every exchange of neighbours in many
 * valid numbers. Holds each miss to the reason for it, and prints the rates that extension/core/README.md publishes.
 */
#include "identifier_table.h"

enum { NUMBERS = 3000, LONGEST = 10 };

/* One scheme of checking. */
typedef struct {
    const char *name;
    int digits;
    bool (*holds)(const char *number);
    /* May the scheme miss digit `from` at index `at` written as `to`; may it miss the neighbours a, b exchanged. */
    bool (*blind_to_digit)(int at, int from, int to);
    bool (*blind_to_exchange)(int a, int b);
    int singles_found, singles_made, exchanges_found; /* of the ways that are different */
} scheme;

static bool luhn_holds(const char *number)
{
    ekok_nid nid;
    bool ok = false;

    assert_int_equal(ekok_nid_parse(span_of(number), &nid).code, EKOK_OK);
    assert_true(ekok_nid_check_digit(nid, &ok));
    return ok;
}

static bool never(int at, int from, int to)
{
    (void)at;
    (void)from;
    (void)to;
    return false;
}

static bool nought_and_nine(int a, int b)
{
    return (a == 0 && b == 9) || (a == 9 && b == 0);
}

static bool routing_holds(const char *number)
{
    ekok_bank_routing routing;

    return ekok_bank_routing_parse(span_of(number), &routing).code == EKOK_OK;
}

/* Weight 5, in positions 1, 4 and 7, sees only whether a digit is odd or even. */
static bool same_parity_under_weight_5(int at, int from, int to)
{
    return at % 3 == 0 && (from - to) % 2 == 0;
}

/* Neighbouring weights differ by an even number that 5 does not divide. */
static bool five_apart(int a, int b)
{
    return a - b == 5 || b - a == 5;
}

static const scheme SCHEMES[] = {
    {"Luhn, NID of 10 digits", 10, luhn_holds, never, nought_and_nine, 819, 819, 88},
    {"5-7-1, routing number", 9, routing_holds, same_parity_under_weight_5, five_apart, 690, 810, 80},
};

/* A number that the scheme accepts. It begins with 0, as no issued NID does. */
static void valid_number(const scheme *s, uint64_t *seed, char number[LONGEST + 1])
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    snprintf(number, LONGEST + 1, "%0*u", s->digits - 1, (unsigned)(*seed >> 33) % 100000000);
    number[s->digits] = '\0';
    for (number[s->digits - 1] = '0'; number[s->digits - 1] <= '9'; number[s->digits - 1]++) {
        if (s->holds(number)) {
            return;
        }
    }
    fail_msg("no digit completes a number");
}

/* Ways of going wrong, by index (0 for exchanges: it does not matter where) and the two digits. */
typedef struct {
    bool made[LONGEST][10][10], found[LONGEST][10][10];
} tally;

static void note(tally *sum, int at, int from, int to, bool found)
{
    sum->made[at][from][to] = true;
    sum->found[at][from][to] = found;
}

static int total(bool ways[LONGEST][10][10])
{
    int sum = 0;

    for (int i = 0; i < LONGEST * 10 * 10; i++) {
        sum += ways[i / 100][i / 10 % 10][i % 10];
    }
    return sum;
}

static void wrong_digits(const scheme *s, const char *valid, tally *sum)
{
    for (int at = 0; at < s->digits; at++) {
        char wrong[LONGEST + 1];
        memcpy(wrong, valid, sizeof wrong);
        for (wrong[at] = '0'; wrong[at] <= '9'; wrong[at]++) {
            if (wrong[at] != valid[at]) {
                int from = valid[at] - '0', to = wrong[at] - '0';
                note(sum, at, from, to, !s->holds(wrong));
                assert_int_equal(s->holds(wrong), s->blind_to_digit(at, from, to));
            }
        }
    }
}

static void exchanged_neighbours(const scheme *s, const char *valid, tally *sum)
{
    for (int at = 0; at + 1 < s->digits; at++) {
        char wrong[LONGEST + 1];
        memcpy(wrong, valid, sizeof wrong);
        wrong[at] = valid[at + 1];
        wrong[at + 1] = valid[at];
        if (wrong[at] != valid[at]) {
            int first = valid[at] - '0', second = valid[at + 1] - '0';
            note(sum, 0, first, second, !s->holds(wrong));
            assert_int_equal(s->holds(wrong), s->blind_to_exchange(first, second));
        }
    }
}

static void detection_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(SCHEMES); i++) {
        const scheme *s = &SCHEMES[i];
        uint64_t seed = 20240101;
        tally singles = {0}, exchanges = {0};
        for (int n = 0; n < NUMBERS; n++) {
            char valid[LONGEST + 1];
            valid_number(s, &seed, valid);
            wrong_digits(s, valid, &singles);
            exchanged_neighbours(s, valid, &exchanges);
        }
        print_message(
            "%s: finds %d of %d single wrong digits (%.1f %%), %d of %d exchanged neighbours (%.1f %%)\n",
            s->name, total(singles.found), total(singles.made),
            100.0 * total(singles.found) / total(singles.made), total(exchanges.found), total(exchanges.made),
            100.0 * total(exchanges.found) / total(exchanges.made));
        assert_int_equal(total(singles.made), s->singles_made);
        assert_int_equal(total(singles.found), s->singles_found);
        assert_int_equal(total(exchanges.made), 90);
        assert_int_equal(total(exchanges.found), s->exchanges_found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(detection_rates)};
    return cmocka_run_group_tests_name("core/detection", tests, NULL, NULL);
}
