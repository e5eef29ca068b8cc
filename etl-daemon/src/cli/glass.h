/*
 * glass.h - ekok access glass: the break-glass, from the asking to the review. Who may what, and the trace of it, are
 * the database's.
 */
#ifndef ETL_CLI_GLASS_H
#define ETL_CLI_GLASS_H

#include "cli/command.h"
#include "cli/listing.h"

/*
 * access glass                  glass_breakings
 * access glass ask              --purpose TEXT [--until TIME]; keepers approve it with access approve NUMBER --code
 * access glass read             [--programme P] [--place G] [--record R] [--rows N] --code: each row is recorded first
 * access glass review NUMBER    --finding TEXT, by an auditor
 */
extern const listing glass_breakings; /* every breaking, and whether it was reviewed */
MUST_CHECK bool glass_do(command_session *s, const command_line *line, failure *f);

#endif
