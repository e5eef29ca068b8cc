/*
 * quarantine.h - `ekok quarantine`: what was set aside, by reason, source and date; one record as far as its reader may
 * see it; all of it sealed into a file; and again into the registry after a mapping was mended.
 */
#ifndef ETL_CLI_QUARANTINE_H
#define ETL_CLI_QUARANTINE_H

#include "cli/command.h"

MUST_CHECK bool quarantine_list(command_session *s, const command_line *line, failure *f);

/* Letters and digits hidden, but for names of fields; as they are with --clear, which wants --purpose. */
MUST_CHECK bool quarantine_show(command_session *s, const command_line *line, failure *f);

/* A new file of mode 0600, one JSON object a record; the record itself sealed, in hexadecimal. */
MUST_CHECK bool quarantine_export(command_session *s, const command_line *line, failure *f);

#endif
