/*
 * name_key.h - the consonants of a word as a key, and how telling a key is.
 */
#ifndef EKOK_CORE_NAME_KEY_H
#define EKOK_CORE_NAME_KEY_H

#include "name.h"

/* Fills key, alternates and classes from the sounds of the token. */
void ekok_token_keys(ekok_name_token *token);

/* In thousandths: 1000 for a rare word, down to 350 for the commonest. */
uint16_t ekok_key_weight(const char *key);

/* How many of ten thousand names hold a word of this key. */
unsigned ekok_key_frequency(const char *key);

#endif
