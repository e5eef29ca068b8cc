/*
 * seal_round.h - one round of sealing: entries of transactions that have all ended become leaves, full tiles and a
 * signed checkpoint are written in one transaction, and witnesses get the checkpoint. Refuses to go on from a trace
 * that is not what was signed before.
 */
#ifndef ETL_TRACE_SEAL_ROUND_H
#define ETL_TRACE_SEAL_ROUND_H

#include <sys/types.h>
#include <time.h>

#include "trace/tile_store.h"
#include "trace/witness.h"

enum { SEAL_MOST = 65536 }; /* entries a round: 256 tiles, 4 MiB of hashes as text */

/* Which file was read, and as of when. */
typedef struct {
    dev_t device;
    ino_t file;
    struct timespec changed;
} sealer_stamp;

typedef struct {
    pg_session *pg;
    signer *signer; /* and what belongs to it: sealer_key.h */
    const char *key_file;
    sealer_stamp stamp;
    bool fresh;     /* the signer follows another and has not signed yet */
    bool began;     /* it has, in the last round: entries of ours are to be sealed */
    key_list given; /* older keys whose checkpoints still count */
    key_list keys;  /* these, the signer's own, and those that it follows */
    const char *witness[WITNESSES_MAX];
    size_t witnesses;
    merkle_hasher *hasher;
    tiler edge;
    trail_key last;             /* the last sealed entry */
    trail_stretch stretch;      /* of the tile under way: needed when it becomes full */
    char note[CHECKPOINT_TEXT]; /* the newest checkpoint, "" before the first */
    uint64_t published[WITNESSES_MAX];
} sealer;

/* Reads the tree back and compares it with what was signed and what each witness remembers. */
MUST_CHECK bool sealer_begin(sealer *s, failure *f);

/*
 * *sealed: entries of this round; fewer than SEAL_MOST means that none is left. Witnesses that failed are logged and
 * asked again in the next round. After a failure the sealer must be begun again.
 */
MUST_CHECK bool sealer_round(sealer *s, uint64_t *sealed, failure *f);

#endif
