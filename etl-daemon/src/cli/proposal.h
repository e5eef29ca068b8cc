/*
 * proposal.h - ekok source proposals and activate: definitions that one operator wrote, looked at and put in force by
 * another. Who may, the database says.
 */
#ifndef ETL_CLI_PROPOSAL_H
#define ETL_CLI_PROPOSAL_H

#include "cli/command.h"

/* source proposals: those that wait; source proposals NUMBER: one, with the parts that differ from what is in force. */
MUST_CHECK bool proposal_show(command_session *s, const command_line *line, failure *f);

/* source activate NUMBER */
MUST_CHECK bool proposal_activate(command_session *s, const command_line *line, failure *f);

#endif
