/*
 * cases.h - the most striking cases of the report: one person, all enrolments, identifiers masked.
 */
#ifndef ETL_CLI_CASES_H
#define ETL_CLI_CASES_H

#include "cli/command.h"

MUST_CHECK bool cases_print(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool cases_print_json(command_session *s, const command_line *line, failure *f);

#endif
