/*
 * name_latin.c - romanised names, as people write them: no scheme is assumed, digraphs are tried longest first.
 * Refuses nothing: a letter out of the table is silent.
 */
#include "name_spell.h"

#include <string.h>

typedef struct {
    char letters[5];
    char sounds[7];
    bool end;
} latin_rule;

static const latin_rule RULES[] = {
#define X(letters, sounds, end) {letters, sounds, end},
#include "name_latin.def"
#undef X
};

enum { RULES_COUNT = sizeof(RULES) / sizeof(RULES[0]) };

static bool fits(const latin_rule *rule, const uint32_t *word, size_t n)
{
    size_t i = 1;

    for (; rule->letters[i] != '\0'; i++) {
        if (i >= n || word[i] != (unsigned char)rule->letters[i]) {
            return false;
        }
    }
    return !rule->end || i == n;
}

/* The first rule of a letter; they stand together, in the order of their letters (a unit test holds them to that). */
static size_t first_of(uint32_t letter)
{
    size_t low = 0, high = RULES_COUNT;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if ((unsigned char)RULES[middle].letters[0] < letter) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_latin_vowel(uint32_t c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

/* e at the end is mute behind a consonant, y there or between consonants is i. True when it was one of these. */
static bool spell_by_place(const uint32_t *word, size_t n, size_t i, ekok_phones *raw)
{
    bool behind_consonant = i > 0 && !is_latin_vowel(word[i - 1]);
    bool last = i + 1 == n;

    if (word[i] == 'e' && last && behind_consonant && n > 3) {
        ekok_phones_push(raw, PHONE_SILENT);
        return true;
    }
    if (word[i] == 'y' && behind_consonant && (last || !is_latin_vowel(word[i + 1]))) {
        ekok_phones_push(raw, PHONE_I);
        return true;
    }
    return false;
}

void ekok_spell_latin(const uint32_t *word, size_t n, ekok_phones *out)
{
    ekok_phones raw = {.n = 0};
    size_t i = 0;

    while (i < n) {
        size_t taken = 1;

        if (!spell_by_place(word, n, i, &raw)) {
            for (size_t r = first_of(word[i]);
                 r < RULES_COUNT && word[i] == (unsigned char)RULES[r].letters[0]; r++) {
                if (fits(&RULES[r], word + i, n - i)) {
                    ekok_phones_push_letters(&raw, RULES[r].sounds);
                    taken = strlen(RULES[r].letters);
                    break;
                }
            }
        }
        i += taken;
    }
    ekok_phones_settle(&raw, out);
}
