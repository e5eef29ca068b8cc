/*
 * commitment.h - what an entry is sealed with in place of its images: SHA-256 over a domain, 16 random bytes that
 * lie beside the images (the salt), and both images. Without the salt nothing can be guessed from it, so images and
 * salt can be destroyed while the tree over the entries still verifies. etl-daemon/src/secret/merkle_hash.h makes the
 * same.
 */
#ifndef EKOK_AUDIT_COMMITMENT_H
#define EKOK_AUDIT_COMMITMENT_H

#include "postgres.h"

enum { EKOK_SALT_BYTES = 16, EKOK_COMMITMENT_BYTES = 32, EKOK_SALTS_DRAWN = 64 };

typedef struct ekok_committer ekok_committer;

/* In the current memory context; a transaction that fails frees what is not memory. */
ekok_committer *ekok_committer_open(void);
void ekok_committer_close(ekok_committer *committer);

/* old, after: text or json that is not toasted, or 0 for none. Both results are bytea in the current context. */
void ekok_commit(ekok_committer *committer, Datum old, Datum after, Datum *salt, Datum *commitment);

#endif
