/*
 * identifiers.c - see identifiers.h. Structures and their sources are those of the reference tables of the project.
 */
#include "identifiers.h"

#include <stdio.h>
#include <string.h>

#include "permute.h"
#include "rng.h"

static void put(char *out, int digits, uint64_t value)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    out[digits] = '\0';
}

int luhn_digit(const char *digits, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int d = digits[count - 1 - i] - '0';
        if (i % 2 == 0)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return (10 - sum % 10) % 10;
}

enum { NID10_TRIPLE_SECOND = 9 * 10 * 100000, NID10_TRIPLE_THIRD = 9 * 10 * 9 * 10000 };
enum { NID10_TRIPLES = NID10_TRIPLE_SECOND + NID10_TRIPLE_THIRD, NID10_ALL = 2 * NID10_TRIPLES };

/* Half begin with 0; half have a digit three times running from the second or from the third place on. */
void identifier_nid10(uint64_t seed, uint64_t person, char out[11])
{
    uint64_t x = permute(draw(seed, DRAW_NID, 0), NID10_ALL, person);
    if (x < NID10_TRIPLE_SECOND) { /* d ttt ddddd */
        put(out, 1, 1 + x / 1000000);
        put(out + 1, 3, x / 100000 % 10 * 111);
        put(out + 4, 5, x % 100000);
    } else if (x < NID10_TRIPLES) { /* dd ttt dddd, the second digit not t */
        x -= NID10_TRIPLE_SECOND;
        uint64_t t = x / 90000 % 10, other = x / 10000 % 9;
        put(out, 1, 1 + x / 900000);
        put(out + 1, 1, other < t ? other : other + 1);
        put(out + 2, 3, t * 111);
        put(out + 5, 4, x % 10000);
    } else {
        put(out, 9, permute(draw(seed, DRAW_NID, 1), 100000000, x - NID10_TRIPLES));
    }
    out[9] = (char)('0' + luhn_digit(out, 9));
    out[10] = '\0';
}

/* district 2, RMO 1, upazila 2, union 2 */
static uint64_t geo7(const registration *r)
{
    uint64_t district = r->place_code / 10000 % 100, rest = r->place_code % 10000;
    return district * 100000 + (uint64_t)r->rmo * 10000 + rest;
}

void identifier_nid13(const registration *r, char out[14])
{
    uint64_t key = draw(r->seed, DRAW_SERIAL, r->place_code);
    put(out, 7, geo7(r));
    put(out + 7, 6, permute(key, SERIALS_OF_A_PLACE, r->serial));
}

void identifier_nid17(const registration *r, char out[18])
{
    put(out, 4, (uint64_t)r->birth_year);
    identifier_nid13(r, out + 4);
}

bool identifier_brn17(const registration *r, bool second, char out[18])
{
    uint64_t key = draw(r->seed, DRAW_BRN, r->place_code);
    uint64_t serial = permute(key, SERIALS_OF_A_PLACE, r->serial + (second ? SECOND_SERIALS : 0));
    put(out, 4, (uint64_t)r->birth_year);
    put(out + 4, 7, geo7(r));
    put(out + 11, 6, serial);
    return serial < 100000;
}

void identifier_brn16(const char brn17[18], char out[17])
{
    memcpy(out, brn17, 11);
    memcpy(out + 11, brn17 + 12, 6);
}

void identifier_mobile(uint64_t seed, uint64_t person, unsigned slot, char out[12])
{
    static const char *const prefix[] = {"017", "018", "019", "013", "016", "014", "015"};
    uint64_t x = permute(draw(seed, DRAW_MOBILE, 0), 700000000, person * MOBILE_SLOTS + slot);
    memcpy(out, prefix[x / 100000000], 3);
    put(out + 3, 8, x % 100000000);
}

void identifier_rocket(const char mobile[12], char out[13])
{
    memcpy(out, mobile, 11);
    out[11] = (char)('0' + mix64((uint64_t)mobile[10] * 131 + (uint64_t)mobile[7]) % 10);
    out[12] = '\0';
}

void identifier_account(uint64_t seed, uint64_t person, unsigned slot, char out[14])
{
    uint64_t x = permute(draw(seed, DRAW_ACCOUNT, 0), 1000000000, person * 8 + slot);
    put(out, 4, x % 7 == 0 ? 100 + x % 900 : 1000 + x % 9000); /* the branch; some begin with a zero */
    put(out + 4, 9, x);
}

/* Real bank codes and district codes, branches of our own, the (inferred) check digit. */
void identifier_routing(uint64_t seed, uint32_t place_code, unsigned branch, char out[10])
{
    static const char *const bank[] = {"200", "010", "135", "185", "090", "125"};
    static const int weight[] = {5, 7, 1, 5, 7, 1, 5, 7};
    uint64_t h = draw(seed, DRAW_ACCOUNT, (uint64_t)place_code * 16 + branch);
    uint32_t district = place_code / 10000 % 100;
    int sum = 0;
    memcpy(out, bank[h % 6], 3);
    put(out + 3, 2, district == 27 ? 28 : district); /* Dinajpur moves aside for Dhaka's second code */
    put(out + 5, 3, 1 + (h >> 8) % 98);
    for (int i = 0; i < 8; i++)
        sum += weight[i] * (out[i] - '0');
    put(out + 8, 1, (uint64_t)((10 - sum % 10) % 10));
}
