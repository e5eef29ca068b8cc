/*
 * bijoy.c - see bijoy.h. Glyphs stand in the order of the eye: the signs of i, e and oi before their consonant, the
 * hook of r (reph) behind it. They are gathered into one syllable at a time, and written in the order of speech.
 */
#include "bijoy.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

typedef enum {
    NO_GLYPH,
    TEXT,    /* digit, mark of punctuation: no part of a syllable */
    VOWEL,   /* a vowel's own letter */
    LETTER,  /* a consonant that takes no vowel sign */
    BASE,    /* consonant or conjunct */
    BASE_U,  /* the same with the sign of u */
    BASE_RI, /* with that of ri */
    HALF,    /* first part of a conjunct */
    JOIN,    /* a later part: ends one that HALF began, or hangs below */
    JOIN_U,
    REPH, /* r above, typed behind */
    PRE,  /* vowel sign typed in front */
    POST, /* vowel sign typed behind */
    MARK,
    NASAL,
    STOP, /* visible hasant */
    EITHER
} glyph_kind;

typedef struct {
    glyph_kind kind;
    const char *text;
} glyph;

static const glyph GLYPHS[256] = {
#define X(number, kind, text) [number] = {kind, text},
#include "bijoy.def"
#undef X
};

static const uint16_t WINDOWS_1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                          0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                          0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                          0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

#define SIGN_U       "ু"
#define SIGN_RI      "ৃ"
#define SIGN_AA      "া"
#define SIGN_E       "ে"
#define SIGN_AU_TAIL "ৗ"
#define HASANT       "্"
#define ZWNJ         "\xE2\x80\x8C"
#define ZWJ          "\xE2\x80\x8D"

enum { SIGN_BYTES = 3, BODY_MAX = 64 };

/* A syllable being gathered. It waits for a consonant while `pending` is not 0. */
typedef struct {
    const char *pre, *post; /* vowel signs, or NULL */
    const char *mark;
    bool reph, nasal, vowel, letter;
    size_t length;
    char body[BODY_MAX];
} syllable;

typedef struct {
    char *out;
    size_t room, length;
    bool overflow;
    bool after_letter; /* what was read last is a letter or belongs to one */
    bool after_stop;   /* a visible hasant was written last */
    int pending;       /* position of the glyph that waits for a consonant; 0: none */
    syllable now;
} converter;

static void put(converter *c, const char *text, size_t length)
{
    if (length > c->room - c->length) {
        c->overflow = true;
        return;
    }
    memcpy(c->out + c->length, text, length);
    c->length += length;
}

static void put_text(converter *c, const char *text)
{
    put(c, text, strlen(text));
}

static bool ends_with(const syllable *s, const char *tail)
{
    size_t n = strlen(tail);

    return s->length >= n && memcmp(s->body + s->length - n, tail, n) == 0;
}

static bool is_complete(const syllable *s)
{
    return s->length > 0 && !ends_with(s, HASANT);
}

/* The vowel sign after the body: a pair of signs typed on both sides is one of Unicode. */
static const char *sign_of(const syllable *s)
{
    if (s->pre != NULL && s->post != NULL) {
        return strcmp(s->post, SIGN_AA) == 0 ? "ো" : "ৌ";
    }
    return s->pre != NULL ? s->pre : s->post != NULL ? s->post : "";
}

/* Writes the syllable and begins a new one; false when it still waits for a consonant. */
static bool finish(converter *c)
{
    syllable *s = &c->now;

    if (c->pending != 0) {
        return false;
    }
    if (s->length > 0) {
        if (c->after_stop && !s->vowel) {
            put_text(c, ZWNJ);
        }
        put_text(c, s->reph ? "র" HASANT : "");
        put(c, s->body, s->length);
        put_text(c, sign_of(s));
        put_text(c, s->nasal ? "ঁ" : "");
        put_text(c, s->mark != NULL ? s->mark : "");
        c->after_stop = false;
    }
    *s = (syllable){0};
    return true;
}

static bool append(syllable *s, const char *text)
{
    size_t n = strlen(text);

    if (n > sizeof s->body - s->length) {
        return false;
    }
    memcpy(s->body + s->length, text, n);
    s->length += n;
    return true;
}

static bool add_post(syllable *s, const char *sign)
{
    bool tail = strcmp(sign, SIGN_AU_TAIL) == 0;

    if (!is_complete(s) || s->letter) {
        return false;
    }
    if (s->vowel && strcmp(sign, SIGN_AA) == 0 && ends_with(s, "অ")) {
        memcpy(s->body + s->length - SIGN_BYTES, "আ", SIGN_BYTES);
        return true;
    }
    if (s->vowel && !(strcmp(sign, SIGN_AA) == 0 && ends_with(s, HASANT "য"))) {
        return false;
    }
    if (s->post != NULL) { /* signs below hide each other; others would be seen twice */
        return strcmp(s->post, sign) == 0 && strcmp(sign, SIGN_AA) != 0 && !tail;
    }
    bool with_e = s->pre != NULL && strcmp(s->pre, SIGN_E) == 0;
    if (s->pre != NULL ? !(with_e && (tail || strcmp(sign, SIGN_AA) == 0)) : tail) {
        return false;
    }
    s->post = sign;
    return true;
}

/* A later part of a conjunct. The hasant at its front and one of a HALF before it are the same. */
static bool add_join(converter *c, const char *text)
{
    syllable *s = &c->now;
    bool ya = strcmp(text, HASANT "য") == 0;

    if (s->length == 0 || s->letter || (s->vowel && !ya)) {
        return false;
    }
    if (ends_with(s, HASANT)) {
        text += SIGN_BYTES;
    } else if (ya && s->length == SIGN_BYTES && ends_with(s, "র") && !append(s, ZWJ)) {
        return false;
    }
    c->pending = 0;
    return append(s, text);
}

/* A consonant, conjunct or vowel: ends what is complete, and is what a HALF or a sign in front waits for. */
static bool add_base(converter *c, glyph g)
{
    syllable *s = &c->now;
    bool own = g.kind == VOWEL || g.kind == LETTER;

    if ((is_complete(s) && !finish(c)) || (own && c->pending != 0)) {
        return false;
    }
    c->pending = 0;
    s->vowel = g.kind == VOWEL;
    s->letter = g.kind == LETTER;
    return append(s, g.text);
}

static bool add_half(converter *c, const char *text, int position)
{
    if (is_complete(&c->now) && !finish(c)) {
        return false;
    }
    c->pending = position;
    return append(&c->now, text);
}

static bool add_mark(syllable *s, glyph g)
{
    if (!is_complete(s) || (g.kind == NASAL ? s->nasal : s->mark != NULL)) {
        return false;
    }
    if (g.kind == NASAL) {
        s->nasal = true;
    } else {
        s->mark = g.text;
    }
    return true;
}

static bool add_stop(converter *c)
{
    syllable *s = &c->now;

    if (!is_complete(s) || s->vowel || s->letter || sign_of(s)[0] != '\0' || s->mark != NULL || s->nasal) {
        return false;
    }
    if (!append(s, HASANT) || !finish(c)) {
        return false;
    }
    c->after_stop = true;
    return true;
}

/* Which of two fonts' glyphs it is, by what stands before it; NO_GLYPH where that does not tell. */
static glyph resolve(const converter *c, unsigned number)
{
    const syllable *s = &c->now;
    bool inside = c->after_letter || c->pending != 0;
    static const char *const takes_l[] = {"ক", "গ", "প", "ফ", "ব", "ম", "ল", "শ", "স", "হ"};

    switch (number) {
    case 0xCD: /* t below a HALF (52), or tm (2000) */
        return ends_with(s, HASANT) ? (glyph){JOIN, HASANT "ত"} : (glyph){BASE, "ত" HASANT "ম"};
    case 0xE6: /* u below r, and below t of CD (52), or mn (2000) */
        return ends_with(s, "র") || ends_with(s, HASANT "ত") ? (glyph){POST, SIGN_U}
                                                             : (glyph){BASE, "ম" HASANT "ন"};
    case 0xD0: /* nd (52), or a dash (2000) */
        return inside ? (glyph){BASE, "ণ" HASANT "ড"} : (glyph){TEXT, "–"};
    case 0xD1: /* ndh (52), or a dash (2000); both are rare behind a letter */
        return inside ? (glyph){NO_GLYPH, ""} : (glyph){TEXT, "–"};
    case 0xF8: /* l below (52), or sn at the head of a syllable (2000) */
        for (size_t i = 0; i < sizeof takes_l / sizeof takes_l[0]; i++) {
            if (ends_with(s, takes_l[i])) {
                return (glyph){JOIN, HASANT "ল"};
            }
        }
        return s->length == 0 || s->letter ? (glyph){BASE, "স" HASANT "ন"} : (glyph){NO_GLYPH, ""};
    default:
        return (glyph){NO_GLYPH, ""};
    }
}

/* False: it can't stand here. */
static bool add(converter *c, glyph g, int position)
{
    switch (g.kind) {
    case TEXT:
        if (!finish(c)) {
            return false;
        }
        c->after_stop = false;
        put_text(c, g.text);
        return true;
    case VOWEL:
    case LETTER:
    case BASE:
        return add_base(c, g);
    case BASE_U:
        return add_base(c, g) && add_post(&c->now, SIGN_U);
    case BASE_RI:
        return add_base(c, g) && add_post(&c->now, SIGN_RI);
    case HALF:
        return add_half(c, g.text, position);
    case JOIN:
        return add_join(c, g.text);
    case JOIN_U:
        return add_join(c, g.text) && add_post(&c->now, SIGN_U);
    case REPH:
        if (!is_complete(&c->now) || c->now.vowel || c->now.reph) {
            return false;
        }
        c->now.reph = true;
        return true;
    case PRE:
        if (!finish(c)) {
            return false;
        }
        c->now.pre = g.text;
        c->pending = position;
        return true;
    case POST:
        return add_post(&c->now, g.text);
    case MARK:
    case NASAL:
        return add_mark(&c->now, g);
    case STOP:
        return add_stop(c);
    default:
        return false;
    }
}

/* Number of the glyph, 0 when Windows-1252 has no such character. */
static unsigned number_of(uint32_t character)
{
    if (character < 0x100) {
        return (unsigned)character;
    }
    for (unsigned i = 0; i < 32; i++) {
        if (WINDOWS_1252[i] == character) {
            return 0x80 + i;
        }
    }
    return 0;
}

static ekok_status at(ekok_code code, int position)
{
    return (ekok_status){code, position};
}

ekok_status ekok_from_bijoy(ekok_span text, char *out, size_t room, size_t *size)
{
    converter c = {.out = out, .room = room};
    size_t next = 0;
    int position = 0;
    uint32_t character;

    *size = 0;
    while (ekok_utf8_next(text, &next, &character)) {
        position++;
        unsigned number = number_of(character);
        glyph g = GLYPHS[number];
        if (g.kind == EITHER) {
            g = resolve(&c, number);
        }
        if (g.kind == NO_GLYPH) {
            return at(EKOK_NO_GLYPH, position);
        }
        if (!add(&c, g, position)) {
            return at(EKOK_BAD_PLACE, c.pending != 0 ? c.pending : position);
        }
        c.after_letter = g.kind != TEXT;
        if (c.overflow) {
            return at(EKOK_TOO_LONG, 0);
        }
    }
    if (next < text.n) {
        return at(EKOK_BAD_UTF8, position + 1);
    }
    if (!finish(&c)) {
        return at(EKOK_BAD_PLACE, c.pending);
    }
    *size = c.overflow ? 0 : c.length;
    return at(c.overflow ? EKOK_TOO_LONG : EKOK_OK, 0);
}
