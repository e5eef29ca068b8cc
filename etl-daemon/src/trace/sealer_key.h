/*
 * sealer_key.h - the key that a sealer signs with: taken when the registry knows it as the one that may, and followed
 * when its file holds the next one. Refuses to sign with a key that was followed by another, and to change to one that
 * the key in hand did not hand over to.
 */
#ifndef ETL_TRACE_SEALER_KEY_H
#define ETL_TRACE_SEALER_KEY_H

#include "trace/seal_round.h"

/* Reads the key file, before there is a session. */
MUST_CHECK bool sealer_key_open(sealer *s, const char *path, failure *f);

/* Before a new session is begun, as after a restart: takes the key that the file holds now; one that holds none is told
   in the log, and the key in hand stays. */
void sealer_key_reopen(sealer *s);

/* In each new session: which other keys does this one make trusted? */
MUST_CHECK bool sealer_key_trust(sealer *s, failure *f);

/* And may it sign? The first key of all is registered here. EXIT_KEYS: it may not. */
MUST_CHECK bool sealer_key_admit(sealer *s, failure *f);

/* Before each round: changes to the key that the file holds now, or says in the log why not and goes on with the one in
 * hand. False: the session failed. */
MUST_CHECK bool sealer_key_follow(sealer *s, failure *f);

void sealer_key_close(sealer *s);

#endif
