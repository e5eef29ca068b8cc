/*
 * rekey.h - an UPDATE that changed nothing but what keys made of the same values: sealed cells, tokens, MACs, hashes of
 * tokens. Whole images of such rows would be many times the data; one entry for up to EKOK_REKEY_ROWS rows holds a
 * digest of what each row's key-made columns are now, which binds them as an image does. What does not fit is recorded
 * in full.
 */
#ifndef EKOK_AUDIT_REKEY_H
#define EKOK_AUDIT_REKEY_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/tuptable.h"

#include "audit/entry.h"

enum { EKOK_REKEY_ROWS = 1000 };

typedef struct ekok_rekey ekok_rekey;

/* Does a column hold values that keys have sealed, by its name and type? */
bool ekok_is_sealed(Form_pg_attribute column);

/* NULL: the transaction's purpose (ekok.purpose) is no key rotation, or the table has no key-made column. */
ekok_rekey *ekok_rekey_begin(TupleDesc row);

/* Is the row the same but for its key-made columns? */
bool ekok_rekey_fits(const ekok_rekey *rekey, TupleTableSlot *old, TupleTableSlot *after);

/* Adds a row; row_name: text. True when the entry is to be taken before the next one. */
bool ekok_rekey_add(ekok_rekey *rekey, Datum row_name, TupleTableSlot *after);

bool ekok_rekey_is_empty(const ekok_rekey *rekey);

/*
 * Of the rows added since the last one, one at least: the name of the first, and after as json {"rows": n,
 * "digests": {row name: digest}}. Digest: the first 16 bytes, in hex, of SHA-256 over the row's name, a line feed and
 * the jsonb text of the key-made columns that are not null.
 */
ekok_entry ekok_rekey_entry(ekok_rekey *rekey);

void ekok_rekey_end(ekok_rekey *rekey);

#endif
