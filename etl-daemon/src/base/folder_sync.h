/*
 * folder_sync.h - brings a folder to the disk: a name in it outlives a crash only when the folder was, too.
 */
#ifndef ETL_BASE_FOLDER_SYNC_H
#define ETL_BASE_FOLDER_SYNC_H

#include "base/span.h"

/* False with errno set. */
MUST_CHECK bool folder_sync(const char *folder);

/* The folder that a file lies in; of at most 4,095 bytes. */
MUST_CHECK bool folder_sync_of(const char *path);

#endif
