/*
 * fields.h - writes those fields of a record that a defect can damage; undamaged records pass through unchanged.
 */
#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include "json.h"
#include "record.h"
#include "text.h"

enum { OVERSIZED_BYTES = 1500 };

/* The birth date: malformed, of a wrong type, missing or impossible. */
typedef struct {
    const char *pattern;
    bool bengali_digits;
    const char *end; /* written behind the date, or NULL */
} date_habit;
void field_birth(json *j, const char *key, const record *r, const date_habit *habit);
void field_date(json *j, const char *key, birth_date date, const date_habit *habit);

/* The person's own name: oversized or in a wrong encoding. */
void field_name(json *j, const char *key, const record *r, const char *name);
void field_upper(json *j, const char *key, const char *name); /* another's name in capitals */
void field_name_upper(json *j, const char *key,
                      const record *r); /* the person's own English name in capitals */

/* An NID as the ministry writes it, or what nobody can read. */
void field_nid(json *j, const char *key, const record *r, const char *written);

/* A number as JSON number: leading zeros are lost. */
void field_as_number(json *j, const char *key, const char *digits);

/* Which programme, in the ministry's own word; `foreign` is the word of one that is not this ministry's. */
void field_programme(json *j, const char *key, const record *r, const char *word, const char *foreign);

#endif
