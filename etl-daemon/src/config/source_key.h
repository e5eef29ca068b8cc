/*
 * source_key.h - the plain keys of a source's definition by the table
 * source_key.def.
 */
#ifndef ETL_CONFIG_SOURCE_KEY_H
#define ETL_CONFIG_SOURCE_KEY_H

#include "config/json_doc.h"
#include "config/source_def.h"

enum { SOURCE_KEYS_MAX = 80 };

/* Which keys were given; zeroed at the start. */
typedef struct {
    bool given[SOURCE_KEYS_MAX];
} source_keys;

/* True when the section is one of those that hold plain keys. */
bool source_key_section(const char *section);

/* One member of such a section. */
MUST_CHECK bool source_key_set(source_keys *keys, source_def *def, const doc_at *at, const doc_value *value,
                               failure *f);

bool source_key_given(const source_keys *keys, const char *section, const char *key);

/* Refuses a key, if it was given, with the words that say what it is not for. */
MUST_CHECK bool source_key_only(const source_keys *keys, const char *const key[2], const char *origin,
                                const char *problem, failure *f);

/* "ORIGIN: /section/key: is missing; accepted: ..." */
bool source_key_missing(const char *section, const char *key, const char *origin, failure *f);

/* At the end: refuses missing keys and keys of another paging style; fills in defaults. */
MUST_CHECK bool source_key_finish(source_keys *keys, source_def *def, const char *origin, failure *f);

#endif
