/*
 * span.h - bytes that belong to someone else: a pointer and a length, never NUL-terminated.
 */
#ifndef ETL_BASE_SPAN_H
#define ETL_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))

typedef struct {
    const char *p;
    size_t n;
} span;

static inline span span_of(const char *text)
{
    return (span){text, text ? strlen(text) : 0};
}

static inline bool span_equals(span a, const char *text)
{
    return a.n == strlen(text) && (a.n == 0 || memcmp(a.p, text, a.n) == 0);
}

/* Takes one line off the text, without its line feed; false when none ends in it. */
static inline bool span_take_line(span *text, span *line)
{
    const char *end = text->n ? (const char *)memchr(text->p, '\n', text->n) : NULL;
    if (!end)
        return false;
    *line = (span){text->p, (size_t)(end - text->p)};
    *text = (span){end + 1, text->n - line->n - 1};
    return true;
}

#endif
