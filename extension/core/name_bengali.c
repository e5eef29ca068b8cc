/*
 * name_bengali.c - Bengali names in the normal form, read as they are said: conjuncts, phalas and the inherent vowel.
 * Visarga and candrabindu are silent.
 */
#include "name_spell.h"

enum { FIRST = 0x0980, LAST = 0x09FF };
enum {
    KA = 0x0995,
    JA = 0x099C,
    CA = 0x099A,
    CHA = 0x099B,
    NYA = 0x099E,
    TTHA = 0x09A0,
    TA = 0x09A4,
    NA = 0x09A8,
    DA = 0x09A6,
    BA = 0x09AC,
    MA = 0x09AE,
    YA = 0x09AF,
    RA = 0x09B0,
    LA = 0x09B2,
    SSA = 0x09B7,
    AA_SIGN = 0x09BE,
    HASANT_SIGN = 0x09CD,
    UU_SIGN = 0x09C2,
    CANDRABINDU = 0x0981,
    A_LETTER = 0x0985,
    E_LETTER = 0x098F
};

typedef enum { NONE, VOWEL, CONSONANT, BARE, SIGN, HASANT } letter_kind;

typedef struct {
    char sounds[3];
    uint8_t kind;
} letter;

static const letter LETTERS[LAST - FIRST + 1] = {
#define X(character, sounds, kind) [(character)-FIRST] = {sounds, kind},
#include "name_bengali.def"
#undef X
};

typedef struct {
    const uint32_t *word;
    size_t n;
    size_t i;
    bool nasal; /* a candrabindu waits for the end of its run of vowels */
    ekok_phones raw;
} reader;

static uint32_t look(const reader *r, size_t i)
{
    return i < r->n ? r->word[i] : 0;
}

static const letter *letter_of(uint32_t c)
{
    static const letter nothing = {"", NONE};

    return c >= FIRST && c <= LAST ? &LETTERS[c - FIRST] : &nothing;
}

/* The consonant before the hasant that stands before position i; 0 when the letter at i begins its cluster. */
static uint32_t upper(const reader *r, size_t i)
{
    return i >= 2 && r->word[i - 1] == HASANT_SIGN ? r->word[i - 2] : 0;
}

/* Ya-phala: silent, or the vowel of "Byapari" in the first syllable; behind ra the letter keeps its sound. */
static const char *spell_ya_phala(reader *r)
{
    if (upper(r, r->i) == RA && r->i > 2) {
        return "j";
    }
    if (look(r, r->i + 1) == AA_SIGN && r->i <= 2) {
        r->i++;
        return "E";
    }
    return "";
}

static const char *spell_ba_phala(uint32_t above)
{
    return above == MA || above == BA || above == RA || above == LA ? "b" : "w";
}

static const char *spell_nya(const reader *r)
{
    uint32_t next = look(r, r->i + 2);

    if (look(r, r->i + 1) == HASANT_SIGN && (next == JA || next == CA || next == CHA)) {
        return "n";
    }
    return look(r, r->i + 1) == AA_SIGN ? "i" : "n";
}

/* The sounds of the consonant at i, alone or with what it makes a letter of its own with. */
static const char *spell_consonant(reader *r)
{
    uint32_t c = r->word[r->i];
    uint32_t above = upper(r, r->i);
    bool joined = look(r, r->i + 1) == HASANT_SIGN;

    if (c == KA && joined && look(r, r->i + 2) == SSA) {
        r->i += 2;
        return "x";
    }
    if (c == JA && joined && look(r, r->i + 2) == NYA) {
        r->i += 2;
        return "g";
    }
    if (c == NYA) {
        return spell_nya(r);
    }
    if (above != 0 && c == YA) {
        return spell_ya_phala(r);
    }
    if (above != 0 && c == BA) {
        return spell_ba_phala(above);
    }
    return letter_of(c)->sounds;
}

/* The inherent vowel of the consonant just read: gone at the end of a word, hardly heard behind a conjunct there. */
static void push_inherent(reader *r, bool cluster)
{
    size_t next = r->i;

    while (next < r->n && letter_of(r->word[next])->kind == NONE) {
        next++;
    }
    uint8_t last = r->raw.n > 0 ? r->raw.p[r->raw.n - 1] : PHONE_COUNT;
    bool heard_h = last == PHONE_H && r->raw.n > 1 && r->raw.p[r->raw.n - 2] != PHONE_A;
    bool brata =
        r->i > 2 && r->word[r->i - 1] == TA && r->word[r->i - 2] == RA && r->word[r->i - 3] == HASANT_SIGN;
    if (next >= r->n) {
        if (cluster || brata || heard_h || last == PHONE_BH) {
            ekok_phones_push(&r->raw, PHONE_SILENT);
        }
        return;
    }
    letter_kind kind = (letter_kind)letter_of(r->word[next])->kind;
    bool inside = next + 1 < r->n && letter_of(r->word[next + 1])->kind != HASANT && r->word[next] != NA;
    if (r->word[next] == r->word[next - 1] && next > 1 && inside) { /* a conjunct typed without its hasant */
        return;
    }
    if (kind != SIGN && kind != HASANT) {
        ekok_phones_push(&r->raw, PHONE_SCHWA);
    }
}

static void end_nasal(reader *r)
{
    if (r->nasal) {
        ekok_phones_push(&r->raw, PHONE_NASAL);
        r->nasal = false;
    }
}

static void read_letter(reader *r)
{
    uint32_t c = r->word[r->i];
    const letter *l = letter_of(c);
    bool glide = c == 0x09DF || (c == NYA && look(r, r->i + 1) == AA_SIGN);

    if (c == CANDRABINDU) {
        r->nasal = true;
    } else if (r->nasal && (l->kind == CONSONANT || l->kind == BARE) && !glide) {
        end_nasal(r);
    }
    bool vowel_ae =
        (c == A_LETTER || c == E_LETTER) && look(r, r->i + 1) == HASANT_SIGN && look(r, r->i + 2) == YA;

    if (vowel_ae) {
        ekok_phones_push(&r->raw, PHONE_AE);
        r->i += look(r, r->i + 3) == AA_SIGN ? 4 : 3;
        return;
    }
    if (l->kind != CONSONANT) {
        ekok_phones_push_letters(&r->raw, l->sounds);
        r->i++;
        return;
    }
    bool cluster = upper(r, r->i) != 0;
    size_t from = r->i;
    const char *sounds = spell_consonant(r);
    bool vowel_inside = sounds[0] == 'E' || (sounds[0] == 'i' && look(r, r->i + 1) == AA_SIGN);
    cluster = cluster || r->i > from;
    ekok_phones_push_letters(&r->raw, sounds);
    r->i++;
    if (!vowel_inside) {
        push_inherent(r, cluster);
    }
}

/* An inherent vowel in an open syllable between two others is hardly heard: rah@man, talukdar. From the right. */
static void weaken(ekok_phones *raw)
{
    for (size_t i = raw->n; i-- > 2;) {
        bool nagar = raw->p[i - 1] == PHONE_N && i + 3 < raw->n && raw->p[i + 1] == PHONE_G &&
                     raw->p[i + 2] == PHONE_SCHWA && raw->p[i + 3] == PHONE_R;
        if (!nagar && raw->p[i] == PHONE_SCHWA && i + 2 < raw->n && ekok_phone_is_vowel(raw->p[i - 2]) &&
            !ekok_phone_is_vowel(raw->p[i - 1]) && !ekok_phone_is_vowel(raw->p[i + 1]) &&
            ekok_phone_is_vowel(raw->p[i + 2]) && raw->p[i + 2] != PHONE_SILENT && raw->p[i - 1] != PHONE_Y) {
            raw->p[i] = PHONE_SILENT;
        }
    }
}

void ekok_spell_bengali(const uint32_t *word, size_t n, ekok_phones *out)
{
    reader r = {.word = word, .n = n};

    while (r.i < r.n) {
        read_letter(&r);
    }
    end_nasal(&r);
    weaken(&r.raw);
    ekok_phones_settle(&r.raw, out);
}
