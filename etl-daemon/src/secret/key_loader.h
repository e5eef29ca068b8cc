/*
 * key_loader.h - a process apart that reads the key file for one that gives up opening files: forked before that, it
 * looks when it is asked, and hands a reading over in memory that both share, locked, left out of core dumps and wiped
 * as soon as the keys are taken.
 *
 * Promises that no key goes through a socket or stays with the loader, that the loader ends with its parent, and that
 * one which is gone or does not answer within its time leaves the keys as they are. Refuses to be started by a process
 * that has threads already: nothing but the forking thread would be in the copy. Not thread-safe: its caller locks.
 */
#ifndef ETL_SECRET_KEY_LOADER_H
#define ETL_SECRET_KEY_LOADER_H

#include "secret/keyring_private.h"

typedef struct key_loader key_loader;

/* NULL: f (EXIT_KEYS). path outlives it. */
key_loader *key_loader_start(const char *path, failure *f);
void key_loader_stop(key_loader *l); /* it ends by itself then; NULL is fine */

/*
 * *out: a new reading, commitments checked, not yet read-only; NULL when the file is as it was when it was last handed
 * over. False: f says why the file, or the loader, gave none.
 */
MUST_CHECK bool key_loader_look(key_loader *l, key_set **out, failure *f);

#endif
