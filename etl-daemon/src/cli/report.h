/*
 * report.h - `ekok report`: what the last runs brought, who is found in several programmes and by which
 * evidence, who breaks a rule, which programmes are combined, and the most striking cases.
 */
#ifndef ETL_CLI_REPORT_H
#define ETL_CLI_REPORT_H

#include "cli/command.h"

MUST_CHECK bool report_print(command_session *s, const command_line *line, failure *f);

#endif
