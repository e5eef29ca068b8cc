/*
 * key_set.h - one reading of a key file in memory of its own. Private to secret/.
 */
#ifndef ETL_SECRET_KEY_SET_H
#define ETL_SECRET_KEY_SET_H

#include "secret/keyring_private.h"

size_t key_set_size(void); /* in whole pages */

/* Puts a set that is read-only in front of the one it replaces; NULL, the set freed, when that is not allowed. */
key_set *key_set_link(key_set *set, key_set *before);

/* Does it hold every version of the other, by commitment? A key may be destroyed; it is not forgotten. */
bool key_set_follows(const key_set *set, const key_set *before);

/* The newest pre-active version of a purpose, 0: none. */
uint32_t key_set_next(const key_set *set, key_purpose purpose);

/* Adds a version behind the others; NULL when there are KEY_VERSIONS_MAX of them. */
kept_key *key_set_add(key_set *set, key_purpose purpose, uint32_t version, key_state state);

#endif
