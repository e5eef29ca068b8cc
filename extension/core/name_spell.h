/*
 * name_spell.h - words as spelt turned into sounds: one reader for each script. A word is a run of characters of
 * the normal form (name_normal.h).
 */
#ifndef EKOK_CORE_NAME_SPELL_H
#define EKOK_CORE_NAME_SPELL_H

#include "name_phone.h"

/* Characters foreign to the script stand for no sound. */
void ekok_spell_bengali(const uint32_t *word, size_t n, ekok_phones *out);
void ekok_spell_latin(const uint32_t *word, size_t n, ekok_phones *out);

#endif
