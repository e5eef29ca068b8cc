/*
 * mask.h - a field's value as a person may see it without a reading being recorded: enough to tell whether the mapping
 * is right, not enough to tell who it is.
 */
#ifndef ETL_ROW_MASK_H
#define ETL_ROW_MASK_H

#include "row/target.h"

enum { MASK_TEXT = 40 };

/*
 * Names: the first character. Numbers, accounts and record ids: the last four characters, of eight or more. Dates of
 * birth: without digits but their first two and last two. Words and codes as they are. Control characters: blanks.
 */
void mask_value(target field, span value, char out[MASK_TEXT]);

#endif
