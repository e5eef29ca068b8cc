/*
 * source.h - `ekok source`: the definitions of sources as the operator adds, looks at, tries and retires them.
 */
#ifndef ETL_CLI_SOURCE_H
#define ETL_CLI_SOURCE_H

#include "cli/command.h"

MUST_CHECK bool source_list(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool source_show(command_session *s, const command_line *line, failure *f);

/* Every file is checked before the first is added; all or none. */
MUST_CHECK bool source_add(command_session *s, const command_line *line, failure *f);

/* source propose FILE...: kept until another operator puts it in force; all files are checked first, all or none. */
MUST_CHECK bool source_propose(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool source_retire(command_session *s, const command_line *line, failure *f);

#endif
