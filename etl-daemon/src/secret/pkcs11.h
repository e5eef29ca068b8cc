/*
 * pkcs11.h - one key of one PKCS#11 token that wraps others, in a session that lasts as long as it is open.
 *
 * Promises that the PIN is in locked memory while it is given and wiped then; that a PIN that the token has refused is
 * not tried again by anything that runs unattended; that module and session are gone after pkcs11_close(). Threads wait
 * for each other; a thread that has one open may not open another.
 * Refuses a key that is no AES key of 256 bits made inside the token, or that could leave it, or ever could.
 * Mechanisms: CKM_AES_KEY_WRAP_KWP, else CKM_AES_KEY_WRAP_PAD where it is RFC 5649's too. Private to secret/.
 */
#ifndef ETL_SECRET_PKCS11_H
#define ETL_SECRET_PKCS11_H

#include "secret/key_wrap.h"

typedef struct pkcs11 pkcs11;

typedef struct {
    const char *uri;      /* behind "pkcs11:" */
    const char *key_path; /* the key file, for messages */
    bool make;            /* a key that is not there is made */
    bool attended;        /* a person waits for it: one try after a wrong PIN */
} pkcs11_request;

/* NULL: EXIT_USAGE for the URI, else EXIT_KEYS: what, where, how to mend. */
pkcs11 *pkcs11_open(const pkcs11_request *request, failure *f);
void pkcs11_close(pkcs11 *p); /* NULL is fine */

/* key: in memory that is the caller's; the token's own copy is gone after the call. */
MUST_CHECK bool pkcs11_wrap(pkcs11 *p, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES], failure *f);
MUST_CHECK bool pkcs11_unwrap(pkcs11 *p, const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES],
                              failure *f);

#endif
