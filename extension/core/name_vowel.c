/*
 * name_vowel.c - vowels that published spellings of one name exchange: neighbours on the chains a, inherent,
 * o, u and e, i; a diphthong and the vowel that it is reduced to; e and a in the last closed syllable (Akter,
 * Aktar). An inherent vowel or an a between consonants may also not be written. Vowels further apart, a and i
 * or i and u, tell names apart, and in words of two consonants and fewer, where little else does, o and u
 * (Joli, Juli) and ai and i in the first syllable (Laila, Lila). What begins with y does not begin without it.
 */
#include "name_vowel.h"

#include <stdint.h>

#include "name_phone.h"

/* What a vowel shares with its neighbours on the chains. */
enum {
    OPEN = 1,   /* a, inherent */
    ROUND = 2,  /* inherent, o */
    CLOSED = 4, /* o, u */
    FRONT = 8,  /* e, i */
    HIGH = 16,  /* ai alone */
    BACK = 32,  /* au alone */
    GLIDE = 64, /* w */
    BREATH = 128,
    MIDDLE = 256, /* e, a and the inherent vowel in a closed last syllable */
    REDUCED = 512 /* ai, e */
};

static const uint16_t SHARES[PHONE_COUNT] = {
    [PHONE_SILENT] = OPEN | ROUND,
    [PHONE_SCHWA] = OPEN | ROUND,
    [PHONE_A] = OPEN,
    [PHONE_FINAL_A] = OPEN,
    [PHONE_AE] = OPEN | FRONT | REDUCED,
    [PHONE_E] = FRONT | REDUCED,
    [PHONE_I] = FRONT,
    [PHONE_O] = ROUND | CLOSED,
    [PHONE_U] = CLOSED,
    [PHONE_AI] = HIGH | REDUCED,
    [PHONE_AU] = BACK | ROUND | CLOSED,
    [PHONE_Y] = FRONT,
    [PHONE_W] = GLIDE,
    [PHONE_H] = BREATH,
    [PHONE_CODA_H] = BREATH,
};

/* The sounds from one consonant to the next. */
typedef struct {
    const uint8_t *p;
    size_t n;
    bool first, last; /* of the word */
    bool of_long;     /* of a word of three consonants and more */
    bool stressed;    /* of the first syllable */
} gap;

/* Not written by everybody: y and h beside a consonant; an inherent vowel; an a between consonants. */
static bool may_lack(const gap *g, size_t i)
{
    uint8_t phone = g->p[i];

    return (phone == PHONE_Y && !g->first) || phone == PHONE_CODA_H || phone == PHONE_NASAL ||
           phone == PHONE_SILENT || (phone == PHONE_SCHWA && !g->first) ||
           (phone == PHONE_A && !g->first && !g->last);
}

/* What may stand in place of a vowel of this gap; closes: in the last syllable, and a consonant behind it. */
static unsigned shares(const gap *g, size_t i, bool closes)
{
    uint8_t phone = g->p[i];
    unsigned own = SHARES[phone];
    bool inherent = phone == PHONE_SCHWA || phone == PHONE_SILENT;

    if (g->of_long && inherent) {
        own |= CLOSED;
    } else if (phone == PHONE_AI && (g->of_long || !g->stressed)) {
        own |= FRONT;
    } else if (!g->of_long && phone == PHONE_O) {
        own &= ~(unsigned)CLOSED;
    }
    return closes && (own & (OPEN | FRONT)) != 0 && phone != PHONE_I ? own | MIDDLE : own;
}

static bool gaps_alternate(const gap *a, size_t i, const gap *b, size_t j, bool closes)
{
    if (i < a->n && may_lack(a, i) && gaps_alternate(a, i + 1, b, j, closes)) {
        return true;
    }
    if (j < b->n && may_lack(b, j) && gaps_alternate(a, i, b, j + 1, closes)) {
        return true;
    }
    if (i == a->n || j == b->n) {
        return i == a->n && j == b->n;
    }
    return (shares(a, i, closes) & shares(b, j, closes)) != 0 && gaps_alternate(a, i + 1, b, j + 1, closes);
}

static gap gap_at(ekok_sounds run, size_t from, bool of_long)
{
    gap g = {run.p + from, 0, from == 0, false, of_long, from < 2};

    while (from + g.n < run.n && !ekok_phone_is_consonant(run.p[from + g.n])) {
        g.n++;
    }
    g.last = from + g.n == run.n;
    return g;
}

static bool is_long(ekok_sounds run)
{
    size_t consonants = 0;

    for (size_t i = 0; i < run.n; i++) {
        consonants += ekok_phone_is_consonant(run.p[i]);
    }
    return consonants > 2;
}

bool ekok_vowels_alternate(ekok_sounds a, ekok_sounds b)
{
    size_t i = 0, j = 0;
    bool both_long = is_long(a) && is_long(b);

    for (;;) {
        gap of_a = gap_at(a, i, both_long), of_b = gap_at(b, j, both_long);

        i += of_a.n;
        j += of_b.n;
        bool closes = i + 1 == a.n && j + 1 == b.n;
        if (!gaps_alternate(&of_a, 0, &of_b, 0, closes)) {
            return false;
        }
        if (i == a.n || j == b.n) {
            return i == a.n && j == b.n;
        }
        if (ekok_phone_class(a.p[i++]) != ekok_phone_class(b.p[j++])) {
            return false;
        }
    }
}
