/*
 * leaf.c - see leaf.h. Most of a leaf is the same in all entries of a statement; it is written once, and copied while
 * the values' bytes stay the same.
 */
#include "trace/leaf.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/copy_escape.h"
#include "base/date.h"
#include "wire/copy_rows.h"

enum {
    LEAF_MAX_BYTES = 1 << 30,
    DIGITS = 20,
    LENGTH_BYTES = 4,
    DAYS_TO_2000 = 730425 /* from 1 March of the year 0 */
};

void leaf_writer_init(leaf_writer *w)
{
    buf_init(&w->text, LEAF_MAX_BYTES);
    buf_init(&w->said, LEAF_MAX_BYTES);
    buf_init(&w->head, LEAF_MAX_BYTES);
}

void leaf_writer_free(leaf_writer *w)
{
    buf_free(&w->text);
    buf_free(&w->said);
    buf_free(&w->head);
}

/* Digits behind the point without zeros at their end. */
static size_t fraction(int64_t micro, char *out)
{
    int digits = 6;
    if (micro == 0)
        return 0;
    for (; micro % 10 == 0; digits--)
        micro /= 10;
    return (size_t)sprintf(out, ".%0*" PRId64, digits, micro);
}

size_t leaf_time(int64_t since_2000, char out[LEAF_TIME_TEXT])
{
    const int64_t second = 1000000, of_day = 86400 * second;
    int64_t days = since_2000 / of_day, rest = since_2000 % of_day;
    if (since_2000 == INT64_MAX || since_2000 == INT64_MIN)
        return (size_t)snprintf(out, LEAF_TIME_TEXT, "%s", since_2000 > 0 ? "infinity" : "-infinity");
    if (rest < 0) {
        rest += of_day;
        days--;
    }
    const civil_date on = date_since_march_0000(days + DAYS_TO_2000);
    int64_t seconds = rest / second;
    size_t n = (size_t)snprintf(out, LEAF_TIME_TEXT, "%04d-%02d-%02d %02d:%02d:%02d",
                                on.year > 0 ? on.year : 1 - on.year, on.month, on.day, (int)(seconds / 3600),
                                (int)(seconds / 60 % 60), (int)(seconds % 60));
    n += fraction(rest % second, out + n);
    return n + (size_t)snprintf(out + n, LEAF_TIME_TEXT - n, "+00%s", on.year > 0 ? "" : " BC");
}

static bool add_number(buf *out, span value, bool is_signed)
{
    char digit[DIGITS + 1];
    size_t at = sizeof digit;
    uint64_t number;
    if (!copy_number(value, &number))
        return false;
    bool negative = is_signed && number > INT64_MAX; /* an id or a run that no server gives out */
    for (number = negative ? 0 - number : number; at == sizeof digit || number > 0; number /= 10)
        digit[--at] = (char)('0' + number % 10);
    if (negative)
        digit[--at] = '-';
    return buf_add(out, digit + at, sizeof digit - at);
}

static bool add_time(buf *out, span value)
{
    char text[LEAF_TIME_TEXT];
    uint64_t number;
    return copy_number(value, &number) && buf_add(out, text, leaf_time((int64_t)number, text));
}

static bool add_value(buf *out, int field, span value)
{
    if (!value.p)
        return buf_add(out, "\\N", 2);
    switch (field) {
    case TRAIL_XACT:
    case TRAIL_ID:
    case TRAIL_RUN:
        return add_number(out, value, field != TRAIL_XACT);
    case TRAIL_AT:
        return add_time(out, value);
    case TRAIL_PAGE:
    case TRAIL_COMMITMENT:
        return buf_add(out, "\\\\x", 3) && buf_add_hex(out, value.p, value.n);
    default:
        return copy_escape(out, value);
    }
}

static bool add_values(buf *out, const span value[TRAIL_FIELDS], int first, int last)
{
    for (int i = first; i <= last; i++)
        if (!add_value(out, i, value[i]) || !buf_add_char(out, '\t'))
            return false;
    return true;
}

/* The bytes from the first of these values to the end of the last one, lengths between them included. */
static bool write_head(leaf_writer *w, const span value[TRAIL_FIELDS])
{
    const span first = value[TRAIL_AT], last = value[TRAIL_OP];
    span said = {NULL, 0};
    if (first.p && last.p)
        said = (span){first.p - LENGTH_BYTES, (size_t)(last.p + last.n - first.p) + LENGTH_BYTES};
    if (said.p && said.n == w->said.size && memcmp(said.p, w->said.data, said.n) == 0)
        return true;
    buf_clear(&w->said);
    buf_clear(&w->head);
    return add_values(&w->head, value, TRAIL_AT, TRAIL_OP) && (!said.p || buf_add(&w->said, said.p, said.n));
}

bool leaf_write(leaf_writer *w, const span value[TRAIL_FIELDS], span *out)
{
    buf_clear(&w->text);
    bool good = write_head(w, value) && add_values(&w->text, value, TRAIL_XACT, TRAIL_ID) &&
                buf_add(&w->text, w->head.data, w->head.size) &&
                add_values(&w->text, value, TRAIL_ROW, TRAIL_ROW);
    if (value[TRAIL_COMMITMENT].p)
        good = good && add_value(&w->text, TRAIL_COMMITMENT, value[TRAIL_COMMITMENT]);
    else /* an entry from before commitments is sealed with its images */
        good = good && add_values(&w->text, value, TRAIL_OLD, TRAIL_OLD) &&
               add_value(&w->text, TRAIL_NEW, value[TRAIL_NEW]);
    *out = buf_span(&w->text);
    return good;
}
