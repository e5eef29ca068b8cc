/*
 * link.c - <address>; param=value; ..., <address>... Refuses to guess: what is malformed names nothing.
 */
#include "wire/link.h"

#include <strings.h>

static size_t blanks(span text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
        at++;
    return at;
}

/* Is `next` one of the words of a rel parameter? */
static bool names_next(span value)
{
    for (size_t at = 0; at < value.n;) {
        size_t end = at;
        while (end < value.n && value.p[end] != ' ')
            end++;
        if (end - at == 4 && strncasecmp(value.p + at, "next", 4) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

/* One parameter behind its semicolon; moves *at behind it. False: malformed. */
static bool take_parameter(span text, size_t *at, bool *next)
{
    size_t name = blanks(text, *at), end = name;
    while (end < text.n && !strchr("=;, \t", text.p[end]))
        end++;
    span value = {NULL, 0};
    size_t behind = blanks(text, end);
    if (behind < text.n && text.p[behind] == '=') {
        size_t from = blanks(text, behind + 1);
        bool quoted = from < text.n && text.p[from] == '"';
        size_t to = from + quoted;
        while (to < text.n && !(quoted ? text.p[to] == '"' : strchr(";, \t", text.p[to]) != NULL))
            to++;
        if (quoted && to == text.n)
            return false;
        value = (span){text.p + from + quoted, to - from - quoted};
        behind = to + quoted;
    }
    *next = *next || (end - name == 3 && strncasecmp(text.p + name, "rel", 3) == 0 && names_next(value));
    *at = blanks(text, behind);
    return end > name;
}

span link_next(span text)
{
    const span none = {NULL, 0};
    for (size_t at = blanks(text, 0); at < text.n; at = blanks(text, at + 1)) {
        const char *close = text.p[at] == '<' ? memchr(text.p + at, '>', text.n - at) : NULL;
        if (!close)
            return none;
        span address = {text.p + at + 1, (size_t)(close - text.p) - at - 1};
        bool next = false;
        at = blanks(text, (size_t)(close - text.p) + 1);
        while (at < text.n && text.p[at] == ';') {
            at++;
            if (!take_parameter(text, &at, &next))
                return none;
        }
        if (next)
            return address;
        if (at < text.n && text.p[at] != ',')
            return none;
    }
    return none;
}
