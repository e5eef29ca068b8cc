/*
 * report.h - turns a refusal of the core into a PostgreSQL error. No other file raises errors about values, so
 * that none ever repeats the value: it may be somebody's identity number. What PostgreSQL adds by itself is out
 * of our hands: COPY names the value in its CONTEXT, and psql echoes the line of a literal. Whoever loads clear
 * identifiers does so into a text column and converts in a second statement.
 */
#ifndef EKOK_REPORT_H
#define EKOK_REPORT_H

#include "postgres.h"

#include "kind.h"
#include "status.h"

/* SQLSTATE 22P02, the texts of status.def, the position where there is one, and how the kind is usually written. */
void ekok_report_refusal(const ekok_kind *kind, ekok_status status) pg_attribute_noreturn();

/* The same for text that is of no kind: a name, text in Bijoy. */
void ekok_report_refused_text(const char *what, ekok_status status) pg_attribute_noreturn();

/* For text that is no identifier: SQLSTATE 22P02 with the texts given. */
void ekok_report_invalid(const char *type, const char *message, const char *hint) pg_attribute_noreturn();

/* SQLSTATE 22P03: eight bytes that no value of the type sends. */
void ekok_report_invalid_binary(const char *type) pg_attribute_noreturn();

#endif
