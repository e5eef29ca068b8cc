/*
 * password.c - the only way to a password and to a login: SQL functions that access.change_password and
 * access.register call, and that are granted to their owner alone. A login made here has no attribute but
 * LOGIN. They act as the bootstrap superuser for one statement, so that no role of the database needs
 * CREATEROLE. Refuses every role that is a superuser, has any attribute of power, or is one of PostgreSQL's
 * own. The clear password is looked for in the text of the statement: there logs and statistics would keep
 * it.
 */
#include "postgres.h"

#include "access/guard.h"
#include "access/port.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "commands/user.h"
#include "fmgr.h"
#include "libpq/crypt.h"
#include "libpq/scram.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

static void refuse_powerful(Oid role, const char *name)
{
    HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
    Form_pg_authid form;
    bool powerful;

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for role %u", role);
    form = (Form_pg_authid)GETSTRUCT(tuple);
    powerful = form->rolsuper || form->rolcreaterole || form->rolreplication || form->rolbypassrls ||
               form->rolcreatedb || strncmp(name, "pg_", 3) == 0 || strncmp(name, "ekok_", 5) == 0;
    ReleaseSysCache(tuple);
    if (powerful)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("role \"%s\" is not an ordinary login", name),
                errhint("Only logins without any other attribute are governed by schema access."));
}

static RoleSpec *named(const char *name)
{
    RoleSpec *spec = makeNode(RoleSpec);

    spec->roletype = ROLESPEC_CSTRING;
    spec->rolename = pstrdup(name);
    spec->location = -1;
    return spec;
}

typedef void (*as_superuser_fn)(Node *statement);

static void create_role(Node *statement)
{
    CreateRole(NULL, (CreateRoleStmt *)statement);
}

static void alter_role(Node *statement)
{
    AlterRole(NULL, (AlterRoleStmt *)statement);
}

static void as_superuser(as_superuser_fn act, Node *statement)
{
    Oid user;
    int context;

    GetUserIdAndSecContext(&user, &context);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID,
                           context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
    guard_open(true);
    PG_TRY();
    {
        act(statement);
        CommandCounterIncrement();
    }
    PG_FINALLY();
    {
        guard_open(false);
        SetUserIdAndSecContext(user, context);
    }
    PG_END_TRY();
}

static DefElem *flag(const char *name, bool value)
{
    return makeDefElem(pstrdup(name), (Node *)makeBoolean(value), -1);
}

PG_FUNCTION_INFO_V1(create_login);

/* create_login(name, verifier or null, valid_until or null) */
Datum create_login(PG_FUNCTION_ARGS)
{
    CreateRoleStmt *statement = makeNode(CreateRoleStmt);
    char *name = NameStr(*PG_GETARG_NAME(0));

    if (strncmp(name, "pg_", 3) == 0 || strncmp(name, "ekok_", 5) == 0)
        ereport(ERROR, errcode(ERRCODE_RESERVED_NAME), errmsg("\"%s\" is no name for a login", name),
                errhint("Names that begin with pg_ and ekok_ are those of duties."));
    statement->stmt_type = ROLESTMT_USER;
    statement->role = pstrdup(name);
    statement->options = list_make2(flag("canlogin", true), flag("inherit", true));
    if (!PG_ARGISNULL(1))
        statement->options =
            lappend(statement->options,
                    makeDefElem("password", (Node *)makeString(text_to_cstring(PG_GETARG_TEXT_PP(1))), -1));
    if (!PG_ARGISNULL(2))
        statement->options =
            lappend(statement->options,
                    makeDefElem("validUntil", (Node *)makeString(text_to_cstring(PG_GETARG_TEXT_PP(2))), -1));
    as_superuser(create_role, (Node *)statement);
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(alter_login);

/* alter_login(name, may log in or null, verifier or null, valid until or null) */
Datum alter_login(PG_FUNCTION_ARGS)
{
    AlterRoleStmt *statement = makeNode(AlterRoleStmt);
    char *name = NameStr(*PG_GETARG_NAME(0));

    refuse_powerful(get_role_oid(name, false), name);
    statement->role = named(name);
    statement->action = 1;
    if (!PG_ARGISNULL(1))
        statement->options = lappend(statement->options, flag("canlogin", PG_GETARG_BOOL(1)));
    if (!PG_ARGISNULL(2))
        statement->options =
            lappend(statement->options,
                    makeDefElem("password", (Node *)makeString(text_to_cstring(PG_GETARG_TEXT_PP(2))), -1));
    if (!PG_ARGISNULL(3))
        statement->options =
            lappend(statement->options,
                    makeDefElem("validUntil", (Node *)makeString(text_to_cstring(PG_GETARG_TEXT_PP(3))), -1));
    if (statement->options != NIL)
        as_superuser(alter_role, (Node *)statement);
    PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(scram_verifier);

Datum scram_verifier(PG_FUNCTION_ARGS)
{
    char *clear = text_to_cstring(PG_GETARG_TEXT_PP(0));
    text *made = cstring_to_text(pg_be_scram_build_secret(clear));

    explicit_bzero(clear, strlen(clear));
    PG_RETURN_TEXT_P(made);
}

PG_FUNCTION_INFO_V1(scram_fits);

/* Whether a clear password is the one of a verifier. */
Datum scram_fits(PG_FUNCTION_ARGS)
{
    char *verifier = text_to_cstring(PG_GETARG_TEXT_PP(0)), *clear = text_to_cstring(PG_GETARG_TEXT_PP(1));
    bool fits = get_password_type(verifier) == PASSWORD_TYPE_SCRAM_SHA_256 &&
                scram_verify_plain_password("", clear, verifier);

    explicit_bzero(clear, strlen(clear));
    PG_RETURN_BOOL(fits);
}

PG_FUNCTION_INFO_V1(is_exposed);

/* Whether a value stands in the text that this session's client sent, or came over a network in the clear. */
Datum is_exposed(PG_FUNCTION_ARGS)
{
    char *clear = text_to_cstring(PG_GETARG_TEXT_PP(0));
    bool written = debug_query_string != NULL && strstr(debug_query_string, clear) != NULL;

    explicit_bzero(clear, strlen(clear));
    if (written ||
        (MyProcPort != NULL && MyProcPort->raddr.addr.ss_family != AF_UNIX && !MyProcPort->ssl_in_use))
        PG_RETURN_BOOL(true);
    PG_RETURN_BOOL(false);
}
