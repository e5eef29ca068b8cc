/*
 * keys.h - `ekok keys`: key files, versions of keys and their rotation. Run by the user whose key file it is.
 */
#ifndef ETL_CLI_KEYS_H
#define ETL_CLI_KEYS_H

#include "cli/command.h"

/* A new key file, and nothing else. */
MUST_CHECK bool keys_init(const command_line *line, failure *f);

/* Wraps the keys of the configured file: by --wrap, else by a new file beside it. No database. */
MUST_CHECK bool keys_upgrade(const command_line *line, failure *f);
MUST_CHECK bool keys_rewrap(const command_line *line,
                            failure *f); /* the same keys under --wrap, or a new key */

MUST_CHECK bool keys_status(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool keys_add(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool keys_rotate(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool keys_destroy(command_session *s, const command_line *line, failure *f);

#endif
