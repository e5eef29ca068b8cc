/*
 * progress.h - how far a sweep is, for other sessions to see in the view ekok.double_dip_progress.
 *
 * Kept where PostgreSQL keeps the progress of its own commands, under a number that none of them has, so its own
 * views do not show it. A backend has room for one command: a sweep within another (COPY, CREATE INDEX), or a
 * second sweep at the same time, goes unreported. An error or the end of the transaction clears it. Needs
 * track_activities.
 */
#ifndef EKOK_DOUBLEDIP_PROGRESS_H
#define EKOK_DOUBLEDIP_PROGRESS_H

#include "postgres.h"

typedef struct {
    Oid index; /* the first */
    int indexes;
    int part;
    int parts;
    int64 pages; /* to be read, about */
} progress_about;

/* False when there is no room; then do not call the others. */
bool progress_begin(const progress_about *about);
void progress_pages(int64 done, int64 candidates);
void progress_end(void);

#endif
