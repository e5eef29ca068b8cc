/*
 * erasure.h - entries whose images were destroyed, held against the receipts in the trace that name them: each must be
 * named by one, and each that is named must be so. Keeps two sums and no numbers, so it costs the same however many
 * there are; only when they differ is the server asked which.
 */
#ifndef ETL_TRACE_ERASURE_H
#define ETL_TRACE_ERASURE_H

#include "secret/merkle_hash.h"
#include "trace/trail.h"
#include "trace/verify.h"

typedef struct erasure_book erasure_book;

erasure_book *
erasure_book_new(merkle_hasher *hasher); /* NULL without memory; the hasher stays the caller's */
void erasure_book_free(erasure_book *b);

/* An entry of the trace, with images. What is wrong with it alone is a finding at once. */
MUST_CHECK bool erasure_add(erasure_book *b, const trail_entry *entry, verify_result *out, failure *f);

/* After the last entry, in the transaction that read them. */
MUST_CHECK bool erasure_close(erasure_book *b, pg_session *pg, verify_result *out, failure *f);

#endif
