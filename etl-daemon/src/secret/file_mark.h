/*
 * file_mark.h - what tells one content of a path from another without reading it: device, file, size, time of change.
 */
#ifndef ETL_SECRET_FILE_MARK_H
#define ETL_SECRET_FILE_MARK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

typedef struct {
    dev_t device;
    ino_t file;
    off_t size; /* -1: nothing was there */
    struct timespec changed;
} file_mark;

file_mark file_mark_of(const char *path);
bool file_mark_same(const file_mark *a, const file_mark *b); /* two of nothing are not the same */

#endif
