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

#endif
