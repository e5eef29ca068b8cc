/*
 * holders.h - who holds a piece of evidence: the rows of one key, by one range of an evidence index.
 *
 *     ekok_holders *holders = ekok_holders_open(index, schema, GetLatestSnapshot());
 *     for (each key) {
 *         ekok_holders_seek(holders, key);
 *         while (ekok_holders_next(holders, &holder)) ...
 *     }
 *     ekok_holders_close(holders);
 *
 * For code that works in its own right, such as a trigger: neither privileges nor policies are looked at, but the
 * index must be one that may be searched (target.h says which). Rows are those that the snapshot given sees; the
 * caller's own rows are among them once a CommandCounterIncrement lies between their insert and the snapshot.
 * Several may be open.
 */
#ifndef EKOK_DOUBLEDIP_HOLDERS_H
#define EKOK_DOUBLEDIP_HOLDERS_H

#include "postgres.h"

#include "executor/tuptable.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"

#include "doubledip/target.h"
#include "evidence.h"

typedef struct ekok_holders ekok_holders;

typedef struct {
    ekok_evidence evidence; /* the key that was sought, and the programme */
    ItemPointerData row;    /* by which a query with the same snapshot finds the row */
} ekok_holder;

/*
 * `schema` is the extension's own, get_func_namespace() of any of its functions. Opens and locks the table and the
 * index, AccessShare both; registers the snapshot. Allocates in the current memory context.
 */
ekok_holders *ekok_holders_open(Oid index, Oid schema, Snapshot snapshot);

/* The same over what is open already and stays the caller's to close. */
ekok_holders *ekok_holders_over(const sweep_target *target, Snapshot snapshot);

/* Begins with the key of this evidence, whatever its programme. May be called at any time after open. */
void ekok_holders_seek(ekok_holders *holders, ekok_evidence evidence);

/* The next row of the key, in order of programme; false at the end. Checks for interrupts. */
bool ekok_holders_next(ekok_holders *holders, ekok_holder *holder);

/*
 * The programme of the next visible row of the key, -1 at the end. Rows of programme `but` are passed over without a
 * look at the table; -1 passes over none.
 */
int ekok_holders_next_programme(ekok_holders *holders, int but);

/* All columns of the row that ekok_holders_next gave last; good until the next call. */
TupleTableSlot *ekok_holders_row(ekok_holders *holders);

/* The relation whose rows they are. */
Relation ekok_holders_table(const ekok_holders *holders);

void ekok_holders_close(ekok_holders *holders);

#endif
