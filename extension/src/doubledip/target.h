/*
 * target.h - which index may be swept, by whom, now. Raises a PostgreSQL error that names the reason otherwise.
 */
#ifndef EKOK_DOUBLEDIP_TARGET_H
#define EKOK_DOUBLEDIP_TARGET_H

#include "postgres.h"

#include "access/sdir.h"
#include "access/skey.h"
#include "utils/relcache.h"

typedef struct {
    Relation table;
    Relation index;
    ScanDirection ascending; /* the direction in which keys rise, whichever way the index was declared */
} sweep_target;

/* `extension_schema` is where type evidence lives. Both relations are locked AccessShare until closed. */
sweep_target sweep_target_open(Oid index, Oid extension_schema);
/* The same without a look at the caller's privileges and policies: for triggers, which work in their own right. */
sweep_target sweep_target_open_unchecked(Oid index, Oid extension_schema);

enum { EVIDENCE_RANGE = 2 };
/* Scan keys `evidence >= ?` and `evidence <= ?`; the arguments are the caller's to set. */
void sweep_target_range(const sweep_target *target, ScanKeyData bound[EVIDENCE_RANGE]);

void sweep_target_close(sweep_target *target);

#endif
