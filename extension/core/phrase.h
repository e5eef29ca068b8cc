/*
 * phrase.h - puts a text together in a buffer of stated size. What does not fit is left out, whole characters and
 * the NUL never are; whoever states the size sees to it that all fits, and a unit test holds him to it.
 */
#ifndef EKOK_CORE_PHRASE_H
#define EKOK_CORE_PHRASE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *text;
    size_t size; /* of text, NUL included; at least 1 */
    size_t n;    /* bytes written, without the NUL */
    bool full;   /* something was left out */
} ekok_phrase;

ekok_phrase ekok_phrase_begin(char *text, size_t size);
/* Adds a whole string or nothing of it. */
void ekok_phrase_put(ekok_phrase *phrase, const char *string);
/* Adds ASCII digits as Bengali ones. */
void ekok_phrase_put_bengali(ekok_phrase *phrase, const char *digits);
/* Adds a number from 0 on, in ASCII digits. */
void ekok_phrase_put_number(ekok_phrase *phrase, unsigned number);

#endif
