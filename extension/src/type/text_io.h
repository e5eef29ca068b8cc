/*
 * text_io.h - reading and writing identifiers as SQL values: text, bigint, or the argument of a function. What a
 * kind refuses is raised as an error that never repeats the value.
 */
#ifndef EKOK_TYPE_TEXT_IO_H
#define EKOK_TYPE_TEXT_IO_H

#include "postgres.h"

#include "fmgr.h"

#include "kind.h"

enum { EKOK_TYPMOD_STRICT = 1 }; /* of a type's modifier; -1 is none */

/* The bytes of a text or bytea argument, detoasted. */
ekok_span ekok_span_argument(FunctionCallInfo fcinfo, int n);

/* Returns word unless the modifier refuses it. */
uint64 ekok_hold_typmod(const ekok_kind *kind, uint64 word, int32 typmod);

#endif
