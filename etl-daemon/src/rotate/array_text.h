/*
 * array_text.h - arrays as the text that the database reads them from: {"...",NULL}. Refuses words that would need
 * more than quotes: numbers, places of rows.
 */
#ifndef ETL_ROTATE_ARRAY_TEXT_H
#define ETL_ROTATE_ARRAY_TEXT_H

#include "base/buf.h"

/* Each appends an element; the first begins the array. An empty value is null. */
MUST_CHECK bool array_add_word(buf *list, const char *word);
MUST_CHECK bool array_add_bytes(buf *list, span value);

/* Ends the array, and the text with a NUL. Not of an empty one. */
MUST_CHECK bool array_end(buf *list);

#endif
