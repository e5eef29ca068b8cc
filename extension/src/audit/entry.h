/*
 * entry.h - writes audit entries in batches, past the executor: at the speed of COPY and with the constraints and
 * indexes of the table that takes them. Refuses a table that is not of the declared shape, or that has row triggers
 * or row-level security, as these would be passed over.
 */
#ifndef EKOK_AUDIT_ENTRY_H
#define EKOK_AUDIT_ENTRY_H

#include "postgres.h"

typedef struct ekok_entries ekok_entries;

typedef struct {
    Datum row_name;   /* text */
    Datum old, after; /* json, or 0 when there is none */
} ekok_entry;

/*
 * table_name: of the audited table; op: INSERT, UPDATE, DELETE, REKEY. Who, when and why is taken from the session;
 * each entry gets a commitment to its images (commitment.h) where the table has room for it.
 */
ekok_entries *ekok_entries_open(Oid trace, const char *table_name, const char *op);

/* The memory context for what an entry holds: lasts until its batch is written. */
MemoryContext ekok_entries_memory(ekok_entries *entries);
void ekok_entries_add(ekok_entries *entries, ekok_entry entry);
void ekok_entries_close(ekok_entries *entries);

#endif
