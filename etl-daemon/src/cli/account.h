/*
 * account.h - ekok access: logins of persons, with their first password and their second factor.
 *
 * Promises that the secret of a second factor goes from the key agent to this terminal and nowhere else: the database
 * gets it sealed. Refuses a person's login where there is no agent, before anything is changed.
 */
#ifndef ETL_CLI_ACCOUNT_H
#define ETL_CLI_ACCOUNT_H

#include "cli/command.h"

/*
 * access register LOGIN HOLDER [person | program] [--certificate NAME], by an access officer: prints first password
 * and second factor once. A program has neither.
 */
MUST_CHECK bool account_register(command_session *s, const command_line *line, failure *f);

/* access reset LOGIN: both anew. */
MUST_CHECK bool account_reset(command_session *s, const command_line *line, failure *f);

/* access install LOGIN HOLDER, by who installs the registry: one of the first three access officers. */
MUST_CHECK bool account_install(command_session *s, const command_line *line, failure *f);

/* access factor LOGIN, by who installs the registry: a second factor anew, when no officer has one that opens. */
MUST_CHECK bool account_factor(command_session *s, const command_line *line, failure *f);

/* access seal, by who installs the registry: has secrets that stand in the clear sealed, each once. */
MUST_CHECK bool account_seal(command_session *s, const command_line *line, failure *f);

#endif
