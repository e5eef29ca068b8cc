/*
 * hiding.h - a record's own text with its values hidden but for their shape, so that a mapping can be mended by looking
 * at it: "1985-05-20" is shown as "9999-99-99".
 */
#ifndef ETL_CLI_HIDING_H
#define ETL_CLI_HIDING_H

#include <stddef.h>

/*
 * In place: digits become 9, letters x, other characters of UTF-8 and control characters '*'; names of JSON members,
 * true, false and null stay. What is not JSON is hidden whole.
 */
void hide_values(char *text, size_t size);

#endif
