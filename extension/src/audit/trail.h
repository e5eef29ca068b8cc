/*
 * trail.h - the audit trigger of a table as data: which trace its entries go to, which columns name its rows.
 */
#ifndef EKOK_AUDIT_TRAIL_H
#define EKOK_AUDIT_TRAIL_H

#include "postgres.h"

#include "utils/rel.h"
#include "utils/reltrigger.h"

#include "audit/image.h"

/*
 * The trigger that writes an entry for each UPDATE of a table, whatever session_replication_role says; NULL when there
 * is none, or it is disabled. sibling: a function of the extension, in whose schema the trigger's is.
 */
const Trigger *ekok_trail_of(Relation table, Oid sibling);

/* The table of its entries, locked for writing. */
Oid ekok_trail_table(const Trigger *trail);

/* schema.table, as entries have it. */
char *ekok_trail_name(Relation table);

/* The columns that name a row, one for each of the trigger's arguments behind the first. Refuses one that is none. */
AttrNumber *ekok_trail_key(Relation table, const Trigger *trail);

/* Names and images of the table's rows. */
ekok_image_writer *ekok_trail_writer(Relation table, const Trigger *trail);

/* An error that says how such a trigger is made. */
void ekok_trail_refuse(const char *why) pg_attribute_noreturn();

#endif
