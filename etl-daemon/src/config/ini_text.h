/*
 * ini_text.h - INI files read whole, checked and walked line by line, with errors that name file and line.
 *
 * inih splits lines into sections, keys and values; this module gives it one line at a time. Promises: UTF-8 without
 * control characters, no line of more than INI_LINE_MAX bytes, no continuation lines, '=' between key and value.
 * As inih has it, a line beginning with ; or # is a comment, and so is the rest of a line behind a blank and ';'.
 */
#ifndef ETL_CONFIG_INI_TEXT_H
#define ETL_CONFIG_INI_TEXT_H

#include "base/failure.h"
#include "base/span.h"

enum { INI_LINE_MAX = 1500 };

/* Where something stands; section and key are NULL where a message is not about one. */
typedef struct {
    const char *path;
    int line; /* from 1; 0: the file as a whole */
    const char *section, *key;
} ini_at;

/* Both return false with *f set to end the walk. on_section is called for empty sections as well. */
typedef struct {
    bool (*on_section)(void *context, const ini_at *at, failure *f);
    bool (*on_entry)(void *context, const ini_at *at, const char *value, failure *f);
    void *context;
} ini_visitor;

MUST_CHECK bool ini_text_walk(const char *path, span text, const ini_visitor *visitor, failure *f);

/* "PATH:LINE: [section] key: problem; accepted: ...", EXIT_CONFIG; accepted may be NULL. Returns false. */
bool ini_wrong(failure *f, const ini_at *at, const char *problem, const char *accepted);

/* A whole number from min to max, ASCII digits only. */
MUST_CHECK bool ini_number(const char *text, long min, long max, long *out);

#endif
