/*
 * access.h - ekok access: who may see what, asked for, approved by two others, reviewed. ekok passwd: a new
 * password. Logins and their second factors are account.h's.
 */
#ifndef ETL_CLI_ACCESS_H
#define ETL_CLI_ACCESS_H

#include "cli/command.h"

/* access list [mine | requests | scopes | irregular | bypass | glasses]; without a word: mine. */
MUST_CHECK bool access_list(command_session *s, const command_line *line, failure *f);

/* access request DUTY --purpose TEXT --until DATE [--ministry CODE] [--place CODE] */
MUST_CHECK bool access_request(command_session *s, const command_line *line, failure *f);

/*
 * access approve | refuse | withdraw | revoke | attest NUMBER; with --code a one-time code is asked for
 * first.
 */
MUST_CHECK bool access_decide(command_session *s, const command_line *line, failure *f);

/* access review begins one; access sweep does what time does; access ident prints lines for pg_ident.conf. */
MUST_CHECK bool access_review(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool access_sweep(command_session *s, const command_line *line, failure *f);
MUST_CHECK bool access_ident(command_session *s, const command_line *line, failure *f);

/* access disable LOGIN --reason TEXT */
MUST_CHECK bool access_disable(command_session *s, const command_line *line, failure *f);

/* With --code: one line is read and shown to the database, which then trusts this session for a while. */
MUST_CHECK bool access_step_up(command_session *s, const command_line *line, failure *f);

/* passwd: the new password twice and a one-time code, from the terminal or as three lines. */
MUST_CHECK bool access_passwd(command_session *s, const command_line *line, failure *f);

#endif
