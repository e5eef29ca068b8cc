/*
 * checkpoint.h - the head of the audit's tree as a signed text (C2SP tlog-checkpoint in a signed-note): who keeps the
 * log, how many entries it holds, their root, and one line a signature. Whoever has the text and the public key needs
 * neither the database nor this program to check it.
 *
 *   ekok.example.org/registry
 *   20852
 *   <base64 of the root>
 *
 *   — ekok.example.org/registry <base64 of the key's hash and the signature>
 */
#ifndef ETL_TRACE_CHECKPOINT_H
#define ETL_TRACE_CHECKPOINT_H

#include "trace/note.h"
#include "trace/proof.h"

enum { CHECKPOINT_TEXT = NOTE_TEXT };

typedef struct {
    char origin[KEY_NAME_MAX + 1];
    tree_head head;
} checkpoint;

/* The origin is the signer's name. */
MUST_CHECK bool checkpoint_sign(const tree_head *head, const signer *s, char out[CHECKPOINT_TEXT]);

/* What the text says, whoever signed it: false when it is no checkpoint. Further signatures and lines are allowed. */
MUST_CHECK bool checkpoint_read(span text, checkpoint *out);

/* Does the text carry a signature of this key, under the key's own origin? */
MUST_CHECK bool checkpoint_signed_by(span text, const public_key *key);

#endif
