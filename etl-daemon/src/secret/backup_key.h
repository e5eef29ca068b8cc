/*
 * backup_key.h - a new key for the repository of backups, in the file from which pgBackRest reads it: mode 0600, in no
 * argument and no environment. Refuses to write over anything.
 */
#ifndef ETL_SECRET_BACKUP_KEY_H
#define ETL_SECRET_BACKUP_KEY_H

#include "base/failure.h"

/* 384 random bits as repo1-cipher-pass. EXIT_KEYS. */
MUST_CHECK bool backup_key_create(const char *path, failure *f);

#endif
