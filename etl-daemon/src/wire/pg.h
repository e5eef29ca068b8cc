/*
 * pg.h - the daemon's and the CLI's only way to PostgreSQL: libpq is called from this folder's pg.c and nowhere else.
 * Values travel as parameters or by COPY, never inside SQL text. Failures carry the server's SQLSTATE and message,
 * never its DETAIL (which may quote values).
 */
#ifndef ETL_WIRE_PG_H
#define ETL_WIRE_PG_H

#include <stdint.h>

#include "base/failure.h"

typedef struct pg_session pg_session;
typedef struct pg_rows pg_rows;

enum { PG_PARAMS_MAX = 24 };

pg_session *pg_open(const char *conninfo, const char *application_name, failure *f); /* NULL: EXIT_DATABASE */
void pg_close(pg_session *s);

/* Last error's SQLSTATE, "" when none or no server. */
const char *pg_sqlstate(const pg_session *s);

/* Runs one statement with text parameters (NULL: SQL null); no rows expected. */
MUST_CHECK bool pg_run(pg_session *s, const char *sql, int count, const char *const *param, failure *f);

/* The same, returning rows; free with pg_rows_free. NULL on failure. */
pg_rows *pg_query(pg_session *s, const char *sql, int count, const char *const *param, failure *f);

/* The same for what is asked again and again: parsed once a session. sql: a constant, known by its address. */
pg_rows *pg_query_again(pg_session *s, const char *sql, int count, const char *const *param, failure *f);
int pg_rows_count(const pg_rows *r);
int pg_rows_columns(const pg_rows *r);
const char *pg_rows_column(const pg_rows *r, int column);
const char *pg_rows_get(const pg_rows *r, int row, int column); /* NULL: SQL null */
int64_t pg_rows_number(const pg_rows *r, int row, int column);  /* of a whole number; 0: SQL null */
void pg_rows_free(pg_rows *r);

/* COPY ... FROM STDIN (text format): begin, any number of sends, end. */
MUST_CHECK bool pg_copy_begin(pg_session *s, const char *copy_sql, failure *f);
MUST_CHECK bool pg_copy_send(pg_session *s, span bytes, failure *f);
MUST_CHECK bool pg_copy_end(pg_session *s, failure *f);

/*
 * COPY ... TO STDOUT: each line, without its line feed, to `take`, whose false ends the copy; in binary form each
 * message (copy_rows.h).
 */
typedef bool (*pg_line_fn)(void *context, span line, failure *f);
MUST_CHECK bool pg_copy_out(pg_session *s, const char *copy_sql, pg_line_fn take, void *context, failure *f);

/* True after the connection was lost: the transaction is gone, a new session is needed. */
bool pg_lost(const pg_session *s);

#endif
