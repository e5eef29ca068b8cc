/*
 * bijoy_detect.c - tells Bijoy from Latin by its letters. Bijoy puts v (the sign of aa) nearly everywhere, capitals
 * within words, and signs of Windows-1252 where no name has them; Latin names are full of a, h, o and n.
 */
#include "bijoy.h"

#include <stdint.h>

#include "utf8.h"

enum {
    ACCENTED = 10,  /* tenths: conjuncts stand where other languages of Europe have letters */
    GLYPH_TEXT = 18 /* bytes of Unicode that one glyph becomes, at most */
};

typedef struct {
    int8_t first, inner;
} letter_weight;

static const letter_weight WEIGHTS[128] = {
#define X(letter, first, inner) [(unsigned char)(letter)] = {first, inner},
#include "bijoy_letter.def"
#undef X
};

/* Punctuation and signs that Latin text has too. */
static bool is_common_sign(uint32_t character)
{
    return character == 0xA0 || character == 0xAD || character == 0xB0 || character == 0xB7 ||
           (character >= 0x2013 && character <= 0x201D) || character == 0x2022 || character == 0x2026;
}

typedef struct {
    int score; /* tenths */
    bool strong, lower, inside;
} impression;

static void look_at(impression *seen, uint32_t character)
{
    if (character >= 0x80) {
        bool accented = character >= 0xC0 && character <= 0xFF;
        seen->strong = seen->strong || !(accented || is_common_sign(character));
        seen->score += accented ? ACCENTED : 0;
        seen->inside = accented;
        return;
    }
    bool small = character >= 'a' && character <= 'z';
    seen->lower = seen->lower || small;
    seen->score += seen->inside ? WEIGHTS[character].inner : WEIGHTS[character].first;
    seen->inside = small || (character >= 'A' && character <= 'Z') || character == '`' || character == '_';
}

/* The text's first characters, ended at a word where it is longer. */
static ekok_span head_of(ekok_span text)
{
    size_t next = 0, end = 0;
    uint32_t character;

    for (int i = 0; i < EKOK_BIJOY_LOOK && ekok_utf8_next(text, &next, &character); i++) {
        if (character == ' ') {
            end = next;
        }
    }
    return (ekok_span){text.p, next == text.n ? next : end};
}

bool ekok_is_bijoy(ekok_span text)
{
    impression seen = {0};
    ekok_span head = head_of(text);
    char unicode[EKOK_BIJOY_LOOK * GLYPH_TEXT];
    size_t next = 0, size = 0, bad = 0;
    uint32_t character;

    if (!ekok_utf8_valid(text, &bad) ||
        ekok_from_bijoy(head, unicode, sizeof unicode, &size).code != EKOK_OK) {
        return false;
    }
    while (ekok_utf8_next(head, &next, &character)) {
        look_at(&seen, character);
    }
    return seen.strong || (seen.lower && seen.score > 0);
}
