/*
 * pkcs11_module.h - a PKCS#11 module: loaded for one use, unloaded after it. Promises that it is initialised when it is
 * given out, and that after the release no session of ours and no call into it is left. Refuses a file that others
 * than root and the calling user can change. Private to secret/.
 */
#ifndef ETL_SECRET_PKCS11_MODULE_H
#define ETL_SECRET_PKCS11_MODULE_H

#include "secret/pkcs11_uri.h"

enum { MODULE_PATH = 600 };

typedef struct {
    CK_FUNCTION_LIST *call;
    char path[MODULE_PATH]; /* for messages */
    bool initialised;
} pkcs11_module;

/* False: EXIT_KEYS. Release it either way. */
MUST_CHECK bool pkcs11_module_load(const pkcs11_uri *uri, pkcs11_module *out, failure *f);
void pkcs11_module_release(pkcs11_module *m);

/* "module PATH: what: PKCS#11's word for rv"; false, EXIT_KEYS. */
bool pkcs11_failed(const pkcs11_module *m, const char *what, CK_RV rv, failure *f);

#endif
