/*
 * index_range.h - for planner support functions: an operator that means one range of a btree index.
 */
#ifndef EKOK_TYPE_INDEX_RANGE_H
#define EKOK_TYPE_INDEX_RANGE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "nodes/supportnodes.h"

typedef struct {
    const char *first,
        *last; /* functions beside the operator's: the least and the greatest; NULL: the value itself */
    const char *first_unknown,
        *last_unknown; /* the same for a value that the planner can't know, of a type with estimates of its own;
                          NULL: those above */
    int outer; /* which argument gives the range, 0 or 1; EITHER_ARGUMENT: the one that is not indexed */
} index_range;

enum { EITHER_ARGUMENT = -1 };

/*
 * Answers a planner support call: column >= first(other) AND column <= last(other), which is exact, so that nothing is
 * rechecked; NULL for other requests and where there is nothing to gain. The other side may be a constant, a
 * parameter or any expression without the indexed table.
 */
List *ekok_index_range(Node *request, const index_range *range);

#endif
