/*
 * trace_line.h - a line of the agent's trace, read back by whoever holds the trace against another record: which
 * cell was opened, or what kind of number was looked for, by whom, why.
 *
 * Promises to know the lines that guard.c writes of values (`open`, `find`) and to pass by all others. Refuses a line
 * of those two kinds that lacks a part: a verified trace has none such.
 */
#ifndef ETL_AGENT_TRACE_LINE_H
#define ETL_AGENT_TRACE_LINE_H

#include "base/span.h"

enum { TRACE_NAME = 256, TRACE_TEXT = 800 };

typedef enum { TRACE_OTHER, TRACE_OPEN, TRACE_FIND, TRACE_BROKEN } trace_kind;

/* Texts as they were given, no longer escaped; a text that was cut when it was written stays cut. */
typedef struct {
    char caller[TRACE_NAME], user[TRACE_NAME]; /* user: "" unless the caller names its users */
    char of[TRACE_TEXT];                       /* SCHEMA.TABLE.COLUMN/ROW of a cell, token_KIND of a number */
    char why[TRACE_TEXT], topic[TRACE_TEXT];
} trace_value;

/* text: a line between its time and its hash. *out is filled for TRACE_OPEN and TRACE_FIND. */
trace_kind trace_line_read(span text, trace_value *out);

#endif
