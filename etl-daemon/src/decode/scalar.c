/*
 * scalar.c - see scalar.h. Each call has a parser of its own: envelopes hold a handful of values, not
 * thousands.
 */
#include "decode/scalar.h"

#include <yajl/yajl_parse.h>

typedef struct {
    char *out;
    size_t room, length;
    raw_type type;
    bool kept;
} sink;

static int keep(sink *s, raw_type type, const void *bytes, size_t count)
{
    if (s->kept || count > s->room) {
        return 0;
    }
    if (count > 0) {
        memcpy(s->out, bytes, count);
    }
    s->length = count;
    s->type = type;
    s->kept = true;
    return 1;
}

static int on_null(void *context)
{
    return keep(context, RAW_NULL, "", 0);
}

static int on_boolean(void *context, int value)
{
    return keep(context, RAW_BOOL, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *context, const char *text, size_t count)
{
    return keep(context, RAW_NUMBER, text, count);
}

static int on_string(void *context, const unsigned char *text, size_t count)
{
    return keep(context, RAW_STRING, text, count);
}

bool scalar_decode(span token, char *out, size_t room, raw_type *type, size_t *length)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null, .yajl_boolean = on_boolean, .yajl_number = on_number, .yajl_string = on_string};
    sink s = {.out = out, .room = room};

    if (!scalar_surrogates_paired(token)) {
        return false;
    }
    yajl_handle parser = yajl_alloc(&callbacks, NULL, &s);
    if (parser == NULL) {
        return false;
    }
    bool good = yajl_parse(parser, (const unsigned char *)token.p, token.n) == yajl_status_ok &&
                yajl_complete_parse(parser) == yajl_status_ok && s.kept;
    yajl_free(parser);
    *type = s.type;
    *length = s.length;
    return good;
}

static size_t digits_at(span token, size_t at)
{
    size_t count = 0;
    while (at + count < token.n && token.p[at + count] >= '0' && token.p[at + count] <= '9') {
        count++;
    }
    return count;
}

static bool is_number(span token)
{
    size_t at = token.n > 0 && token.p[0] == '-' ? 1 : 0;
    size_t whole = digits_at(token, at);

    if (whole == 0 || (whole > 1 && token.p[at] == '0')) {
        return false;
    }
    at += whole;
    if (at < token.n && token.p[at] == '.') {
        size_t fraction = digits_at(token, at + 1);
        if (fraction == 0) {
            return false;
        }
        at += 1 + fraction;
    }
    if (at < token.n && (token.p[at] == 'e' || token.p[at] == 'E')) {
        at++;
        at += at < token.n && (token.p[at] == '+' || token.p[at] == '-') ? 1 : 0;
        size_t exponent = digits_at(token, at);
        if (exponent == 0) {
            return false;
        }
        at += exponent;
    }
    return at == token.n;
}

bool scalar_is_bare(span token)
{
    return span_equals(token, "true") || span_equals(token, "false") || span_equals(token, "null") ||
           is_number(token);
}

/* The four hex digits of an escape at text.p[at] = '\\', or -1 when it is no \u escape. */
static int unicode_escape(span text, size_t at)
{
    int value = 0;

    if (at + 6 > text.n || text.p[at] != '\\' || text.p[at + 1] != 'u') {
        return -1;
    }
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Is the escape at text.p[at] one of \uD000 to \uDFFF? Nothing else is worth reading in full. */
static bool may_be_surrogate(span text, size_t at)
{
    return at + 2 < text.n && text.p[at + 1] == 'u' && (text.p[at + 2] | 0x20) == 'd';
}

bool scalar_surrogates_paired(span text)
{
    const char *first = text.n > 0 ? memchr(text.p, '\\', text.n) : NULL;
    size_t at = first != NULL ? (size_t)(first - text.p) : text.n;

    while (at < text.n) {
        if (text.p[at] != '\\') {
            at++;
            continue;
        }
        int unit = may_be_surrogate(text, at) ? unicode_escape(text, at) : -1;
        if (unit < 0xD800 || unit > 0xDFFF) {
            at += 2;
            continue;
        }
        int second = unicode_escape(text, at + 6);
        if (unit > 0xDBFF || second < 0xDC00 || second > 0xDFFF) {
            return false;
        }
        at += 12;
    }
    return true;
}
