/*
 * scope.h - what the login of this session may see, as one look at schema access found it: cheap to ask for each
 * row, and told anew when the tables behind it change, when a part of it ends or a one-time code comes to count.
 */
#ifndef EKOK_ACCESS_SCOPE_H
#define EKOK_ACCESS_SCOPE_H

#include "postgres.h"

typedef struct ekok_scope ekok_scope;

/* The scope at this moment; stays as it is until the end of the transaction, whatever changes. */
const ekok_scope *ekok_scope_now(void);

/* Whether it holds every row. */
bool ekok_scope_all(const ekok_scope *scope);

/* Codes of the programmes that lie in it in some place, a text[]. */
Datum ekok_scope_programmes(const ekok_scope *scope);

/*
 * Bounds of the codes of its places, low inclusive and high exclusive; false: part of it has no place, so that there
 * are none. A part that waits for a one-time code counts here.
 */
bool ekok_scope_places(const ekok_scope *scope, Datum *low, Datum *high);

/* The table of scopes: a plan that leans on what was found here is made anew when it changes. */
Oid ekok_scope_table(const ekok_scope *scope);

#endif
