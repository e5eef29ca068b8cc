/*
 * audit.h - ekok verify-audit, ekok audit prove and check, ekok keys init-audit: what an auditor types.
 */
#ifndef ETL_CLI_AUDIT_H
#define ETL_CLI_AUDIT_H

#include "cli/command.h"

/* Trace against witnesses, tables against the trace; false (EXIT_EVIDENCE) with what is wrong printed. */
MUST_CHECK bool audit_verify(command_session *s, const command_line *line, failure *f);

/* ekok audit prove NUMBER FOLDER: writes FOLDER/entry and FOLDER/proof. */
MUST_CHECK bool audit_prove(command_session *s, const command_line *line, failure *f);

/* ekok audit check FOLDER --keys FILE: no database. */
MUST_CHECK bool audit_check(const command_line *line, failure *f);

/* ekok keys init-audit NAME FILE: the private key into FILE, its public half into FILE.pub. */
MUST_CHECK bool audit_init_key(const command_line *line, failure *f);

/* The same check of any session, for `ekok drill`: keys and witnesses of the line; nothing is printed. */
typedef struct {
    uint64_t entries;
    size_t findings;
    char first[400]; /* the first finding, "" when there is none */
} audit_judgement;
MUST_CHECK bool audit_judge(pg_session *pg, const command_line *line, audit_judgement *out, failure *f);

#endif
