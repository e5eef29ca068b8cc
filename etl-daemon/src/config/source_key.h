/*
 * source_key.h - the plain keys of a source's definition ([source], [paging], [file], [table], [format]) by the table
 * source_key.def.
 */
#ifndef ETL_CONFIG_SOURCE_KEY_H
#define ETL_CONFIG_SOURCE_KEY_H

#include "config/ini_text.h"
#include "config/source_def.h"

enum { SOURCE_KEYS_MAX = 80 };

/* Which keys were given, and where; zeroed at the start. */
typedef struct {
    int line[SOURCE_KEYS_MAX];
} source_keys;

/* True when [section] is one of those that hold plain keys. */
bool source_key_section(const char *section);

/* One line `key = value` of such a section. */
MUST_CHECK bool source_key_set(source_keys *keys, source_def *def, const ini_at *at, const char *value,
                               failure *f);

/* Line of a key that was given, else 0. */
int source_key_line(const source_keys *keys, const char *section, const char *key);

/* Refuses a key, if it was given, that says nothing in this format; accepted: what it belongs to. */
MUST_CHECK bool source_key_only(const source_keys *keys, const char *const key[2], bool applies,
                                const char *path, failure *f);

/* "FILE:last_line: [section] key: is missing; accepted: ..." */
bool source_key_missing(const char *section, const char *key, const char *path, int last_line, failure *f);

/* At the end of the file: refuses missing keys and keys of another paging style; fills in defaults. */
MUST_CHECK bool source_key_finish(source_keys *keys, source_def *def, const char *path, int last_line,
                                  failure *f);

#endif
