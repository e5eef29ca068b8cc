/*
 * trail.c - see trail.h. The arguments of the trigger: the table of entries, then the columns of the primary key.
 */
#include "audit/trail.h"

#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/varlena.h"

static bool is_trail(const Trigger *t, Oid sibling)
{
    const char *name = t->tgenabled == TRIGGER_FIRES_ALWAYS && TRIGGER_FOR_UPDATE(t->tgtype) &&
                               TRIGGER_FOR_AFTER(t->tgtype) && !TRIGGER_FOR_ROW(t->tgtype) &&
                               t->tgnattr == 0 && t->tgqual == NULL && t->tgnargs >= 2
                           ? get_func_name(t->tgfoid)
                           : NULL;

    return name != NULL && strcmp(name, "record_change") == 0 &&
           get_func_namespace(t->tgfoid) == get_func_namespace(sibling);
}

const Trigger *ekok_trail_of(Relation table, Oid sibling)
{
    TriggerDesc *all = table->trigdesc;

    for (int i = 0; all != NULL && i < all->numtriggers; i++)
        if (is_trail(&all->triggers[i], sibling))
            return &all->triggers[i];
    return NULL;
}

Oid ekok_trail_table(const Trigger *trail)
{
    List *names = stringToQualifiedNameList(trail->tgargs[0]);

    return RangeVarGetRelid(makeRangeVarFromNameList(names), RowExclusiveLock, false);
}

char *ekok_trail_name(Relation table)
{
    return psprintf("%s.%s", get_namespace_name(RelationGetNamespace(table)), RelationGetRelationName(table));
}

AttrNumber *ekok_trail_key(Relation table, const Trigger *trail)
{
    int n = trail->tgnargs - 1;
    AttrNumber *key = palloc(sizeof *key * (Size)n);

    for (int i = 0; i < n; i++) {
        key[i] = get_attnum(RelationGetRelid(table), trail->tgargs[i + 1]);
        if (key[i] <= 0)
            ekok_trail_refuse("an argument names a column that does not exist");
    }
    return key;
}

ekok_image_writer *ekok_trail_writer(Relation table, const Trigger *trail)
{
    return ekok_image_writer_of(RelationGetDescr(table), ekok_trail_key(table, trail), trail->tgnargs - 1);
}

void ekok_trail_refuse(const char *why)
{
    ereport(
        ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("record_change: %s", why),
        errhint("CREATE TRIGGER ... AFTER INSERT ... REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
                "EXECUTE FUNCTION ekok.record_change('audit.entry', 'id')."));
}
