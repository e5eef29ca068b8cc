/*
 * mask.c - which field is masked how. Refuses to show a field that it does not know: it is masked as a number.
 */
#include "row/mask.h"

#include <stdio.h>

typedef enum { NUMBER, NAME, DATE, PLAIN } mask_kind;

static mask_kind kind_of(target field)
{
    switch (field) {
    case TARGET_NAME_BN:
    case TARGET_NAME_EN:
    case TARGET_FATHER_NAME:
    case TARGET_MOTHER_NAME:
        return NAME;
    case TARGET_BIRTH_DATE:
        return DATE;
    case TARGET_PROGRAMME:
    case TARGET_STATUS:
    case TARGET_SEX:
    case TARGET_GEO:
    case TARGET_AMOUNT:
    case TARGET_ENROLLED_ON:
    case TARGET_WALLET_PROVIDER:
    case TARGET_ROUTING:
    case TARGET_PMT:
    case TARGET_SURVEYED_ON:
        return PLAIN;
    default:
        return NUMBER;
    }
}

static bool goes_on(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t first_character(span text)
{
    size_t n = text.n > 0;
    while (n < text.n && goes_on(text.p[n]))
        n++;
    return n;
}

/* The last `count` characters; all of text when it has no more. */
static span last_characters(span text, int count)
{
    size_t from = text.n;
    while (from > 0 && count > 0)
        count -= !goes_on(text.p[--from]);
    return (span){text.p + from, text.n - from};
}

static size_t characters(span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += !goes_on(text.p[i]);
    return n;
}

/* Not more than fits, and not half of a character. */
static int cut(span text, size_t most)
{
    size_t n = text.n < most ? text.n : most;
    while (n < text.n && n > 0 && goes_on(text.p[n]))
        n--;
    return (int)n;
}

void mask_value(target field, span value, char out[MASK_TEXT])
{
    span tail = last_characters(value, 4);
    switch (kind_of(field)) {
    case NAME:
        (void)snprintf(out, MASK_TEXT, "%.*s...", cut((span){value.p, first_character(value)}, 8), value.p);
        break;
    case DATE:
        tail = last_characters(value, 2);
        (void)snprintf(out, MASK_TEXT, "%.*s..%.*s", cut(value, 2), value.p, cut(tail, 8), tail.p);
        break;
    case PLAIN:
        (void)snprintf(out, MASK_TEXT, "%.*s", cut(value, MASK_TEXT - 1), value.p);
        break;
    case NUMBER:
        if (characters(value) < 8)
            tail.n = 0;
        (void)snprintf(out, MASK_TEXT, "*%.*s", cut(tail, 24), tail.p);
        break;
    }
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
}
