/*
 * images.h - do the images of an entry belong to the commitment in its leaf? Refuses nothing: it tells
 * which of four things is so.
 */
#ifndef ETL_TRACE_IMAGES_H
#define ETL_TRACE_IMAGES_H

#include "secret/merkle_hash.h"
#include "trace/trail.h"

typedef enum {
    IMAGES_SEALED_THEMSELVES, /* no commitment: they stand in the leaf */
    IMAGES_FIT,
    IMAGES_DESTROYED, /* salt and images are gone, the commitment is left */
    IMAGES_DIFFER     /* other images, another salt, or a part of them */
} images_state;

/* value: as trail_entry has them. False: they cannot be hashed. */
MUST_CHECK bool images_judge(merkle_hasher *hasher, const span value[TRAIL_FIELDS], images_state *out);

#endif
