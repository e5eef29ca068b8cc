/*
 * row.c - promises that nothing of a wiped row can be read again. Refuses to be optimised away:
 * explicit_bzero.
 */
#include "row/row.h"

#include <string.h>

void row_wipe(registry_row *row)
{
    explicit_bzero(row, sizeof *row);
}
