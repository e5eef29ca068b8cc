/*
 * columns.h - which columns of a table mean what to ekok.dedupe, and the query that reads them. The mapping is a JSON
 * object {role: column} or {role: [column, ...]}, texts of several columns joined by a space; without one, each column
 * that is called like a role has it.
 * Refuses: a role or column that does not exist, a mapping without anything to compare by, a relation that is no table,
 * view, materialised view or foreign table. Rights and row-level security are those of a query by the caller.
 */
#ifndef EKOK_LINKAGE_COLUMNS_H
#define EKOK_LINKAGE_COLUMNS_H

#include "postgres.h"

#include "utils/jsonb.h"

typedef enum {
#define X(ROLE, role, how) LINK_##ROLE,
#include "linkage/column.def"
#undef X
    LINK_ROLES
} link_role;

typedef struct {
    char *query;
    int at[LINK_ROLES]; /* column of the query's answer, from 0; -1: not there */
    bool has_rows;      /* column 0 is the row's TID */
} link_columns;

/* mapping: NULL for columns by their own names. */
link_columns link_columns_of(Oid table, Jsonb *mapping);

#endif
