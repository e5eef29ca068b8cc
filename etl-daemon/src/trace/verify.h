/*
 * verify.h - holds the trace against what witnesses remember: every checkpoint must be signed by a known key and be
 * the root of the first so many entries of the trace as it stands now. Finds an entry that was changed, removed or put
 * in, images that were changed or destroyed without a receipt, a tail that was cut, a database that was restored to an
 * older state, a checkpoint that was forged, also with a key that another had followed, and a change of that key that
 * nobody warrants. Refuses to believe anything that the database says of itself.
 */
#ifndef ETL_TRACE_VERIFY_H
#define ETL_TRACE_VERIFY_H

#include "trace/balance.h"
#include "trace/witness.h"
#include "wire/pg.h"

enum { FINDINGS_MAX = 20, FINDING_TEXT = 400 };

typedef struct {
    const char *witness[WITNESSES_MAX];
    size_t witnesses;
    key_list keys;
    void (*progress)(void *context, uint64_t entries, uint64_t of); /* every 65 536 entries; NULL: none */
    void *context;
    balance *balance; /* every entry is added to it; NULL: tables are not to be compared */
} verify_request;

typedef struct {
    uint64_t entries;                         /* that the trace holds */
    uint64_t sealed;                          /* of these, under the newest checkpoint that holds */
    uint64_t destroyed;                       /* whose images were erased, as receipts say or not */
    size_t checkpoints, cut;                  /* texts that hold; texts of the history that a crash cut */
    size_t uncounted;                         /* texts beyond the size up to which their key is trusted */
    tree_head newest;                         /* that any witness or the database knows */
    char finding[FINDINGS_MAX][FINDING_TEXT]; /* what is wrong, one line each */
    size_t findings;                          /* may be larger than FINDINGS_MAX: the rest is not told */
} verify_result;

/* One more finding, told while there is room. */
void verify_found(verify_result *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * False only where the check itself could not be done; what it found stands in the result. In a transaction of the
 * caller's, whose snapshot stays, after trail_prepare.
 */
MUST_CHECK bool verify_trail(pg_session *pg, const verify_request *request, verify_result *out, failure *f);

#endif
