/*
 * name_word.c - looks a word up in name_affix.def, which is sorted by bytes (a unit test holds it to that).
 */
#include "name_word.h"

#include <string.h>

static const ekok_affix AFFIXES[] = {
#define X(word, kind, sounds) {word, sizeof(word) - 1, WORD_##kind, sounds},
#include "name_affix.def"
#undef X
};

static int compare(ekok_span word, const ekok_affix *entry)
{
    int order = (unsigned char)word.p[0] - (unsigned char)entry->word[0];

    if (order == 0) {
        order = memcmp(word.p, entry->word, word.n < entry->bytes ? word.n : entry->bytes);
    }
    return order != 0 ? order : (word.n > entry->bytes) - (word.n < entry->bytes);
}

const ekok_affix *ekok_affix_of(ekok_span word)
{
    size_t low = 0, high = word.n > 0 ? sizeof(AFFIXES) / sizeof(AFFIXES[0]) : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(word, &AFFIXES[middle]);

        if (order == 0) {
            return &AFFIXES[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
