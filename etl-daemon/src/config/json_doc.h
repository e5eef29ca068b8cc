/*
 * json_doc.h - a small JSON document walked value by value, with errors that name the place as a JSON pointer.
 *
 * Promises UTF-8 without control characters, no member twice, no nesting below DOC_DEPTH, and every scalar as text.
 * The only caller of yajl in config/.
 */
#ifndef ETL_CONFIG_JSON_DOC_H
#define ETL_CONFIG_JSON_DOC_H

#include "base/failure.h"
#include "base/span.h"

enum { DOC_DEPTH = 4, DOC_KEY_MAX = 160, DOC_TEXT_MAX = 4096, DOC_VALUES_MAX = 2000 };

typedef enum { DOC_TEXT, DOC_NUMBER, DOC_BOOLEAN, DOC_NULL, DOC_OBJECT, DOC_ARRAY } doc_type;

/* Where a value stands: its keys from the root on; an element's is its index in digits. depth 0: the whole document. */
typedef struct {
    const char *origin; /* what a person calls the document: its file */
    size_t depth;
    const char *key[DOC_DEPTH];
} doc_at;

typedef struct {
    doc_type type;
    const char *text;
} doc_value;

/*
 * Called for every value, objects and arrays when they begin (text empty). False with *f set ends the walk. Numbers
 * keep their digits; true and false are written so.
 */
typedef bool (*doc_value_fn)(void *context, const doc_at *at, const doc_value *value, failure *f);

MUST_CHECK bool doc_walk(const char *origin, span text, doc_value_fn on_value, void *context, failure *f);

/* "ORIGIN: /pointer: problem; accepted: ...", EXIT_CONFIG; accepted may be NULL. Returns false. */
bool doc_wrong(failure *f, const doc_at *at, const char *problem, const char *accepted);

#endif
