/*
 * harden.h - ekok harden: settings and access rules of a hardened server, printed from tables, and a running server
 * held against the same tables. Changes nothing on any server.
 */
#ifndef ETL_CLI_HARDEN_H
#define ETL_CLI_HARDEN_H

#include "cli/command.h"

/* ekok harden --check; EXIT_CONTINUITY when anything does not hold. */
MUST_CHECK bool harden_check(command_session *s, const command_line *line, failure *f);
/* ekok harden --print [FILE]: postgresql.conf, pg_hba.conf, pg_ident.conf or pgbackrest.conf. No database. */
MUST_CHECK bool harden_print(const command_line *line, failure *f);

#endif
