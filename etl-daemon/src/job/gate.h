/*
 * gate.h - how many connections to sources there are at once, for their memory: libcurl and OpenSSL take more for one
 * than the rest of its run does.
 *
 * Promises that whoever is through keeps its connection from page to page, and makes room after the page in hand when
 * others wait; and that sources which hang keep nobody out: whoever let others wait while nothing came for
 * GATE_PATIENCE_MS goes to the slow lane, which never has more than half of the places. Within a lane who comes first
 * goes first, and of both lanes too, as long as the slow one has room.
 */
#ifndef ETL_JOB_GATE_H
#define ETL_JOB_GATE_H

#include <stdatomic.h>

#include "base/span.h"

enum { GATE_CONNECTIONS = 64, GATE_PATIENCE_MS = 10000 };

typedef struct gate gate;
typedef enum { LANE_QUICK, LANE_SLOW } gate_lane;

/* Whose turn it is: one for each who comes, zeroed at first; does not move while it is in line or inside. */
typedef struct gate_ticket {
    gate_lane lane; /* to be set while it is neither in line nor inside; then by gate_change */
    bool in_line, inside, leaving;
    struct gate_ticket *next;
} gate_ticket;

typedef enum { GATE_INSIDE, GATE_STILL, GATE_STOPPED } gate_answer;

gate *gate_new(int places, int patience_ms); /* NULL: no memory */
void gate_free(gate *g);                     /* NULL is fine */

/*
 * Waits for a place, the gate's patience at most; GATE_STILL: it keeps its place in line, ask again or leave.
 * GATE_STOPPED as soon as `stop` is not zero: it is in no line any more.
 */
MUST_CHECK gate_answer gate_enter(gate *g, gate_ticket *t, const atomic_int *stop);

/* Out of its place, or out of the line; does nothing for who is in neither. */
void gate_leave(gate *g, gate_ticket *t);

/* Would somebody come in if this one, which is inside, left? */
bool gate_wanted(gate *g, const gate_ticket *t);

/*
 * The same of a quick one that can leave only after a while: true, it is counted as leaving, and as many of the others
 * are not wanted any more.
 */
bool gate_yield(gate *g, gate_ticket *t);

void gate_change(gate *g, gate_ticket *t, gate_lane lane);

#endif
