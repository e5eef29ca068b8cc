/*
 * weights.h - arrays as arguments: without NULLs, and the weights of levels that the matching functions take.
 */
#ifndef EKOK_TYPE_WEIGHTS_H
#define EKOK_TYPE_WEIGHTS_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"

#include "match.h"

/* The elements of an array; an error naming `what` when one is NULL. */
void *ekok_array_elements(ArrayType *array, const char *what, int *count);

/*
 * Argument n as weights; false, and the standard ones, for NULL. An error unless it is one finite number for
 * each level.
 */
bool ekok_weights_argument(FunctionCallInfo fcinfo, int n, float weights[EKOK_LEVELS]);

#endif
