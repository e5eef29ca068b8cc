/*
 * name_normal.c - one way of writing each name: case, marks, digits, invisible characters, and the Bengali letters that
 * Unicode lets be typed in several ways. Inside, RRA, RHA and YYA are one character; outside they are in two parts.
 * A visarga at the end of a word, or the colon or full stop typed for it, marks an abbreviation and is left out.
 */
#include "name_normal.h"

#include "name.h"
#include "utf8.h"

enum {
    SPACE = ' ',
    NUKTA = 0x09BC,
    HASANT = 0x09CD,
    ZWNJ = 0x200C,
    ZWJ = 0x200D,
    VISARGA = 0x0983,
    TA = 0x09A4,
    KHANDA_TA = 0x09CE,
    RA = 0x09B0,
    BA = 0x09AC,
    DDA = 0x09A1,
    DDHA = 0x09A2,
    YA = 0x09AF,
    RRA = 0x09DC,
    RHA = 0x09DD,
    YYA = 0x09DF,
    A = 0x0985,
    AA = 0x0986,
    AA_SIGN = 0x09BE,
    E_SIGN = 0x09C7,
    AU_MARK = 0x09D7,
    O_SIGN = 0x09CB,
    AU_SIGN = 0x09CC,
    MA = 0x09AE,
    ANUSVARA = 0x0982,
    CANDRABINDU = 0x0981
};

typedef struct {
    uint32_t first;
    char letters[65];
} fold_run;

static const fold_run FOLDS[] = {
#define X(first, letters) {first, letters},
#include "name_fold.def"
#undef X
};

bool ekok_is_bengali(uint32_t c)
{
    return c >= 0x0980 && c <= 0x09FE;
}

static bool is_latin(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_sign(uint32_t c)
{
    return c >= AA_SIGN && c <= AU_SIGN;
}

static bool is_bengali_consonant(uint32_t c)
{
    return (c >= 0x0995 && c <= 0x09B9) || c == RRA || c == RHA || c == YYA;
}

static bool is_invisible(uint32_t c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) ||
           c == 0xFEFF || c == 0x00AD || (c >= 0x0300 && c <= 0x036F);
}

/* Marks within a Latin word that part nothing: Sa'id. */
static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0xB4 || c == 0x2018 || c == 0x2019 || (c >= 0x02B9 && c <= 0x02BF);
}

/* A letter, digit, bracket or slash of the normal form; SPACE for whatever parts words; 0 for what is left out. */
static uint32_t fold(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) { /* full width */
        c -= 0xFEE0;
    }
    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z') {
            return c + 32;
        }
        bool kept = is_latin(c) || (c >= '0' && c <= '9') || c == '(' || c == ')' || c == '/';
        return kept ? c : is_apostrophe(c) ? 0 : SPACE;
    }
    if (c >= 0x09E6 && c <= 0x09EF) {
        return c - 0x09E6 + '0';
    }
    if (c == 0x09F0) { /* Assamese ra and wa */
        return RA;
    }
    if (c == 0x09F1) {
        return BA;
    }
    if (ekok_is_bengali(c)) {
        bool letter = c <= 0x09CE || (c >= AU_MARK && c <= 0x09E1);
        return c == 0x09BD ? 0 : letter ? c : SPACE;
    }
    if (is_invisible(c) || is_apostrophe(c)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(FOLDS) / sizeof(FOLDS[0]); i++) {
        if (c >= FOLDS[i].first && c < FOLDS[i].first + 64) {
            return (unsigned char)FOLDS[i].letters[c - FOLDS[i].first];
        }
    }
    return SPACE;
}

static uint32_t last(const ekok_points *out, size_t back)
{
    return out->n > back ? out->c[out->n - 1 - back] : SPACE;
}

static void put(ekok_points *out, uint32_t c)
{
    if (out->n < EKOK_NAME_POINTS_MAX) {
        out->c[out->n++] = c;
    }
}

/* What ends with the word: a hasant, a visarga, the anusvara of Mo-ng; and ta with hasant is khanda ta. */
static void end_word(ekok_points *out)
{
    while (last(out, 0) == HASANT || last(out, 0) == VISARGA) {
        out->n--;
        if (out->c[out->n] == HASANT && last(out, 0) == TA) {
            out->c[out->n - 1] = KHANDA_TA;
        }
    }
    bool mo_ng =
        last(out, 0) == ANUSVARA && last(out, 1) == O_SIGN && last(out, 2) == MA && last(out, 3) == SPACE;
    if (mo_ng) {
        out->n--;
    }
}

static void part(ekok_points *out)
{
    end_word(out);
    if (out->n > 0 && last(out, 0) != SPACE) {
        put(out, SPACE);
    }
}

/* A dot below: it makes another letter of some, and of the rest nothing. It may stand behind the vowel sign. */
static void put_nukta(ekok_points *out)
{
    size_t back = is_sign(last(out, 0)) || last(out, 0) == CANDRABINDU ? 1 : 0;
    uint32_t base = last(out, back);
    uint32_t made = base == DDA ? RRA : base == DDHA ? RHA : base == YA ? YYA : base == BA ? RA : base;

    if (out->n > back) {
        out->c[out->n - 1 - back] = made;
    }
}

/* A vowel sign: two halves make one, a second one is dropped, and a candrabindu typed before it goes behind. */
static void put_sign(ekok_points *out, uint32_t c)
{
    bool moved = last(out, 0) == CANDRABINDU;

    if (moved) {
        out->n--;
    }
    if (last(out, 0) == HASANT) { /* a consonant cannot have both */
        out->n--;
    }
    uint32_t before = last(out, 0);
    c = c == AU_MARK ? AU_SIGN : c;
    if (before == E_SIGN && c == AA_SIGN) {
        out->c[out->n - 1] = O_SIGN;
    } else if (before == E_SIGN && c == AU_SIGN) {
        out->c[out->n - 1] = AU_SIGN;
    } else if (before == A && c == AA_SIGN) {
        out->c[out->n - 1] = AA;
    } else if (!is_sign(before)) {
        put(out, c);
    }
    if (moved) {
        put(out, CANDRABINDU);
    }
}

static void put_bengali(ekok_points *out, uint32_t c)
{
    if (c == NUKTA) {
        put_nukta(out);
    } else if (is_sign(c) || c == AU_MARK) {
        put_sign(out, c);
    } else if (c == HASANT) {
        if (is_bengali_consonant(last(out, 0)) || last(out, 0) == A || last(out, 0) == 0x098F) {
            put(out, c);
        }
    } else if (c != last(out, 0) || (c != CANDRABINDU && c != VISARGA && c != ANUSVARA)) {
        put(out, c);
    }
}

/* Symbols that stand for letters where a Bijoy font draws them, and in no name otherwise. */
static bool is_glyph(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9F) || (c >= 0xA1 && c <= 0xAC) || (c >= 0xAE && c <= 0xB3) || c == 0xB5 ||
           c == 0xB6 || (c >= 0xB8 && c <= 0xBF) || c == 0xD7 || c == 0xF7 || c == 0x2020 || c == 0x2021 ||
           c == 0x2030 || c == 0x2039 || c == 0x203A || c == 0x20AC || c == 0x2122;
}

/* A colon right behind a Bengali letter is a visarga, which within a word is kept. */
static void add(ekok_points *out, uint32_t raw)
{
    if (raw == ZWJ && last(out, 0) == HASANT && last(out, 1) == TA) {
        out->n--;
        out->c[out->n - 1] = KHANDA_TA;
        return;
    }
    out->glyphs = out->glyphs || is_glyph(raw);
    uint32_t c = raw == ':' && ekok_is_bengali(last(out, 0)) ? VISARGA : fold(raw);
    if (c == 0) {
        return;
    }
    if (c == SPACE) {
        part(out);
        return;
    }
    if ((ekok_is_bengali(c) && is_latin(last(out, 0))) || (is_latin(c) && ekok_is_bengali(last(out, 0)))) {
        part(out);
    }
    if (c == '(') {
        part(out);
    }
    if (ekok_is_bengali(c)) {
        out->bengali = true;
        put_bengali(out, c);
        return;
    }
    end_word(out);
    put(out, c);
    if (c == ')') {
        part(out);
    }
}

ekok_status ekok_name_points(ekok_span text, ekok_points *out)
{
    size_t at = 0;
    int position = 0;

    out->n = 0;
    out->bengali = out->glyphs = false;
    if (text.n > EKOK_NAME_BYTES_MAX) {
        return (ekok_status){EKOK_TOO_LONG, 0};
    }
    while (at < text.n) {
        uint32_t c;

        position++;
        if (!ekok_utf8_next(text, &at, &c)) {
            return (ekok_status){EKOK_BAD_UTF8, position};
        }
        add(out, c);
    }
    part(out);
    if (last(out, 0) == SPACE && out->n > 0) {
        out->n--;
    }
    return (ekok_status){EKOK_OK, 0};
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = (char)(0xE0 | (c >> 12));
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

size_t ekok_name_put(uint32_t c, char out[6])
{
    uint32_t base = c == RRA ? DDA : c == RHA ? DDHA : c == YYA ? YA : c;
    size_t n = put_utf8(base, out);

    return base == c ? n : n + put_utf8(NUKTA, out + n);
}

ekok_status ekok_bn_normalize(ekok_span text, char *out, size_t room, size_t *size)
{
    ekok_points points;
    ekok_status status = ekok_name_points(text, &points);

    *size = 0;
    if (status.code != EKOK_OK) {
        return status;
    }
    for (size_t i = 0; i < points.n; i++) {
        char bytes[6];
        size_t n = ekok_name_put(points.c[i], bytes);

        if (*size + n > room) {
            return (ekok_status){EKOK_TOO_LONG, 0};
        }
        for (size_t k = 0; k < n; k++) {
            out[(*size)++] = bytes[k];
        }
    }
    if (*size < room) {
        out[*size] = '\0';
    }
    return (ekok_status){EKOK_OK, 0};
}
