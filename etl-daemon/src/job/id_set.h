/*
 * id_set.h - the rows already seen on a page, by their uuid; bounded, emptied for the next page.
 */
#ifndef ETL_JOB_ID_SET_H
#define ETL_JOB_ID_SET_H

#include <stdint.h>

#include "base/span.h"

enum { ID_SET_MAX = 20000 };

typedef struct {
    uint64_t (*slot)[2]; /* open addressing; {0, 0} is free */
    size_t slots, count;
} id_set;

typedef enum { ID_NEW, ID_SEEN, ID_NO_ROOM } id_answer;

void id_set_init(id_set *set);
void id_set_free(id_set *set);
void id_set_clear(id_set *set);

/* uuid: 36 characters, as row_uuid writes it. ID_NO_ROOM: more than ID_SET_MAX, or no memory. */
id_answer id_set_add(id_set *set, const char *uuid);

#endif
