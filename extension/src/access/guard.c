/*
 * guard.c - hooks. A password is set through schema access, CREATEROLE is given to nobody and is of no use to
 * whoever has it, and what would let a role read or write files of the server is given by superusers alone.
 * Superusers are held to the first two as well: they act over the local socket without a password. What they
 * still can do - take ekok out of shared_preload_libraries, or turn ekok.guard_roles off - needs a restart,
 * which stands in the server's log. Refuses to judge the strength of a password: access.change_password does.
 */
#include "postgres.h"

#include "access/guard.h"

#include "catalog/pg_authid.h"
#include "commands/defrem.h"
#include "commands/user.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/guc.h"

static bool guarding = false, opened = false, guard_roles = true;
static check_password_hook_type next_check_password = NULL;
static ProcessUtility_hook_type next_utility = NULL;

void guard_open(bool open)
{
    opened = open;
}

static void refuse_password(void) pg_attribute_noreturn();

static void refuse_password(void)
{
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("passwords are not set by hand"),
            errdetail("They change with a one-time code, and are checked."),
            errhint("Use ekok passwd, or access.change_password(new, one_time_code); for somebody new "
                    "access.register."));
}

static void check_password(const char *name, const char *password, PasswordType type, Datum until,
                           bool until_null)
{
    if (guard_roles && !opened)
        refuse_password();
    if (guard_roles && type != PASSWORD_TYPE_SCRAM_SHA_256)
        ereport(ERROR, errcode(ERRCODE_INVALID_PASSWORD),
                errmsg("a password is stored as a SCRAM verifier only"));
    if (next_check_password)
        next_check_password(name, password, type, until, until_null);
}

static void look_at_options(List *options)
{
    ListCell *cell;

    foreach (cell, options) {
        DefElem *option = lfirst_node(DefElem, cell);

        if (strcmp(option->defname, "password") == 0)
            refuse_password();
        if (strcmp(option->defname, "createrole") == 0 && option->arg != NULL && defGetBoolean(option))
            ereport(
                ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("CREATEROLE is for nobody"),
                errdetail("In PostgreSQL 15 it gives whoever has it the server's operating system account."),
                errhint(
                    "Logins are made by access.register, duties given by access.request and two approvals."));
    }
}

/* In PostgreSQL 15 CREATEROLE alone would pass the server's own checks of these. */
static void refuse_by_createrole(void)
{
    if (!superuser())
        ereport(
            ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("roles are not made or changed by hand"),
            errhint("Logins are made by access.register, duties given by access.request and two approvals."));
}

static bool gives_server_files(GrantRoleStmt *statement)
{
    ListCell *cell;

    foreach (cell, statement->granted_roles) {
        const char *name = lfirst_node(AccessPriv, cell)->priv_name;

        if (name != NULL && strncmp(name, "pg_", 3) == 0)
            return true;
    }
    return false;
}

/* ALTER ROLE of oneself stays, as far as it sets nothing but settings; that is another statement. */
static void look_at(Node *statement)
{
    switch (nodeTag(statement)) {
    case T_CreateRoleStmt:
        look_at_options(((CreateRoleStmt *)statement)->options);
        refuse_by_createrole();
        break;
    case T_AlterRoleStmt:
        look_at_options(((AlterRoleStmt *)statement)->options);
        refuse_by_createrole();
        break;
    case T_DropRoleStmt:
        refuse_by_createrole();
        break;
    case T_GrantRoleStmt:
        if (!superuser() &&
            (has_createrole_privilege(GetUserId()) || gives_server_files((GrantRoleStmt *)statement)))
            refuse_by_createrole();
        break;
    default:
        break;
    }
}

/* signature: PostgreSQL's, of every such hook. */
static void utility(PlannedStmt *planned, const char *sql, bool read_only, ProcessUtilityContext context,
                    ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
                    QueryCompletion *completion)
{
    if (guard_roles && !opened)
        look_at(planned->utilityStmt);
    if (next_utility)
        next_utility(planned, sql, read_only, context, params, environment, receiver, completion);
    else
        standard_ProcessUtility(planned, sql, read_only, context, params, environment, receiver, completion);
}

void guard_start(void)
{
    DefineCustomBoolVariable("ekok.guard_roles",
                             "Keeps passwords and roles to the functions of schema access.",
                             "Off only while a registry is installed or mended.", &guard_roles, true,
                             PGC_POSTMASTER, 0, NULL, NULL, NULL);
    next_check_password = check_password_hook;
    check_password_hook = check_password;
    next_utility = ProcessUtility_hook;
    ProcessUtility_hook = utility;
    guarding = true;
}

PG_FUNCTION_INFO_V1(guards_roles);

Datum guards_roles(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(guarding && guard_roles);
}
