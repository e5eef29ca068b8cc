/*
 * succession.h - how one key that signs the trace follows another: by a text that both signed, or, where the old one
 * was lost, the new one alone; and how a key is given up, by a text that one after it signed. The database keeps these
 * texts and is believed in nothing but them. Refuses the word of a key that counts only up to some size.
 */
#ifndef ETL_TRACE_SUCCESSION_H
#define ETL_TRACE_SUCCESSION_H

#include "trace/witness.h"
#include "wire/pg.h"

/* old: the holder of `before`, NULL where that is lost. */
MUST_CHECK bool succession_hand_over(const public_key *before, const signer *old, const signer *after,
                                     char out[NOTE_TEXT]);

/* Checkpoints of `key` count up to `size` entries. */
MUST_CHECK bool succession_revoke(const public_key *key, uint64_t size, const signer *by,
                                  char out[NOTE_TEXT]);

typedef struct {
    public_key before, after;
    const char *text;
} handover;

/*
 * Takes the other key of a handover into the list where one is in it and the text warrants the other. False: both were
 * not known before and the text does not make them so.
 */
MUST_CHECK bool succession_take(key_list *keys, const handover *h);

/* Limits `key` where a key of the list that follows it, directly or not, signed so; any other one where it was
 * never in use. */
MUST_CHECK bool succession_limit(key_list *keys, const public_key *key, uint64_t size, const char *text);

typedef void (*succession_fn)(void *context, const char *what);

/* Takes all keys into the list that what the database keeps makes trusted, and tells of changes that do not hold. */
MUST_CHECK bool succession_follow(pg_session *pg, key_list *keys, succession_fn told, void *context,
                                  failure *f);

/* The same of keys that were given up. */
MUST_CHECK bool succession_limits(pg_session *pg, key_list *keys, succession_fn told, void *context,
                                  failure *f);

#endif
