/*
 * template.h - texts with placeholders ${name}, filled in: requests and headers. Refuses a name that has no value, and
 * line breaks in a header.
 */
#ifndef ETL_VERIFY_TEMPLATE_H
#define ETL_VERIFY_TEMPLATE_H

#include "base/buf.h"
#include "base/failure.h"
#include "secret/credential.h"

/* A value is escaped as the inside of a JSON text, put as it stands, or checked to be fit for a header. */
typedef enum { FILL_JSON, FILL_BARE, FILL_HEADER } fill_kind;

typedef struct {
    const char *name, *value; /* value NULL: not known */
    bool bare;                /* it is JSON already */
} template_value;

typedef struct {
    const template_value *value; /* up to one without name */
    const credential *secrets;   /* where a name is looked for next; may be NULL */
} template_values;

/* False: EXIT_CONFIG naming the placeholder, never a value; or out is full. */
MUST_CHECK bool template_fill(const char *text, const template_values *values, fill_kind kind, buf *out,
                              failure *f);

#endif
