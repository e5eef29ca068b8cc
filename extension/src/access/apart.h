/*
 * apart.h - what is written in a transaction of its own, whatever becomes of the caller's.
 */
#ifndef EKOK_ACCESS_APART_H
#define EKOK_ACCESS_APART_H

#include "postgres.h"

#include "fmgr.h"

/* SQL function ekok.apart(what text, args text[]): what access.do_apart answers. */
Datum apart(PG_FUNCTION_ARGS);

#endif
