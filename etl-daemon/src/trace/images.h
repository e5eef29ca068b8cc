/*
 * images.h - do the images of an entry belong to the commitment in its leaf? Takes a line as trail.h reads it. Refuses
 * nothing: it tells which of four things is so.
 */
#ifndef ETL_TRACE_IMAGES_H
#define ETL_TRACE_IMAGES_H

#include "base/buf.h"
#include "secret/merkle_hash.h"
#include "trace/trail.h"

typedef enum {
    IMAGES_SEALED_THEMSELVES, /* no commitment: they stand in the leaf */
    IMAGES_FIT,
    IMAGES_DESTROYED, /* salt and images are gone, the commitment is left */
    IMAGES_DIFFER     /* other images, another salt, or a part of them */
} images_state;

typedef struct {
    merkle_hasher *hasher; /* the caller's */
    buf old, after;        /* of the last line, without COPY's escapes; empty where there is none */
} images_reader;

void images_reader_init(images_reader *r, merkle_hasher *hasher);
void images_reader_free(images_reader *r);

/* False without memory, or when an escape is cut. */
MUST_CHECK bool images_judge(images_reader *r, const span field[TRAIL_FIELDS], images_state *out);

#endif
