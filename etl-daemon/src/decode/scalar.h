/*
 * scalar.h - single JSON values outside of records: keys and scalars of a page's envelope.
 * Promises what yajl promises of a record's values; refuses texts longer than the room given.
 */
#ifndef ETL_DECODE_SCALAR_H
#define ETL_DECODE_SCALAR_H

#include "base/span.h"
#include "row/raw.h"

/*
 * Reads one token ("text", 12.5, true, null) into out; numbers keep their digits. False when it is not one
 * JSON scalar, not UTF-8, or longer than room.
 */
MUST_CHECK bool scalar_decode(span token, char *out, size_t room, raw_type *type, size_t *length);

/* Is the token a JSON number, true, false or null? (Cheap: for values that nobody asked for.) */
bool scalar_is_bare(span token);

/*
 * False when an escape \uD800-\uDFFF in the text is not half of a pair; yajl would turn it into a question
 * mark.
 */
bool scalar_surrogates_paired(span text);

#endif
