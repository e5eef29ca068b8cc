/*
 * argument.h - text arguments as parsed names, and how alike they are. Each call site remembers the last text of either
 * argument and, while one of them stays the same, as the constant of a scan and the outer row of a join do, what was
 * found of the texts that passed by on the other side: 4,096 of at most 70 bytes, 320 KiB.
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

/* Whether that is at least the threshold, which is above 0. A call site asks for one or the other. */
bool ekok_arguments_alike(FunctionCallInfo fcinfo, float4 threshold);

/* The bytes of a text argument, detoasted. */
ekok_span ekok_text_argument(FunctionCallInfo fcinfo, int n);

#endif
