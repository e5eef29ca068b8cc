/* columns.c - see columns.h. */
#include "linkage/columns.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static const char *const ROLES[LINK_ROLES] = {
#define X(ROLE, role, how) #role,
#include "linkage/column.def"
#undef X
};

static void refuse(int sqlstate, char *message) pg_attribute_noreturn();

static void refuse(int sqlstate, char *message)
{
    StringInfoData roles;

    initStringInfo(&roles);
    for (int role = 0; role < LINK_ROLES; role++)
        appendStringInfo(&roles, "%s%s", role > 0 ? ", " : "", ROLES[role]);
    ereport(
        ERROR, errcode(sqlstate), errmsg_internal("%s", message),
        errhint("Map columns by their meaning, as {\"name\": \"full_name\", \"birth_date\": \"dob\"}: %s.",
                roles.data));
}

/* The expression that reads columns of the table as what the role needs: a date, or text. */
typedef struct {
    Oid table;
    StringInfoData list;
    int columns;
    bool date;
} expression;

static void add_column(expression *e, const char *name)
{
    AttrNumber number = get_attnum(e->table, name);

    if (number <= 0)
        refuse(ERRCODE_UNDEFINED_COLUMN,
               psprintf("table \"%s\" has no column \"%s\"", get_rel_name(e->table), name));
    Oid type = get_atttype(e->table, number);
    e->date = type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
    appendStringInfo(&e->list, "%s%s", e->columns > 0 ? ", " : "", quote_identifier(name));
    e->columns++;
}

static void add_expression(StringInfo query, link_role role, const expression *e)
{
    if (e->columns > 1)
        appendStringInfo(query, ", pg_catalog.concat_ws(' ', %s)", e->list.data);
    else
        appendStringInfo(query, ", (%s)::pg_catalog.%s", e->list.data,
                         role == LINK_BIRTH_DATE && e->date ? "date" : "text");
}

static link_role role_of(const JsonbValue *key)
{
    for (int role = 0; role < LINK_ROLES; role++) {
        if (strlen(ROLES[role]) == (Size)key->val.string.len &&
            memcmp(ROLES[role], key->val.string.val, (Size)key->val.string.len) == 0)
            return (link_role)role;
    }
    refuse(ERRCODE_INVALID_PARAMETER_VALUE, psprintf("columns: there is no meaning \"%s\"",
                                                     pnstrdup(key->val.string.val, key->val.string.len)));
}

static void read_mapping(Oid table, Jsonb *mapping, expression each[LINK_ROLES])
{
    JsonbIterator *it = JsonbIteratorInit(&mapping->root);
    JsonbIteratorToken token;
    JsonbValue value;
    link_role role = LINK_ID;
    int depth = 0;

    while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE) {
        bool opens = token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY;

        depth += opens ? 1 : token == WJB_END_OBJECT || token == WJB_END_ARRAY ? -1 : 0;
        if (opens && (token == WJB_BEGIN_OBJECT) != (depth == 1))
            refuse(ERRCODE_INVALID_PARAMETER_VALUE, "columns is not an object of names of columns");
        if (token == WJB_KEY)
            role = role_of(&value);
        if ((token == WJB_VALUE || token == WJB_ELEM) && value.type == jbvString)
            add_column(&each[role], pnstrdup(value.val.string.val, value.val.string.len));
        else if ((token == WJB_VALUE || token == WJB_ELEM) && value.type != jbvNull)
            refuse(ERRCODE_INVALID_PARAMETER_VALUE,
                   psprintf("columns: \"%s\" is not the name of a column", ROLES[role]));
    }
}

static void check_table(Oid table)
{
    char kind = get_rel_relkind(table);

    if (get_rel_name(table) == NULL)
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE), errmsg("no table has OID %u", table));
    if (strchr("rpvmf", kind) == NULL)
        ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
                errmsg("\"%s\" is not a table", get_rel_name(table)),
                errhint("Give a table, a view or a foreign table."));
}

link_columns link_columns_of(Oid table, Jsonb *mapping)
{
    link_columns columns = {0};
    expression each[LINK_ROLES];
    StringInfoData query;
    int compared = 0;

    check_table(table);
    for (int role = 0; role < LINK_ROLES; role++) {
        each[role] = (expression){.table = table};
        initStringInfo(&each[role].list);
        if (mapping == NULL && get_attnum(table, ROLES[role]) > 0)
            add_column(&each[role], ROLES[role]);
    }
    if (mapping != NULL)
        read_mapping(table, mapping, each);
    columns.has_rows = strchr("rm", get_rel_relkind(table)) != NULL;
    initStringInfo(&query);
    appendStringInfoString(&query, columns.has_rows ? "SELECT ctid" : "SELECT NULL::pg_catalog.tid");
    for (int role = 0, at = 1; role < LINK_ROLES; role++) {
        columns.at[role] = each[role].columns > 0 ? at++ : -1;
        compared += each[role].columns > 0 && role != LINK_ID && role != LINK_PROGRAMME;
        if (each[role].columns > 0)
            add_expression(&query, (link_role)role, &each[role]);
    }
    if (compared == 0)
        refuse(ERRCODE_INVALID_PARAMETER_VALUE,
               psprintf("table \"%s\" has no column to compare by", get_rel_name(table)));
    appendStringInfo(
        &query, " FROM %s",
        quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table)));
    columns.query = query.data;
    return columns;
}
