/*
 * circle.h - does a listing come back to where it was? Brent's way: one remembered place, moved on at powers of two, so
 * that a circle of any length is found within a few laps and in constant memory.
 */
#ifndef ETL_JOB_CIRCLE_H
#define ETL_JOB_CIRCLE_H

#include <stdint.h>

#include "secret/seal.h"
#include "source/paging.h"

typedef struct {
    char cursor[PAGING_CURSOR_TEXT];
    uint8_t page[SHA256_BYTES];
    int64_t lap, power; /* pages since the place was remembered, and when the next one is */
} circle;

/*
 * After each page that is not the last: its hash, and the position behind it ("" where the style has none). A line
 * for a person when the listing goes round, else NULL.
 */
const char *circle_closed(circle *c, const uint8_t page[SHA256_BYTES], const char *cursor);

#endif
