/*
 * shape.h - the columns of a table of audit entries, in their order. Refuses a table that has others.
 */
#ifndef EKOK_AUDIT_SHAPE_H
#define EKOK_AUDIT_SHAPE_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "utils/relcache.h"

enum {
    EKOK_ENTRY_ID,
    EKOK_ENTRY_AT,
    EKOK_ENTRY_XACT,
    EKOK_ENTRY_ACTOR,
    EKOK_ENTRY_SOURCE,
    EKOK_ENTRY_RUN_ID,
    EKOK_ENTRY_PAGE_SHA256,
    EKOK_ENTRY_PURPOSE,
    EKOK_ENTRY_TABLE_NAME,
    EKOK_ENTRY_OP,
    EKOK_ENTRY_ROW_ID,
    EKOK_ENTRY_OLD,
    EKOK_ENTRY_NEW,
    EKOK_ENTRY_SALT,
    EKOK_ENTRY_COMMITMENT,
    EKOK_ENTRY_COLUMNS,
    EKOK_ENTRY_PLAIN_COLUMNS =
        EKOK_ENTRY_SALT /* of a trace still to be migrated: its images are sealed themselves */
};

/* Does the column hold images as jsonb, as in a trace that is still to be migrated? */
bool ekok_shape_is_binary(TupleDesc trace, int column);

/* An error, unless `fits` and the relation has the columns of a table of entries. */
void ekok_shape_check(Relation trace, bool fits);

#endif
