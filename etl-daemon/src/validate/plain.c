/* plain.c - see plain.h. */
#include "validate/plain.h"

#include "core/identifier.h"
#include "validate/text.h"

bool plain_date(const date_rule *rule, span text, civil_date *out, reason_list *reasons)
{
    civil_date date = {0, 0, 0};
    civil_date earliest = {rule->today.year - DATE_YEARS_BACK, rule->today.month, rule->today.day};

    if (!date_parse(rule->pattern, text, &date)) {
        reason_add(reasons, REASON_BAD_DATE_FORMAT, rule->field, NULL, 0);
        return false;
    }
    if (!date_exists(date)) {
        reason_add(reasons, REASON_IMPOSSIBLE_DATE, rule->field, NULL, 0);
        return false;
    }
    if (date_compare(date, rule->today) > 0 || date_compare(date, earliest) < 0) {
        reason_add(reasons, REASON_DATE_OUT_OF_RANGE, rule->field, NULL, 0);
        return false;
    }
    *out = date;
    return true;
}

static bool bad_amount(reason_list *reasons, const char *detail)
{
    reason_add(reasons, REASON_BAD_AMOUNT, TARGET_AMOUNT, detail, 0);
    return false;
}

/*
 * Reads the digits at the head of *text onto *value, which stays within AMOUNT_PAISA_MAX; returns their
 * count.
 */
static int take_digits(span *text, int64_t *value, bool *too_high)
{
    int digit, count = 0;

    while ((digit = text_take_digit(text)) >= 0) {
        *value = *value * 10 + digit;
        if (*value > AMOUNT_PAISA_MAX) {
            *too_high = true;
            *value = AMOUNT_PAISA_MAX;
        }
        count++;
    }
    return count;
}

bool plain_amount(span text, bool in_paisa, int64_t *out, reason_list *reasons)
{
    int64_t value = 0;
    int decimals = in_paisa ? 2 : 0; /* those that the value already holds */
    bool too_high = false;

    if (take_digits(&text, &value, &too_high) == 0) {
        return bad_amount(reasons, "no digit stands at its head");
    }
    if (!in_paisa && text.n > 0 && text.p[0] == '.') {
        text.p++;
        text.n--;
        decimals = take_digits(&text, &value, &too_high);
        if (decimals < 1 || decimals > 2) {
            return bad_amount(reasons, "one or two decimals follow the point");
        }
    }
    if (text.n > 0) {
        return bad_amount(reasons, "only digits and one decimal point are read");
    }
    for (; decimals < 2; decimals++) {
        value *= 10;
    }
    if (too_high || value > AMOUNT_PAISA_MAX) {
        return bad_amount(reasons, "it is more than 10^12 paisa");
    }
    *out = value;
    return true;
}

bool plain_score(span text, int *hundredths, reason_list *reasons)
{
    int64_t value = 0;
    int decimals = 0;
    bool too_high = false, good = take_digits(&text, &value, &too_high) > 0;

    if (good && text.n > 0 && text.p[0] == '.') {
        text.p++;
        text.n--;
        decimals = take_digits(&text, &value, &too_high);
        good = decimals == 1 || decimals == 2;
    }
    for (; good && decimals < 2; decimals++) {
        value *= 10;
    }
    if (!good || text.n > 0 || value > SCORE_MAX) {
        reason_add(reasons, REASON_BAD_SCORE, TARGET_PMT, NULL, 0);
        return false;
    }
    *hundredths = (int)value;
    return true;
}

bool plain_geocode(span text, char out[9], reason_list *reasons)
{
    int digit, count = 0;
    char code[9] = "";
    ekok_geocode geocode;

    while (count < 8 && (digit = text_take_digit(&text)) >= 0) {
        code[count++] = (char)('0' + digit);
    }
    ekok_status status = ekok_geocode_parse((ekok_span){code, (size_t)count}, &geocode);
    if (text.n > 0 ||
        status.code != EKOK_OK) { /* a separator may stand for a part that is missing: not read here */
        reason_add(reasons, REASON_BAD_GEOCODE, TARGET_GEO, text.n > 0 ? NULL : ekok_code_detail(status.code),
                   0);
        return false;
    }
    memcpy(out, code, sizeof code);
    return true;
}
