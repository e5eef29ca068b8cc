/*
 * pkcs11_uri.h - which key of which token, by which module, with the PIN from where: a PKCS#11 URI (RFC 7512), written
 * behind "pkcs11:", as the words of a wrapping key. p11-kit takes it apart; here stands what Ekok asks of it.
 *
 *   token=ekok;object=kek?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/ekok-keyd/pin
 *
 * Promises that a URI that was accepted holds no PIN and can be shown. Refuses one with a pin-value, without a token
 * (label or serial number), an object (label or id), a module or a pin-source, and what p11-kit does not know; no
 * message repeats any of it. Private to secret/.
 */
#ifndef ETL_SECRET_PKCS11_URI_H
#define ETL_SECRET_PKCS11_URI_H

#include <p11-kit/uri.h>

#include "secret/keyring_private.h"

typedef struct {
    P11KitUri *parts;
    const char *module_path, *module_name; /* one of them is NULL */
    bool pin_credential;                   /* pin-source=credential:NAME; else a file by its absolute path */
    const char *pin;                       /* its name */
} pkcs11_uri;

/* text: behind "pkcs11:". False: EXIT_USAGE; nothing is to be freed. */
MUST_CHECK bool pkcs11_uri_read(const char *text, pkcs11_uri *out, failure *f);
void pkcs11_uri_free(pkcs11_uri *u);

/* The same with another object: the label, or "ekok-kek", with "-MARK" behind instead of a mark that it has. */
MUST_CHECK bool pkcs11_uri_next(const char *text, int64_t mark, char out[WRAP_NAME], failure *f);

#endif
