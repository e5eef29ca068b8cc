/*
 * text.h - numbers, times and names as a person reads them on a terminal of 80 columns.
 */
#ifndef ETL_CLI_TEXT_H
#define ETL_CLI_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

enum { SCREEN_COLUMNS = 80, NUMBER_TEXT = 32, MASK_SHOWN = 4 };

/* Columns that UTF-8 text takes: marks that combine (Bengali vowel signs, virama, ...) take none. */
size_t text_columns(const char *text);

/* Characters (code points) of UTF-8 text; never fewer than its columns in the scripts we print. */
size_t text_characters(const char *text);

/*
 * Copies text cut to `characters` (the last three are then "..."); out has room bytes. Control characters:
 * spaces.
 */
void text_cut(const char *text, size_t characters, char *out, size_t room);

/* Is it a number as the database gives them to what it keeps: 1 to 15 digits? */
bool text_is_number(const char *text);

/* 1234567 -> "1,234,567"; "-" for a negative number: not known. */
const char *text_number(int64_t value, char out[NUMBER_TEXT]);

/* 7 -> "7 s", 75 -> "1:15 min", 4000 -> "1:06:40 h" */
const char *text_duration(double seconds, char out[NUMBER_TEXT]);

/* "*" and the last four characters, of a value of eight characters or more; else "*" alone. */
void text_mask(span clear, char *out, size_t room);

/* Prints text broken at blanks into lines of at most SCREEN_COLUMNS, all but the first indented. */
void text_print_wrapped(const char *text, size_t indent, FILE *to);

#endif
