/*
 * pg.c - sessions, statements and COPY over libpq. Refuses values inside SQL text; passes on the server's
 * code, message and hint, never its DETAIL or CONTEXT, and of a data exception not even the value quoted in
 * the message.
 */
#include "wire/pg.h"

#include <libpq-fe.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { MESSAGE_TEXT = 320, PREPARED_MAX = 8, PREPARED_NAME = 16 };

struct pg_session {
    PGconn *conn;
    char sqlstate[6];
    const char *prepared[PREPARED_MAX]; /* the statement named after its place; NULL: none yet */
};

/* Copies one line: what libpq writes over several lines becomes one, without trailing blanks. */
static void one_line(const char *from, char *to, size_t room)
{
    size_t n = 0;
    for (; *from && n + 1 < room; from++) {
        bool blank = *from == '\n' || *from == '\t' || *from == '\r' || *from == ' ';
        if (!blank)
            to[n++] = *from;
        else if (n > 0 && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    while (n > 0 && to[n - 1] == ' ')
        n--;
    to[n] = '\0';
}

/* Class 22 (data exception) quotes the offending value after a colon: that part is cut. */
static void hide_value(const char *sqlstate, char *message)
{
    char *quoted = strncmp(sqlstate, "22", 2) == 0 ? strchr(message, ':') : NULL;
    if (quoted)
        *quoted = '\0';
}

static void on_notice(void *context, const PGresult *result)
{
    (void)context;
    char message[MESSAGE_TEXT];
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    one_line(text ? text : "", message, sizeof message);
    hide_value(state ? state : "", message);
    log_event(LOG_DEBUG, NULL, "database_notice", "sqlstate=%s message=\"%s\"", state ? state : "", message);
}

pg_session *pg_open(const char *conninfo, const char *application_name, failure *f)
{
    /*
     * What stands before dbname are defaults that the conninfo may override, what stands after are not. The option
     * lets the server notice within a second that this process died in the middle of a statement.
     */
    const char *keyword[] = {"connect_timeout",
                             "keepalives",
                             "keepalives_idle",
                             "keepalives_interval",
                             "keepalives_count",
                             "tcp_user_timeout",
                             "options",
                             "dbname",
                             "application_name",
                             "client_encoding",
                             NULL};
    const char *value[] = {"10",
                           "1",
                           "30",
                           "10",
                           "3",
                           "60000",
                           "-c client_connection_check_interval=1000",
                           conninfo,
                           application_name,
                           "UTF8",
                           NULL};
    char message[MESSAGE_TEXT];
    pg_session *s = calloc(1, sizeof *s);
    if (s)
        s->conn = PQconnectdbParams(keyword, value, 1);
    if (!s || !s->conn) {
        (void)fail(f, EXIT_DATABASE, "no memory for a database session");
    } else if (PQstatus(s->conn) != CONNECTION_OK) {
        one_line(PQerrorMessage(s->conn), message, sizeof message);
        (void)fail(f, EXIT_DATABASE, "the database cannot be reached: %s; see [database] conninfo", message);
    } else {
        (void)PQsetNoticeReceiver(s->conn, on_notice, NULL);
        return s;
    }
    pg_close(s);
    return NULL;
}

void pg_close(pg_session *s)
{
    if (!s)
        return;
    PQfinish(s->conn);
    free(s);
}

const char *pg_sqlstate(const pg_session *s)
{
    return s->sqlstate;
}

bool pg_lost(const pg_session *s)
{
    return PQstatus(s->conn) == CONNECTION_BAD;
}

/* Keeps the code and writes the line; result may be NULL (libpq itself failed). */
static bool explain(pg_session *s, const PGresult *result, failure *f)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *hint = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_HINT) : NULL;
    char message[MESSAGE_TEXT];
    (void)snprintf(s->sqlstate, sizeof s->sqlstate, "%s", state ? state : "");
    one_line(text ? text : PQerrorMessage(s->conn), message, sizeof message);
    hide_value(s->sqlstate, message);
    if (!state)
        return fail(f, EXIT_DATABASE, "the database connection was lost: %s", message);
    return fail(f, EXIT_DATABASE, "%s (SQLSTATE %s)%s%s", message, state, hint ? "; " : "", hint ? hint : "");
}

static PGresult *execute(pg_session *s, const char *sql, int count, const char *const *param)
{
    s->sqlstate[0] = '\0';
    return PQexecParams(s->conn, sql, count, NULL, param, NULL, NULL, 0);
}

bool pg_run(pg_session *s, const char *sql, int count, const char *const *param, failure *f)
{
    PGresult *result = execute(s, sql, count, param);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good)
        (void)explain(s, result, f);
    PQclear(result);
    return good;
}

/* A pg_rows is a PGresult under another name; nobody else looks inside. */
static pg_rows *rows_of(pg_session *s, PGresult *result, failure *f)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return (pg_rows *)result;
    (void)explain(s, result, f);
    PQclear(result);
    return NULL;
}

pg_rows *pg_query(pg_session *s, const char *sql, int count, const char *const *param, failure *f)
{
    return rows_of(s, execute(s, sql, count, param), f);
}

/* False with the reason told. */
static bool prepare(pg_session *s, int place, const char *name, failure *f)
{
    PGresult *result = PQprepare(s->conn, name, s->prepared[place], 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good)
        (void)explain(s, result, f);
    PQclear(result);
    return good;
}

pg_rows *pg_query_again(pg_session *s, const char *sql, int count, const char *const *param, failure *f)
{
    char name[PREPARED_NAME];
    int place = 0;
    while (place < PREPARED_MAX && s->prepared[place] && s->prepared[place] != sql)
        place++;
    if (place == PREPARED_MAX)
        return pg_query(s, sql, count, param, f);
    s->sqlstate[0] = '\0';
    (void)snprintf(name, sizeof name, "again_%d", place);
    if (!s->prepared[place]) {
        s->prepared[place] = sql;
        if (!prepare(s, place, name, f)) {
            s->prepared[place] = NULL;
            return NULL;
        }
    }
    return rows_of(s, PQexecPrepared(s->conn, name, count, param, NULL, NULL, 0), f);
}

int pg_rows_count(const pg_rows *r)
{
    return PQntuples((const PGresult *)r);
}

int pg_rows_columns(const pg_rows *r)
{
    return PQnfields((const PGresult *)r);
}

const char *pg_rows_column(const pg_rows *r, int column)
{
    return PQfname((const PGresult *)r, column);
}

const char *pg_rows_get(const pg_rows *r, int row, int column)
{
    const PGresult *result = (const PGresult *)r;
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

int64_t pg_rows_number(const pg_rows *r, int row, int column)
{
    const char *text = pg_rows_get(r, row, column);
    return text ? strtoll(text, NULL, 10) : 0;
}

void pg_rows_free(pg_rows *r)
{
    PQclear((PGresult *)r);
}

bool pg_copy_begin(pg_session *s, const char *copy_sql, failure *f)
{
    PGresult *result = execute(s, copy_sql, 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COPY_IN;
    if (!good)
        (void)explain(s, result, f);
    PQclear(result);
    return good;
}

bool pg_copy_send(pg_session *s, span bytes, failure *f)
{
    if (bytes.n > INT_MAX)
        return fail(f, EXIT_INTERNAL, "a piece of COPY data is larger than libpq takes");
    if (bytes.n == 0 || PQputCopyData(s->conn, bytes.p, (int)bytes.n) == 1)
        return true;
    return explain(s, NULL, f);
}

/* Reads what is left of a command, so that the session can take the next one; true when all of it went well. */
static bool settle(pg_session *s, failure *f)
{
    bool good = false, told = false;
    PGresult *result = NULL;
    while ((result = PQgetResult(s->conn))) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            good = true;
        else if (!told)
            told = !explain(s, result, f);
        PQclear(result);
    }
    if (!good && !told)
        (void)explain(s, NULL, f);
    return good && !told;
}

bool pg_copy_end(pg_session *s, failure *f)
{
    if (PQputCopyEnd(s->conn, NULL) != 1)
        return explain(s, NULL, f);
    return settle(s, f);
}

bool pg_copy_out(pg_session *s, const char *copy_sql, pg_line_fn take, void *context, failure *f)
{
    failure rest = {.code = EXIT_DONE, .text = ""};
    char *line = NULL;
    int n;
    bool taken = true;
    PGresult *result = execute(s, copy_sql, 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COPY_OUT;
    size_t line_feed = PQbinaryTuples(result) ? 0 : 1;
    if (!good)
        (void)explain(s, result, f);
    PQclear(result);
    if (!good)
        return false;
    while ((n = PQgetCopyData(s->conn, &line, 0)) > 0) {
        taken = taken && take(context, (span){line, (size_t)n - line_feed}, f);
        PQfreemem(line);
    }
    if (n == -2)
        return explain(s, NULL, taken ? f : &rest);
    good = settle(s, taken ? f : &rest);
    return taken && good;
}
