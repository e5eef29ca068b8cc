/*
 * witness.h - a folder, best on another machine's disk, that remembers checkpoints: `checkpoint` is the newest,
 * `history` holds every one, each followed by an empty line. Refuses to let a checkpoint be followed by a smaller one:
 * that is how a trace that was cut, or a database that was restored to an older state, is found out.
 */
#ifndef ETL_TRACE_WITNESS_H
#define ETL_TRACE_WITNESS_H

#include "trace/checkpoint.h"

enum { KEYS_MAX = 64, WITNESSES_MAX = 8 };

#define KEY_UNLIMITED UINT64_MAX

typedef struct {
    public_key key[KEYS_MAX];
    uint64_t until[KEYS_MAX]; /* its checkpoints count up to so many entries */
    size_t next[KEYS_MAX];    /* the key that followed it; KEYS_MAX: none is known */
    size_t count;
} key_list;

/* Without limit; false: there is no room. One that is in the list already stays as it is. */
MUST_CHECK bool key_list_add(key_list *list, const public_key *key);
size_t key_list_find(const key_list *list, const public_key *key); /* count: not in the list */

/*
 * Adds the public keys of a file, one a line, behind each perhaps " until SIZE": its checkpoints of more entries do not
 * count. Empty lines and lines that begin with # are passed over.
 */
MUST_CHECK bool key_list_read(key_list *list, const char *path, failure *f);
/* Which of the keys signed the text as a checkpoint, whatever its limit; count: none. */
size_t key_list_signer(const key_list *list, span text, checkpoint *out);
/* Is the text a checkpoint, signed by one of the keys within its limit? */
MUST_CHECK bool key_list_trusts(const key_list *list, span text, checkpoint *out);

/* The newest checkpoint, and which of the keys signed it, whatever its limit; keys->count: the folder has none yet.
 * False: unreadable, or not signed by our keys. */
MUST_CHECK bool witness_newest(const char *folder, const key_list *keys, checkpoint *out, size_t *signed_by,
                               failure *f);

/* Adds to the history, then becomes the newest; on the disk when it returns true. */
MUST_CHECK bool witness_keep(const char *folder, span note, failure *f);

/* Every text of the history in turn; `text` is not judged yet. False from `take` ends the walk. */
typedef bool (*witness_fn)(void *context, span text, failure *f);
MUST_CHECK bool witness_walk(const char *folder, witness_fn take, void *context, failure *f);

#endif
