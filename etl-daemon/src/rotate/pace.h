/*
 * pace.h - how large the parts of a rotation are: whoever writes a row of the part in hand waits for its end, so a part
 * is to take some milliseconds, on a fast server and on a slow or busy one. Refuses parts beyond bounds, whatever it
 * took.
 */
#ifndef ETL_ROTATE_PACE_H
#define ETL_ROTATE_PACE_H

#include <stdbool.h>

typedef struct {
    int blocks; /* of the next part */
    bool fixed;
} pace;

/* Parts that follow how long they take, from small ones on. */
pace pace_begin(void);

/* Parts of so many blocks. */
pace pace_of(int blocks);

/* The part in hand has taken so long, its books and its commit included. */
void pace_took(pace *p, double seconds);

#endif
