/*
 * prove.h - that one entry is in the audit's signed tree, as a text that an outsider can check with the public key and
 * the entry alone (after C2SP tlog-proof). Refuses an entry that is not sealed yet.
 */
#ifndef ETL_TRACE_PROVE_H
#define ETL_TRACE_PROVE_H

#include "base/buf.h"
#include "trace/witness.h"
#include "wire/pg.h"

enum { PROOF_TEXT = 16384 };

/* Proofs for the newest checkpoint of one moment, in one transaction of the session. */
typedef struct prover prover;

prover *prover_open(pg_session *pg, failure *f); /* NULL with f set: nothing is sealed yet */
void prover_close(prover *p);                    /* NULL is fine; leaves the transaction */

/* Writes the proof of the entry with this number and its line; false when it is not sealed yet or not there. */
MUST_CHECK bool prover_prove(prover *p, uint64_t id, char proof_text[PROOF_TEXT], buf *line, failure *f);

/*
 * What is hashed of a line, and the salt and the images that belong to it: p is NULL when these were destroyed, or when
 * the entry is from before commitments and its leaf holds them. room: for a leaf that is no part of the line.
 */
MUST_CHECK bool proof_parts(span line, buf *room, span *leaf, span *images);

/* Needs no database: are these the images that the leaf commits to? */
MUST_CHECK bool proof_images_hold(span leaf, span images, failure *f);

/* Needs no database: is this a leaf of the tree whose signed checkpoint stands in the proof? */
MUST_CHECK bool proof_text_holds(span proof_text, span leaf_line, const key_list *keys, checkpoint *out,
                                 failure *f);

#endif
