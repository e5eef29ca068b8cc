/*
 * name_phone.h - the alphabet of sounds of names, and a short run of them under construction.
 */
#ifndef EKOK_CORE_NAME_PHONE_H
#define EKOK_CORE_NAME_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
#define X(name, letter, class, weight, cost) PHONE_##name,
#include "name_phone.def"
#undef X
    PHONE_COUNT
} ekok_phone;

enum { EKOK_PHONES_MAX = 64 };

/* Sounds past the ceiling are dropped: two words alike for so long are alike. */
typedef struct {
    uint8_t n;
    uint8_t p[EKOK_PHONES_MAX];
    uint32_t doubled; /* bit i: consonant i of the first 32 was written twice; by ekok_phones_settle */
} ekok_phones;

void ekok_phones_push(ekok_phones *run, ekok_phone phone);

/* Appends the sounds that letters stand for; a letter of no sound is an error of the table, and is skipped. */
void ekok_phones_push_letters(ekok_phones *run, const char *letters);

char ekok_phone_letter(uint8_t phone);
char ekok_phone_class(uint8_t phone);
bool ekok_phone_is_vowel(uint8_t phone);     /* glides and h are none */
bool ekok_phone_is_consonant(uint8_t phone); /* has a class in keys */

/* The rules that hold in both scripts: diphthongs, glides, doubles, h at the end of a syllable, final a. */
void ekok_phones_settle(const ekok_phones *raw, ekok_phones *out);

#endif
