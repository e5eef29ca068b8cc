/*
 * bank.c - bank account and bank routing numbers.
 *
 * An account's digits are only counted: banks share no check digit. A routing number must pass the 5-7-1
 * check, a rule inferred from published numbers. Its weight 5 sees only whether a digit is odd or even, so a
 * number that passes may still be no branch's.
 */
#include "digits.h"

enum {
    COUNT_SHIFT = 58,
    ACCOUNT_DIGITS_MIN = 8,
    ACCOUNT_DIGITS_MAX = 17,
    ROUTING_DIGITS = 9,
    ROUTING_DIGITS_LEFT =
        7 /* when a spreadsheet has taken the zeros in front: a bank's code begins with two at most */
};

static const uint64_t VALUE_MASK = (UINT64_C(1) << COUNT_SHIFT) - 1;

ekok_status ekok_bank_account_parse(ekok_span text, ekok_bank_account *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    if (digits.count < ACCOUNT_DIGITS_MIN || digits.count > ACCOUNT_DIGITS_MAX) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    out->bits = (uint64_t)digits.count << COUNT_SHIFT | digits.value;
    return status;
}

int ekok_bank_account_length(ekok_bank_account account)
{
    uint64_t count = account.bits >> COUNT_SHIFT;

    return count >= ACCOUNT_DIGITS_MIN && count <= ACCOUNT_DIGITS_MAX ? (int)count : 0;
}

size_t ekok_bank_account_format(ekok_bank_account account, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(account.bits & VALUE_MASK, ekok_bank_account_length(account), out);
}

/* The weighted sum over all nine digits, check digit included, is a multiple of ten. */
static bool routing_check_holds(uint64_t value)
{
    static const unsigned weights[] = {1, 7, 5}; /* from the right */
    unsigned total = 0;

    for (unsigned i = 0; i < ROUTING_DIGITS; i++, value /= 10) {
        total += weights[i % 3] * (unsigned)(value % 10);
    }
    return total % 10 == 0;
}

/* Reads at least `least` digits; what is missing of nine are zeros in front. */
static ekok_status routing_read(ekok_span text, int least, ekok_bank_routing *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    if (digits.count < least || digits.count > ROUTING_DIGITS) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    if (!routing_check_holds(digits.value)) {
        return ekok_status_at(EKOK_BAD_CHECK_DIGIT, 0);
    }
    out->bits = digits.value;
    return status;
}

ekok_status ekok_bank_routing_parse(ekok_span text, ekok_bank_routing *out)
{
    return routing_read(text, ROUTING_DIGITS, out);
}

ekok_status ekok_bank_routing_pad(ekok_span text, ekok_bank_routing *out)
{
    return routing_read(text, ROUTING_DIGITS_LEFT, out);
}

size_t ekok_bank_routing_format(ekok_bank_routing routing, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(routing.bits, ROUTING_DIGITS, out);
}
