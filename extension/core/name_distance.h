/*
 * name_distance.h - how far two runs of sounds are apart: weighted edit distance in hundredths of a consonant.
 */
#ifndef EKOK_CORE_NAME_DISTANCE_H
#define EKOK_CORE_NAME_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *p;
    size_t n; /* at most EKOK_NAME_WHOLE_MAX */
} ekok_sounds;

/* What all sounds together cost to lose. */
unsigned ekok_sounds_weight(ekok_sounds run);

/* What it costs to take one sound for another, and to lose one. */
unsigned ekok_sound_change(uint8_t from, uint8_t to);
unsigned ekok_sound_loss(uint8_t phone, bool first);

/*
 * 1 - distance / weight of the heavier run, in ten thousandths; 0 for whatever is below the floor, which is found out
 * early. The same for both orders.
 */
uint16_t ekok_sounds_similarity(ekok_sounds a, ekok_sounds b, unsigned floor);

#endif
