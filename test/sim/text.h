/*
 * text.h - how ministries write digits, dates and names. Every function writes a NUL and stays in its room.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "population.h"

enum { TEXT_ROOM = 96 };

/* ASCII digits become Bengali ones; other characters stay. */
const char *text_bengali_digits(const char *text, char out[TEXT_ROOM]);
/* pattern: dd, mm, mon, yyyy and anything else as it stands. */
const char *text_date(const char *pattern, birth_date date, char out[TEXT_ROOM]);
/* Digits in groups, e.g. "4-7-6" with the given separator. */
const char *text_grouped(const char *digits, const char *sizes, char separator, char out[TEXT_ROOM]);
const char *text_upper(const char *text, char out[NAME_TEXT]);
/* A time as "yyyy-mm-ddThh:mm:ss[.mmm]" in Dhaka, with the given letter between and the given end. */
const char *text_time(int64_t milliseconds, char between, const char *end, char out[TEXT_ROOM]);
/* The way back; -1 when it is not such a text. */
int64_t text_read_time(const char *text);

#endif
