/*
 * books.h - what a rotation asks of the database beside values: its number, its parts, its proof.
 */
#ifndef ETL_ROTATE_BOOKS_H
#define ETL_ROTATE_BOOKS_H

#include "rotate/rotate.h"

enum { NUMBER_ROOM = 24 };

/* The next part of a table; end empty: to the end of it. */
typedef struct {
    char table[64], first[NUMBER_ROOM], end[NUMBER_ROOM];
    bool none; /* every table is done */
} rotate_part;

/* Values that did not open: how many, and the first, named by its row. */
typedef struct {
    int64_t count;
    char first[300];
} unreadable;

void books_unreadable(unreadable *u, span row, const char *why);

/* Keeps others from rotating until the session ends. */
MUST_CHECK bool books_hold(pg_session *pg, failure *f);

/* The version that an unfinished rotation of this purpose goes to, 0: there is none. */
MUST_CHECK bool books_unfinished(pg_session *pg, key_purpose purpose, uint32_t *version, failure *f);

/* Makes all versions of a purpose known, as what the key file says they are. */
MUST_CHECK bool books_register(pg_session *pg, const keyring *ring, key_purpose purpose, failure *f);

/* Is this version the active one, or a retired one, for the database? */
MUST_CHECK bool books_active(pg_session *pg, key_purpose purpose, uint32_t version, bool *active, failure *f);
MUST_CHECK bool books_retired(pg_session *pg, key_purpose purpose, uint32_t version, bool *retired,
                              failure *f);

MUST_CHECK bool books_begin(pg_session *pg, key_purpose purpose, uint32_t version, char rotation[NUMBER_ROOM],
                            failure *f);
MUST_CHECK bool books_next(pg_session *pg, const char *rotation, int blocks, rotate_part *out, failure *f);
MUST_CHECK bool books_note(pg_session *pg, const char *rotation, const rotate_part *part,
                           const int64_t counts[2], failure *f);

/* Once more through every table. */
MUST_CHECK bool books_again(pg_session *pg, const char *rotation, failure *f);
MUST_CHECK bool books_activate_tokens(pg_session *pg, const char *rotation, failure *f);
MUST_CHECK bool books_finish_tokens(pg_session *pg, const char *rotation, int64_t checked, failure *f);

/* The same of the key of content MACs. */
MUST_CHECK bool books_activate_contents(pg_session *pg, const char *rotation, failure *f);
MUST_CHECK bool books_finish_contents(pg_session *pg, const char *rotation, int64_t checked, failure *f);

/* How far it is, for a person. */
MUST_CHECK bool books_look(pg_session *pg, const char *rotation, const char *table, rotate_progress *out,
                           failure *f);

/* proved: nothing is left on another version; then the receipt is written. */
MUST_CHECK bool books_finish(pg_session *pg, const char *rotation, bool *proved, failure *f);

#endif
