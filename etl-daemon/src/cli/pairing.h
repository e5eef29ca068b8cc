/*
 * pairing.h - readings that the database has recorded against openings that the key agent has: which belongs to
 * which, and what has nothing on the other side.
 *
 * A reading is written before its value is opened. So an opening belongs to a reading of the same cell that is no
 * more than PAIRING_WAIT older, or PAIRING_SKEW younger where the two clocks differ; each belongs to one. Of several,
 * the one whose purpose and name are told alike comes first, then the oldest. Knows no file and no database.
 */
#ifndef ETL_CLI_PAIRING_H
#define ETL_CLI_PAIRING_H

#include <stdint.h>

#include "base/span.h"

/* Seconds. A batch that is verified is reserved at once and opened one by one. */
enum { PAIRING_WAIT = 3600, PAIRING_SKEW = 120 };

typedef struct pairing_event {
    int64_t at;       /* seconds since 1970 */
    const char *cell; /* SCHEMA.TABLE.COLUMN/ROW */
    const char *who, *why;
    struct pairing_event *other; /* set by pairing_find; NULL: none */
} pairing_event;

/* Sorts both lists by cell and time. */
void pairing_find(pairing_event **reading, size_t readings, pairing_event **opening, size_t openings);

#endif
