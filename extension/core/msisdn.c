/*
 * msisdn.c - the mobile number, kept as 8801XXXXXXXXX.
 *
 * Series 013 to 019 are in use. Number portability means that a series does not tell today's operator, so no
 * operator is derived.
 */
#include "msisdn.h"

enum { SUBSCRIBER_DIGITS = 10 /* 1XXXXXXXXX */ };

static const uint64_t COUNTRY = UINT64_C(8800000000000);

/* Where the ten digits 1XXXXXXXXX begin, or -1 when what stands before them is not 0, 880 or nothing. */
static int subscriber_at(const ekok_digits *digits, int count)
{
    int at = count - SUBSCRIBER_DIGITS;

    if (at == 3) {
        return ekok_digits_value(digits, 0, 3) == 880 ? at : -1;
    }
    return digits->plus || (at == 1 && digits->digit[0] != 0) ? -1 : at;
}

ekok_status ekok_msisdn_from_digits(const ekok_digits *digits, int count, ekok_msisdn *out)
{
    if (count != 10 && count != 11 && count != 13) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    int at = subscriber_at(digits, count);
    if (at < 0 || digits->digit[at] != 1 || digits->digit[at + 1] < 3) {
        return ekok_status_at(EKOK_BAD_PREFIX, digits->first);
    }
    out->bits = COUNTRY + ekok_digits_value(digits, at, SUBSCRIBER_DIGITS);
    return ekok_status_ok();
}

ekok_status ekok_msisdn_parse(ekok_span text, ekok_msisdn *out)
{
    ekok_digits digits;
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_WITH_PLUS, &digits);

    return status.code == EKOK_OK ? ekok_msisdn_from_digits(&digits, digits.count, out) : status;
}

size_t ekok_msisdn_format(ekok_msisdn msisdn, char out[EKOK_DIGITS_TEXT])
{
    return ekok_digits_write(msisdn.bits, 13, out);
}
