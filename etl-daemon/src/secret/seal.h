/*
 * seal.h - seals values with XAES-256-GCM (C2SP) and makes tokens and content MACs with HMAC-SHA-256.
 *
 * Sealed form: version 0x01 | key id, 4 bytes big-endian | nonce 24 | ciphertext | tag 16: 45 bytes more than the
 * value.
 * Associated data binds table, column, row id and key id: a cell moved elsewhere does not open.
 * Sealing takes the active version of the data key; opening the version that the sealed form names, be it in any state
 * but destroyed. All functions are thread-safe on one keyring.
 */
#ifndef ETL_SECRET_SEAL_H
#define ETL_SECRET_SEAL_H

#include "base/buf.h"
#include "secret/keyring.h"

/* SEAL_PLACE_MAX: bytes of associated data; table, column and row id take 240 of them at most together. */
enum { SEAL_OVERHEAD = 45, SEAL_PLACE_MAX = 256, SHA256_BYTES = 32 };

typedef struct {
    const char *table, *column; /* "registry.enrolment", "nid_sealed" */
    span row_id;
} seal_place;

/* Appends the sealed form to out. False when out is full or the library fails. */
MUST_CHECK bool seal_value(const keyring *ring, const seal_place *place, span clear, buf *out);

/* Room for an opened value, given by the caller, who wipes it; size is how much of it is used. */
typedef struct {
    uint8_t *bytes;
    size_t room, size;
} opened_value;

/* False (EXIT_KEYS), with out->size as it was, when the value is not ours, too long, moved, cut or changed. */
MUST_CHECK bool open_value(const keyring *ring, const seal_place *place, span sealed, opened_value *out,
                           failure *f);

/* The version of the data key in a sealed value's head; 0 when it is not in sealed form 1. */
uint32_t sealed_version(span sealed);

/* HMAC-SHA-256(active key of purpose, subject), its first 16 bytes. */
MUST_CHECK bool make_token(const keyring *ring, key_purpose purpose, span subject, uint8_t out[TOKEN_BYTES]);

/* The same with a version that is not destroyed; 0: the active one. */
MUST_CHECK bool make_token_of(const keyring *ring, key_purpose purpose, uint32_t version, span subject,
                              uint8_t out[TOKEN_BYTES]);

/* Both tokens of a rotation, from one reading of the keys: by the active version, and by the next one, if any. */
typedef struct {
    uint8_t token[TOKEN_BYTES], next[TOKEN_BYTES];
    bool has_next;
} token_pair;

MUST_CHECK bool make_tokens(const keyring *ring, key_purpose purpose, span subject, token_pair *out);

MUST_CHECK bool sha256_of(span bytes, uint8_t out[SHA256_BYTES]);

/* A row's uuid, from its source and the source's own id: SHA-256("ekok row" 0 source 0 record id), uuid version 8. */
MUST_CHECK bool row_uuid(span source, span record_id, char out[37]);

void wipe(void *bytes, size_t count);

#endif
