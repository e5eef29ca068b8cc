/*
 * gin.h - what both operator classes of an index on names share: gin.c of keys alone, gin_name.c of keys and names.
 */
#ifndef EKOK_MATCH_GIN_H
#define EKOK_MATCH_GIN_H

#include "postgres.h"

#include "fmgr.h"

#include "name.h"

/*
 * For extractQuery: how many keys are asked for of the name that is argument 0, at the threshold of this moment. None
 * of what is no name, which finds nothing; none either below EKOK_NAME_ASKED_LEAST, where the whole index is asked for.
 */
int32 ekok_gin_asked(FunctionCallInfo fcinfo, uint32_t hashes[EKOK_NAME_ASKED_MAX]);

#endif
