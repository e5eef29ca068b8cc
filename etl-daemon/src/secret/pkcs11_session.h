/*
 * pkcs11_session.h - from a URI to a session with its token in which the user is logged in. Private to secret/.
 */
#ifndef ETL_SECRET_PKCS11_SESSION_H
#define ETL_SECRET_PKCS11_SESSION_H

#include "secret/pkcs11.h"
#include "secret/pkcs11_module.h"

typedef struct {
    pkcs11_uri uri;
    pkcs11_module module;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE handle;
    bool open;
} pkcs11_session;

/* Of the request `make` asks for a session that can make a key. False: the reason; close it either way. */
MUST_CHECK bool pkcs11_session_open(const pkcs11_request *request, pkcs11_session *out, failure *f);
void pkcs11_session_close(pkcs11_session *s);

#endif
