/*
 * folder.h - files dropped into a folder: which are ready, opened without following links, put away when done.
 *
 * Promises that a file is opened only when it is a regular one with a single name, not hidden, not being written
 * (NAME.part, NAME.tmp, ~$NAME are left alone), of a bearable size, and either unchanged for the declared time or
 * marked by a file NAME.done. Refuses to put away what has meanwhile become another file.
 */
#ifndef ETL_SOURCE_FOLDER_H
#define ETL_SOURCE_FOLDER_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/failure.h"
#include "config/source_def.h"

enum { FOLDER_NAME = 256 };

typedef struct {
    const source_def *def;
    int fd;
} folder;

typedef struct {
    int fd; /* -1: none */
    char name[FOLDER_NAME];
    struct stat info; /* as it was opened */
} folder_file;

typedef enum { FOLDER_FOUND, FOLDER_EMPTY, FOLDER_FAILED } folder_step;

MUST_CHECK bool folder_open(folder *d, const source_def *def, failure *f);
void folder_close(folder *d);

/* Opens the ready file whose name follows `after` ("": the first). Files that are not ready are passed over. */
folder_step folder_next(const folder *d, const char *after, folder_file *out, failure *f);
void folder_file_close(folder_file *file);

/* Is the open file still what it was when it was opened? */
bool folder_unchanged(const folder_file *file);

/* Moves, keeps or deletes as the definition says; a file that is refused is moved to refused/ or kept. */
MUST_CHECK bool folder_put_away(const folder *d, const folder_file *file, bool refused, const char *sha256,
                                failure *f);

#endif
