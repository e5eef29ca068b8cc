/*
 * bank.c - bank account and bank routing numbers.
 *
 * An account's digits are only counted: banks share no check digit. A routing number must pass the 5-7-1
 * check, a rule inferred from published numbers. Its weight 5 sees only whether a digit is odd or even, so a
 * number that passes may still be no branch's.
 */
#include "digits.h"

enum { COUNT_SHIFT = 58, ACCOUNT_DIGITS_MIN = 8, ACCOUNT_DIGITS_MAX = 17, ROUTING_DIGITS = 9 };

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
    out->bits = (uint64_t)digits.count << COUNT_SHIFT | ekok_digits_value(&digits, 0, digits.count);
    return status;
}

size_t ekok_bank_account_format(ekok_bank_account account, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(account.bits & VALUE_MASK, (int)(account.bits >> COUNT_SHIFT), out);
}

/* The weighted sum over all nine digits, check digit included, is a multiple of ten. */
static bool routing_check_holds(const ekok_digits *digits)
{
    static const unsigned weights[ROUTING_DIGITS] = {5, 7, 1, 5, 7, 1, 5, 7, 1};
    unsigned total = 0;

    for (int i = 0; i < ROUTING_DIGITS; i++) {
        total += weights[i] * digits->digit[i];
    }
    return total % 10 == 0;
}

ekok_status ekok_bank_routing_parse(ekok_span text, ekok_bank_routing *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_PLAIN, &digits);

    if (status.code != EKOK_OK) {
        return status;
    }
    if (digits.count != ROUTING_DIGITS) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    if (!routing_check_holds(&digits)) {
        return ekok_status_at(EKOK_BAD_CHECK_DIGIT, 0);
    }
    out->bits = ekok_digits_value(&digits, 0, ROUTING_DIGITS);
    return status;
}

size_t ekok_bank_routing_format(ekok_bank_routing routing, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(routing.bits, ROUTING_DIGITS, out);
}
