/*
 * blocking.c - see blocking.h. A key mixes the hashes of its parts with its kind, by the finaliser of MurmurHash3
 * (Appleby, public domain); the hash of a word or name is SipHash of its sound key, as for all evidence.
 */
#include "blocking.h"

#include <string.h>

enum {
    WORD = EKOK_BLOCK_WORD,
    NAME = EKOK_BLOCK_NAME,
    FATHER = EKOK_BLOCK_FATHER,
    MOTHER = EKOK_BLOCK_MOTHER,
    DATE = EKOK_BLOCK_DATE,
    YEAR = EKOK_BLOCK_YEAR,
    UPAZILA = EKOK_BLOCK_UPAZILA,
    UNION = EKOK_BLOCK_UNION
};

static const struct {
    const char *name;
    uint16_t parts;
    uint8_t finer;
    uint32_t most;
} KINDS[EKOK_BLOCK_KINDS] = {
#define X(KIND, kind, parts, FINER, most) {#kind, parts, EKOK_BLOCK_##FINER, most},
#include "blocking.def"
#undef X
};

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* Never 0, which means: missing. */
static uint64_t hash_of(const char *kind, const char *text, size_t n)
{
    ekok_evidence e = ekok_evidence_make((ekok_span){kind, strlen(kind)}, (ekok_span){text, n}, 0);

    return e.bits != 0 ? e.bits : 1;
}

static void add_word(uint64_t word[], size_t room, size_t *n, uint64_t hash)
{
    for (size_t i = 0; i < *n; i++) {
        if (word[i] == hash) {
            return;
        }
    }
    if (*n < room) {
        word[(*n)++] = hash;
    }
}

uint64_t ekok_block_word(const ekok_name_token *token)
{
    bool telling = token->kind == EKOK_NAME_WORD && token->key[0] != '\0';

    return telling ? hash_of("block word", token->key, strlen(token->key)) : 0;
}

uint64_t ekok_block_whole(const ekok_name *name)
{
    char key[EKOK_NAME_KEYS_TEXT];
    size_t length = ekok_name_equal_key(name, key, sizeof key);

    return length > 0 ? hash_of("block name", key, length) : 0;
}

size_t ekok_block_words(const ekok_name *name, uint64_t word[], size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        uint64_t hash = ekok_block_word(&name->token[i]);
        if (hash != 0) {
            add_word(word, room, &n, hash);
        }
    }
    return n;
}

void ekok_block_birth(ekok_birth birth, ekok_block_parts *out)
{
    uint64_t low = birth.day < birth.month ? birth.day : birth.month, high = birth.day + birth.month - low;
    bool known = birth.month > 0 && !(birth.month == 1 && birth.day == 1);

    out->year = birth.year == 0 ? 0 : mix(UINT64_C(1) << 40 | (uint64_t)birth.year);
    out->date =
        birth.year == 0 || !known ? 0 : mix(UINT64_C(1) << 41 | (uint64_t)birth.year << 16 | high << 8 | low);
}

void ekok_block_place(uint32_t code, int level, uint64_t text, ekok_block_parts *out)
{
    out->upazila = text;
    out->place_union = text;
    if (code != 0) {
        out->upazila = level >= EKOK_GEOCODE_UPAZILA ? mix(UINT64_C(1) << 42 | code / 100) : 0;
        out->place_union = level >= EKOK_GEOCODE_UNION ? mix(UINT64_C(1) << 43 | code) : 0;
    }
}

void ekok_block_parts_of(const ekok_person *person, ekok_block_parts *out)
{
    uint64_t text = person->place.text != NULL ? ekok_block_whole(person->place.text) : 0;
    size_t words = 0;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < 2; i++) {
        const ekok_name *name = person->name[i].name;
        if (name != NULL) {
            uint64_t own[EKOK_BLOCK_WORDS];
            size_t n = ekok_block_words(name, own, EKOK_BLOCK_WORDS);
            out->name[i] = ekok_block_whole(name);
            for (size_t k = 0; k < n; k++) {
                add_word(out->word, EKOK_BLOCK_WORDS, &words, own[k]);
            }
        }
    }
    out->father = person->father.name != NULL ? ekok_block_whole(person->father.name) : 0;
    out->mother = person->mother.name != NULL ? ekok_block_whole(person->mother.name) : 0;
    ekok_block_birth(person->birth, out);
    ekok_block_place(person->place.code, person->place.level, text, out);
}

/* The parts that do not vary within a kind, mixed; 0 when one is missing. */
static uint64_t steady(ekok_block_kind kind, const ekok_block_parts *p)
{
    const struct {
        int part;
        uint64_t hash;
    } each[] = {{FATHER, p->father}, {MOTHER, p->mother},   {DATE, p->date},
                {YEAR, p->year},     {UPAZILA, p->upazila}, {UNION, p->place_union}};
    uint64_t h = mix((uint64_t)kind + 1);

    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        if ((KINDS[kind].parts & each[i].part) != 0) {
            if (each[i].hash == 0) {
                return 0;
            }
            h = mix(h ^ each[i].hash);
        }
    }
    return h != 0 ? h : 1;
}

size_t ekok_block_keys(ekok_block_kind kind, const ekok_block_parts *parts, uint64_t out[EKOK_BLOCK_KEYS])
{
    uint64_t h = steady(kind, parts);
    size_t n = 0;

    if (h == 0) {
        return 0;
    }
    if ((KINDS[kind].parts & (WORD | NAME)) == 0) {
        out[n++] = h;
    }
    for (size_t i = 0; (KINDS[kind].parts & WORD) != 0 && i < EKOK_BLOCK_WORDS && parts->word[i] != 0; i++) {
        add_word(out, EKOK_BLOCK_KEYS, &n, mix(h + parts->word[i]));
    }
    for (size_t i = 0; (KINDS[kind].parts & NAME) != 0 && i < 2; i++) {
        if (parts->name[i] != 0) {
            add_word(out, EKOK_BLOCK_KEYS, &n, mix(h + parts->name[i]));
        }
    }
    return n;
}

unsigned ekok_block_needs(ekok_block_kind kind)
{
    return KINDS[kind].parts;
}

const char *ekok_block_name_of(ekok_block_kind kind)
{
    return KINDS[kind].name;
}

ekok_block_kind ekok_block_finer(ekok_block_kind kind)
{
    return (ekok_block_kind)KINDS[kind].finer;
}

uint32_t ekok_block_most(ekok_block_kind kind)
{
    return KINDS[kind].most;
}
