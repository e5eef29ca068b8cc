/*
 * argument.h - a text argument as a parsed name. Each call site remembers the last text of either argument, so that
 * the constant of a scan and the outer row of a join are parsed once.
 */
#ifndef EKOK_MATCH_ARGUMENT_H
#define EKOK_MATCH_ARGUMENT_H

#include "postgres.h"

#include "fmgr.h"

#include "name.h"

enum { EKOK_ARGUMENTS_REMEMBERED = 2 };

/*
 * Argument n (0 or 1), valid until the next call with another text; NULL when it is no name: longer than
 * EKOK_NAME_BYTES_MAX, or not UTF-8 in a database of another encoding.
 */
const ekok_name *ekok_name_argument(FunctionCallInfo fcinfo, int n);

/* The bytes of a text argument, detoasted. */
ekok_span ekok_text_argument(FunctionCallInfo fcinfo, int n);

#endif
