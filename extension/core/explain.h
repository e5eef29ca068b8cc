/*
 * explain.h - one readable sentence about a national identity number, in English or Bengali. Says what the digits
 * tell and no more: no place is named, since a code's meaning is a question to a reference table.
 */
#ifndef EKOK_CORE_EXPLAIN_H
#define EKOK_CORE_EXPLAIN_H

#include "identifier.h"

enum { EKOK_EXPLAIN_TEXT = 768 };

typedef enum { EKOK_ENGLISH, EKOK_BENGALI } ekok_language;

/* "en" or "bn"; false for any other. */
bool ekok_language_parse(ekok_span text, ekok_language *out);

/* UTF-8; returns the length in bytes. */
size_t ekok_nid_explain(ekok_nid nid, ekok_language language, char out[EKOK_EXPLAIN_TEXT]);

#endif
