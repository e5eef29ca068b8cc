/*
 * trace_line.c - see trace_line.h. KEY=VALUE between blanks; %XX is a byte.
 */
#include "agent/trace_line.h"

#include "base/hex.h"

/* The byte of an escape at text[i]; -1: it is not whole, or a NUL. */
static int escaped_byte(span text, size_t i)
{
    if (text.n - i < 3)
        return -1;
    int high = hex_digit(text.p[i + 1]), low = hex_digit(text.p[i + 2]);
    return high < 0 || low < 0 || high + low == 0 ? -1 : high << 4 | low;
}

static bool unescape(span text, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int c = (unsigned char)text.p[i];
        if (c == '%') {
            c = escaped_byte(text, i);
            i += 2;
        }
        if (c < 0 || n + 1 >= room)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

static span next_word(span *rest)
{
    const char *end = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    span word = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t used = word.n + (end ? 1 : 0);
    *rest = (span){rest->p + used, rest->n - used};
    return word;
}

trace_kind trace_line_read(span text, trace_value *out)
{
    const struct {
        const char *key;
        char *to;
        size_t room;
    } part[] = {{"caller=", out->caller, sizeof out->caller},
                {"user=", out->user, sizeof out->user},
                {"of=", out->of, sizeof out->of},
                {"why=", out->why, sizeof out->why},
                {"case=", out->topic, sizeof out->topic}};
    enum { PARTS = sizeof part / sizeof *part };
    span rest = text, verb = next_word(&rest);
    size_t found = 0;
    bool opened = span_equals(verb, "open");
    if (!opened && !span_equals(verb, "find"))
        return TRACE_OTHER;
    while (rest.n > 0) {
        span word = next_word(&rest);
        size_t key = found < PARTS ? strlen(part[found].key) : 0;
        if (key == 0 || word.n < key || memcmp(word.p, part[found].key, key) != 0)
            continue; /* uid, role, ref: not asked for */
        if (!unescape((span){word.p + key, word.n - key}, part[found].to, part[found].room))
            return TRACE_BROKEN;
        found++;
    }
    return found < PARTS ? TRACE_BROKEN : opened ? TRACE_OPEN : TRACE_FIND;
}
