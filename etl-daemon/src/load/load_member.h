/*
 * load_member.h - a validated member of a surveyed household becomes one COPY line of etl.stage_member_shape, NID and
 * BRN sealed and tokenised as an enrolment's are.
 */
#ifndef ETL_LOAD_LOAD_MEMBER_H
#define ETL_LOAD_LOAD_MEMBER_H

#include "load/load_row.h"

/* Appends the line to out. False when out is full or the crypto library fails. */
MUST_CHECK bool load_member(load_writer *w, const char uuid[LOAD_UUID], const registry_row *row, buf *out);

#endif
