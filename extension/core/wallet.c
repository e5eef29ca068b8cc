/*
 * wallet.c - a mobile money account: a provider and a mobile number.
 *
 * Rocket writes one more digit behind the number. How it is made is not public: it is kept, never judged and
 * never derived, so an 11-digit Rocket number is refused - nobody could be paid by it.
 */
#include "msisdn.h"

static const char *const NAMES[] = {
    [EKOK_WALLET_NONE] = "NONE",     [EKOK_WALLET_BKASH] = "BKASH", [EKOK_WALLET_NAGAD] = "NAGAD",
    [EKOK_WALLET_ROCKET] = "ROCKET", [EKOK_WALLET_UPAY] = "UPAY",
};

static const uint64_t TEN_TO_10 = UINT64_C(10000000000);

static ekok_span trim_spaces(ekok_span text)
{
    while (text.n > 0 && text.p[0] == ' ') {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && text.p[text.n - 1] == ' ') {
        text.n--;
    }
    return text;
}

static char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* ASCII letters of text may be of either case; name is upper case. */
static bool is_name(ekok_span text, const char *name)
{
    size_t i = 0;

    while (i < text.n && name[i] != '\0' && ascii_upper(text.p[i]) == name[i]) {
        i++;
    }
    return i == text.n && name[i] == '\0';
}

ekok_status ekok_wallet_provider_parse(ekok_span text, ekok_wallet_provider *out)
{
    if (text.n > EKOK_IDENTIFIER_TEXT_MAX) {
        return ekok_status_at(EKOK_TOO_LONG, 0);
    }
    ekok_span word = trim_spaces(text);
    for (int i = EKOK_WALLET_BKASH; i <= EKOK_WALLET_UPAY; i++) {
        if (is_name(word, NAMES[i])) {
            *out = (ekok_wallet_provider)i;
            return ekok_status_ok();
        }
    }
    return ekok_status_at(word.n == 0 ? EKOK_EMPTY : EKOK_BAD_PROVIDER, 0);
}

const char *ekok_wallet_provider_name(ekok_wallet_provider provider)
{
    return NAMES[(unsigned)provider <= EKOK_WALLET_UPAY ? provider : EKOK_WALLET_NONE];
}

/* 12 digits, or 14 with the country code; the last one is Rocket's own. */
static ekok_status rocket_from_digits(const ekok_digits *digits, ekok_wallet *out)
{
    int last = digits->count - 1;

    if (digits->count != 12 && digits->count != 14) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    out->extra = digits->digit[last];
    return ekok_msisdn_from_digits(digits, last, &out->msisdn);
}

ekok_status ekok_wallet_parse(ekok_wallet_provider provider, ekok_span text, ekok_wallet *out)
{
    ekok_digits digits;
    ekok_wallet wallet = {.provider = provider, .extra = -1};

    if (provider <= EKOK_WALLET_NONE || provider > EKOK_WALLET_UPAY) {
        return ekok_status_at(EKOK_BAD_PROVIDER, 0);
    }
    ekok_status status = ekok_digits_read(text, EKOK_DIGITS_WITH_PLUS, &digits);
    if (status.code != EKOK_OK) {
        return status;
    }
    if (provider == EKOK_WALLET_ROCKET) {
        status = rocket_from_digits(&digits, &wallet);
    } else {
        status = ekok_msisdn_from_digits(&digits, digits.count, &wallet.msisdn);
    }
    if (status.code == EKOK_OK) {
        *out = wallet;
    }
    return status;
}

size_t ekok_wallet_format(ekok_wallet wallet, char out[EKOK_DIGITS_TEXT])
{
    uint64_t subscriber = wallet.msisdn.bits % TEN_TO_10;

    if (wallet.provider != EKOK_WALLET_ROCKET || wallet.extra < 0) {
        return ekok_digits_write(subscriber, 11, out);
    }
    return ekok_digits_write(subscriber * 10 + (uint64_t)wallet.extra, 12, out);
}
