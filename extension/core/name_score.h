/*
 * name_score.h - the steps of the score, which name_ask.c needs too, to tell what a name with another consonant could
 * score. All in ten thousandths.
 */
#ifndef EKOK_CORE_NAME_SCORE_H
#define EKOK_CORE_NAME_SCORE_H

#include <stdint.h>

/* What two words are worth that can't have the same consonants. */
uint32_t ekok_odd_consonant(uint32_t value);

/* A small difference of sound is noise, two of them or a large one another name: dearer than in proportion. */
uint32_t ekok_sharpen(uint32_t similarity);

/* Of two names, from their words, the words run together, and the worst pair of words. */
uint32_t ekok_score(uint32_t words, uint32_t joined, uint32_t worst);

/* A vetoed score keeps its place among the vetoed: the last tenth below the ceiling holds all that lies above. */
uint32_t ekok_under_ceiling(uint32_t score, uint32_t ceiling);

#endif
