/*
 * note.h - a text with signatures under it (C2SP signed-note): lines, an empty line, and one line a signature. Judges
 * signatures alone, never what the text says.
 */
#ifndef ETL_TRACE_NOTE_H
#define ETL_TRACE_NOTE_H

#include "secret/signer.h"

enum { NOTE_TEXT = 1024, NOTE_SIGNATURE_TEXT = 256 }; /* a text of ours; one line of a signature */

/* The part that is signed, with its last line feed, and the lines of signatures; false: the text is no note. */
MUST_CHECK bool note_divide(span text, span *body, span *signatures);

/* One line that signs the body, with its line feed. */
MUST_CHECK bool note_sign(span body, const signer *s, char out[NOTE_SIGNATURE_TEXT]);

/* The bytes of the key's own signature in the text; false when it carries none. Says nothing about its truth. */
MUST_CHECK bool note_signature(span text, const public_key *key, uint8_t out[SIGNATURE_BYTES]);

/* Is the body what this key signed? */
MUST_CHECK bool note_signed_by(span text, const public_key *key);

#endif
