/*
 * judge.h - which entries belong to rows that the sweep's snapshot sees.
 *
 * Two judges. The visibility map may be asked only while the page that the entry was read from is still pinned.
 * The table may be asked at any time while the snapshot is registered, and says where the row itself is. README.md
 * has the proofs.
 */
#ifndef EKOK_DOUBLEDIP_JUDGE_H
#define EKOK_DOUBLEDIP_JUDGE_H

#include "postgres.h"

#include "utils/snapshot.h"

#include "doubledip/entry.h"
#include "doubledip/target.h"

typedef struct sweep_judge sweep_judge;

/* Marks table and indexes as read, for SERIALIZABLE. `targets` must outlive the judge. */
sweep_judge *sweep_judge_begin(const sweep_target *targets, int count, Snapshot snapshot);
/* Marks the entry visible when its row's page is all-visible. */
void sweep_judge_by_map(sweep_judge *judge, sweep_entry *entry);
/* Lets the pages of visibility maps go that the judge has kept pinned. */
void sweep_judge_unpin(sweep_judge *judge);
/*
 * Asks the tables for the entries that are not judged, in the order of their pages: each is then visible, with its
 * row's own TID, or gone. Returns how many it asked for. Checks for interrupts.
 */
int sweep_judge_by_table(sweep_judge *judge, sweep_entry *entries, int count);
void sweep_judge_end(sweep_judge *judge);

#endif
