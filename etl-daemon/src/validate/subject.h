/*
 * subject.h - what a token is made of, from an identifier in its canonical form and what stands beside it in the
 * registry. The same subject that validation gives a record.
 */
#ifndef ETL_VALIDATE_SUBJECT_H
#define ETL_VALIDATE_SUBJECT_H

#include "base/span.h"
#include "row/row.h"

typedef enum { SUBJECT_NID, SUBJECT_BRN, SUBJECT_MOBILE, SUBJECT_WALLET, SUBJECT_ACCOUNT } subject_kind;

/* provider: of a wallet; routing: of an account, may be empty. False: the value is none of this kind. */
MUST_CHECK bool subject_of(subject_kind kind, span value, span provider, span routing, char out[ROW_SUBJECT]);

#endif
