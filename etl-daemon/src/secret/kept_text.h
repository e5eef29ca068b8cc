/*
 * kept_text.h - a short secret text that is ours: a file, or a credential that systemd hands over; where it lies, and
 * its bytes in memory that the caller has locked and wipes. Private to secret/. Refuses a file that anyone but its
 * owner can read, and links.
 */
#ifndef ETL_SECRET_KEPT_TEXT_H
#define ETL_SECRET_KEPT_TEXT_H

#include "base/failure.h"

enum { KEPT_PATH = 1400, KEPT_TEXT = 256 };

typedef struct {
    bool credential;      /* else a file */
    const char *name;     /* a file's may begin with '/', else it lies beside the key file */
    const char *key_path; /* the key file */
    const char *what;     /* "wrapping key", for messages */
} kept_text;

/* EXIT_KEYS when systemd hands over no credentials, or the name is too long. */
MUST_CHECK bool kept_text_path(const kept_text *place, char out[KEPT_PATH], failure *f);

/* At most KEPT_TEXT - 1 bytes, without the line ends behind them, and a NUL. EXIT_KEYS with the path. */
MUST_CHECK bool kept_text_read(const kept_text *place, char out[KEPT_TEXT], size_t *size, failure *f);

#endif
