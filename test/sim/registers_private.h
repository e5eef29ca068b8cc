/*
 * registers_private.h - what the files of the simulated registers share.
 */
#ifndef SIM_REGISTERS_PRIVATE_H
#define SIM_REGISTERS_PRIVATE_H

#include <pthread.h>
#include <time.h>

#include "civil_truth.h"
#include "faults.h"
#include "holders.h"
#include "json.h"
#include "registers.h"

enum { FIELD_TEXT = 64 };

struct registers {
    const world *w;
    const serve_options *options;
    const atomic_bool *stop;
    pthread_mutex_t lock; /* of what follows */
    holders *holders;     /* NULL until first asked for */
    time_t grant[2];      /* of bKash, the latest first */
    time_t blocked_until;
    unsigned tokens;
};

typedef struct {
    struct MHD_Connection *connection;
    civil_system system;
    fault_kind fault;
    const char *body; /* of the request, or one item of it */
} inquiry;

/* The text of "key":"value" in an object of ours; false when it is not there. */
bool inquiry_field(const inquiry *q, const char *key, char out[FIELD_TEXT]);
bool inquiry_header(const inquiry *q, const char *name, const char *wanted);

/* For each object of the array "requests": one, with its own text as body. Returns how many. */
typedef void (*inquiry_item_fn)(registers *r, const inquiry *item, json *out);
unsigned inquiry_each(registers *r, const inquiry *q, inquiry_item_fn fn, json *out);

/* Whose identifier; person -1: nobody's. `date` as yyyy-mm-dd. */
civil_claim claim_of(registers *r, held_kind kind, const char *digits, const char *date);
int64_t owner_of(registers *r, const char *number); /* 8801..., 01..., or 12 digits of Rocket */

/* Writes an answer "field=value" as a JSON text or, when bare, as true or false. */
void put_answer(json *out, const char *answer, bool bare);
bool answer_is(const char *answer, const char *field);

void count_asked(registers *r, civil_system system, unsigned items);
void count_grant(registers *r, civil_system system, const char *outcome);

/* Each writes a body and returns the HTTP status. */
int wallet_grant(registers *r, const inquiry *q, json *out);
int wallet_bkash(registers *r, const inquiry *q, json *out);
int wallet_nagad(registers *r, const inquiry *q, json *out);
int wallet_rocket(registers *r, const inquiry *q, json *out);

#endif
