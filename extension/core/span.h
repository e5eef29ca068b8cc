/*
 * span.h - bytes that belong to someone else: a pointer and a length, never NUL-terminated.
 * Promises nothing about encoding; whoever reads a span checks it.
 */
#ifndef EKOK_CORE_SPAN_H
#define EKOK_CORE_SPAN_H

#include <stddef.h>

typedef struct {
    const char *p;
    size_t n;
} ekok_span;

#endif
