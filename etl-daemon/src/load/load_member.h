/*
 * load_member.h - a validated member of a surveyed household becomes one COPY line of etl.stage_member_shape, NID and
 * BRN sealed and tokenised as an enrolment's are.
 */
#ifndef ETL_LOAD_LOAD_MEMBER_H
#define ETL_LOAD_LOAD_MEMBER_H

#include "load/load_row.h"

enum { LOAD_SCORE_TEXT = 48 };

/* Appends the line to out. False when out is full or the crypto library fails. */
MUST_CHECK bool load_member(load_writer *w, const char uuid[LOAD_UUID], const registry_row *row, buf *out);

/* What the member's content MAC is made of, as load_row_canonical; 0 when room is short. The caller wipes it. */
size_t load_member_canonical(const registry_row *row, char out[LOAD_CANONICAL + LOAD_SCORE_TEXT]);

#endif
