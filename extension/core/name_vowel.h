/*
 * name_vowel.h - whether two words can be two spellings of one name: the same consonants, and between them vowels that
 * spellings of one name are known to exchange. Tells nothing of how near the words are, and knows no names.
 */
#ifndef EKOK_CORE_NAME_VOWEL_H
#define EKOK_CORE_NAME_VOWEL_H

#include "name_distance.h"

/* The same for both orders. */
bool ekok_vowels_alternate(ekok_sounds a, ekok_sounds b);

#endif
