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

enum { PROVIDER_SHIFT = 40, SUBSCRIBER_SHIFT = 4, EXTRA_MASK = 15, EXTRA_MAX = 9 };

static const uint64_t TEN_TO_10 = UINT64_C(10000000000);
static const uint64_t COUNTRY = UINT64_C(8800000000000);

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
static ekok_status rocket_from_digits(ekok_digits digits, ekok_wallet *out)
{
    if (digits.count != 12 && digits.count != 14) {
        return ekok_status_at(EKOK_BAD_LENGTH, 0);
    }
    out->extra = (int)(digits.value % 10);
    digits.value /= 10;
    digits.count--;
    return ekok_msisdn_from_digits(&digits, &out->msisdn);
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
        status = rocket_from_digits(digits, &wallet);
    } else {
        status = ekok_msisdn_from_digits(&digits, &wallet.msisdn);
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

ekok_wallet_word ekok_wallet_pack(ekok_wallet wallet)
{
    return (ekok_wallet_word){(uint64_t)wallet.provider << PROVIDER_SHIFT |
                              wallet.msisdn.bits % TEN_TO_10 << SUBSCRIBER_SHIFT |
                              (uint64_t)(wallet.extra + 1)};
}

bool ekok_wallet_unpack(ekok_wallet_word word, ekok_wallet *out)
{
    uint64_t provider = word.bits >> PROVIDER_SHIFT;
    uint64_t subscriber =
        (word.bits >> SUBSCRIBER_SHIFT) & ((UINT64_C(1) << (PROVIDER_SHIFT - SUBSCRIBER_SHIFT)) - 1);
    int extra = (int)(word.bits & EXTRA_MASK) - 1;

    if (provider <= EKOK_WALLET_NONE || provider > EKOK_WALLET_UPAY || subscriber >= TEN_TO_10 ||
        extra > EXTRA_MAX) {
        return false;
    }
    out->provider = (ekok_wallet_provider)provider;
    out->msisdn.bits = COUNTRY + subscriber;
    out->extra = extra;
    return true;
}

static bool is_letter(char c)
{
    return ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z';
}

static bool is_between(char c)
{
    return c == ':' || c == ' ' || c == '-' || c == '/';
}

/* Where the provider's name begins and ends, and where the number begins. */
typedef struct {
    size_t name, name_end, number;
} wallet_shape;

static wallet_shape shape_of(ekok_span text)
{
    wallet_shape shape = {0};

    while (shape.name < text.n && text.p[shape.name] == ' ') {
        shape.name++;
    }
    shape.name_end = shape.name;
    while (shape.name_end < text.n && is_letter(text.p[shape.name_end])) {
        shape.name_end++;
    }
    shape.number = shape.name_end;
    while (shape.number < text.n && is_between(text.p[shape.number])) {
        shape.number++;
    }
    return shape;
}

/* Moves a position within the part that begins at `from`, all before it being ASCII, to one within the whole. */
static ekok_status moved(ekok_status status, size_t from)
{
    return ekok_status_at(status.code, status.position == 0 ? 0 : status.position + (int)from);
}

ekok_status ekok_wallet_word_parse(ekok_span text, ekok_wallet_word *out)
{
    ekok_wallet wallet;
    ekok_wallet_provider provider = EKOK_WALLET_NONE;

    if (text.n > EKOK_IDENTIFIER_TEXT_MAX) {
        return ekok_status_at(EKOK_TOO_LONG, 0);
    }
    wallet_shape shape = shape_of(text);
    if (shape.name == text.n) {
        return ekok_status_at(EKOK_EMPTY, 0);
    }
    if (shape.name == shape.name_end) {
        return ekok_status_at(EKOK_NO_PROVIDER, 0);
    }
    ekok_span name = {text.p + shape.name, shape.name_end - shape.name};
    if (ekok_wallet_provider_parse(name, &provider).code != EKOK_OK || shape.number == shape.name_end) {
        return ekok_status_at(EKOK_BAD_PROVIDER, (int)shape.name + 1);
    }
    ekok_span number = {text.p + shape.number, text.n - shape.number};
    ekok_status status = ekok_wallet_parse(provider, number, &wallet);
    if (status.code == EKOK_OK) {
        *out = ekok_wallet_pack(wallet);
    }
    return moved(status, shape.number);
}

size_t ekok_wallet_word_format(ekok_wallet_word word, char out[EKOK_WALLET_TEXT])
{
    ekok_wallet wallet;
    size_t n = 0;

    out[0] = '\0';
    if (!ekok_wallet_unpack(word, &wallet)) {
        return 0;
    }
    for (const char *name = ekok_wallet_provider_name(wallet.provider); *name != '\0'; name++) {
        out[n++] = *name;
    }
    out[n++] = ':';
    return n + ekok_wallet_format(wallet, out + n);
}
