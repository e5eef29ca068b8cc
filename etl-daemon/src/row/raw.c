/*
 * raw.c - looking a field up by its dotted path. Promises the first field of that path; refuses prefixes: a
 * path that names an object or an array finds nothing.
 */
#include "row/raw.h"

const raw_field *raw_find(const raw_record *record, span path)
{
    for (size_t i = 0; i < record->count; i++) {
        const raw_field *field = &record->field[i];
        if (field->path.n == path.n && path.n > 0 && memcmp(field->path.p, path.p, path.n) == 0) {
            return field;
        }
    }
    return NULL;
}
