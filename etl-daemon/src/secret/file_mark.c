/*
 * file_mark.c - see file_mark.h.
 */
#include "secret/file_mark.h"

file_mark file_mark_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return (file_mark){.size = -1};
    return (file_mark){st.st_dev, st.st_ino, st.st_size, st.st_ctim};
}

bool file_mark_same(const file_mark *a, const file_mark *b)
{
    return a->size >= 0 && a->device == b->device && a->file == b->file && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}
