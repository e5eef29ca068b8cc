/*
 * msisdn.c - the mobile number, kept as 8801XXXXXXXXX.
 *
 * Series 013 to 019 are in use. Number portability means that a series does not tell today's operator, so no
 * operator is derived.
 */
#include "msisdn.h"

enum { LEAST_SERIES = 13 };

static const uint64_t TEN_TO_8 = UINT64_C(100000000);
static const uint64_t TEN_TO_10 = UINT64_C(10000000000);
static const uint64_t COUNTRY = 880;

/* What may stand before the ten digits 1XXXXXXXXX: 880, or without a plus a 0 or nothing. */
static bool prefix_ok(const ekok_digits *digits)
{
    uint64_t prefix = digits->value / TEN_TO_10;

    return digits->count == 13 ? prefix == COUNTRY : prefix == 0 && !digits->plus;
}

ekok_status ekok_msisdn_from_digits(const ekok_digits *digits, ekok_msisdn *out)
{
    if (digits->count != 10 && digits->count != 11 && digits->count != 13) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    uint64_t subscriber = digits->value % TEN_TO_10;
    uint64_t series = subscriber / TEN_TO_8;
    if (!prefix_ok(digits) || series < LEAST_SERIES || series > LEAST_SERIES + 6) {
        return ekok_status_at(EKOK_BAD_PREFIX, digits->first);
    }
    out->bits = COUNTRY * TEN_TO_10 + subscriber;
    return ekok_status_ok();
}

ekok_status ekok_msisdn_parse(ekok_span text, ekok_msisdn *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_WITH_PLUS, &digits);

    return status.code == EKOK_OK ? ekok_msisdn_from_digits(&digits, out) : status;
}

size_t ekok_msisdn_format(ekok_msisdn msisdn, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(msisdn.bits, 13, out);
}

int ekok_msisdn_series(ekok_msisdn msisdn)
{
    return (int)(msisdn.bits % TEN_TO_10 / TEN_TO_8);
}
