/*
 * trace_scan.h - the visible entries of a trace in the order (transaction, number), partitions merged: by the primary
 * key's index, each row looked at where it lies in its page and copied nowhere. Refuses a table that is no table of
 * entries, and one that the caller may not read whole.
 */
#ifndef EKOK_AUDIT_TRACE_SCAN_H
#define EKOK_AUDIT_TRACE_SCAN_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"

typedef struct {
    uint64 xact;
    int64 id;
} ekok_trace_key;

typedef struct ekok_trace_scan ekok_trace_scan;

/*
 * Entries behind `after`, as the active snapshot sees them. In the current memory context, which must last as long as
 * the scan; so must the current resource owner.
 */
ekok_trace_scan *ekok_trace_scan_open(Oid trace, ekok_trace_key after);
void ekok_trace_scan_close(ekok_trace_scan *scan);

typedef struct {
    ekok_trace_key key;
    HeapTuple row;   /* in its page, which stays until the next call */
    TupleDesc shape; /* of the partition that it lies in */
} ekok_trace_row;

/* False: there is none any more. */
bool ekok_trace_scan_next(ekok_trace_scan *scan, ekok_trace_row *out);

#endif
