/*
 * argument.h - text arguments as parsed names, and how alike they are. Each backend keeps the words that it has heard;
 * each call site remembers the last text of either argument and, while one of them stays the same, as the constant of a
 * scan and the outer row of a join do, what the texts that passed by on the other side scored.
 */
#ifndef EKOK_MATCH_ARGUMENT_H
#define EKOK_MATCH_ARGUMENT_H

#include "postgres.h"

#include "fmgr.h"

#include "name.h"

/*
 * Argument n (0 or 1), valid until the next call with another text; NULL when it is no name: longer than
 * EKOK_NAME_BYTES_MAX, or not UTF-8 in a database of another encoding.
 */
const ekok_name *ekok_name_argument(FunctionCallInfo fcinfo, int n);

/* The similarity of both arguments; 0 when either is no name. */
float4 ekok_arguments_similarity(FunctionCallInfo fcinfo);

/* The bytes of a text argument, detoasted. */
ekok_span ekok_text_argument(FunctionCallInfo fcinfo, int n);

#endif
