/*
 * name_known.c - looks the sounds of a word up in name_known.def, which is sorted by bytes (a unit test holds it to
 * that, and to what its spellings sound like).
 */
#include "name_known.h"

#include <string.h>

#include "name_phone.h"

typedef struct {
    char sounds[16];
    uint16_t number;
} known_name;

static const known_name KNOWN[] = {
#define X(sounds, number, spelling) {sounds, number},
#include "name_known.def"
#undef X
};

void ekok_known_sounds(const uint8_t *phone, size_t phones, char out[EKOK_KNOWN_SOUNDS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < phones && n + 1 < EKOK_KNOWN_SOUNDS_MAX; i++) {
        char class = ekok_phone_class(phone[i]);

        if (phone[i] != PHONE_SILENT) {
            out[n++] = class != 0 ? class : ekok_phone_letter(phone[i]);
        }
    }
    out[n] = '\0';
}

static const struct {
    uint16_t name[EKOK_KNOWN_SET];
    bool owned;
} SETS[] = {
#define X(one, two, three, four, owned) {{one, two, three, four}, owned},
#include "name_known_set.def"
#undef X
};

/* Of several names: the first of them at *names; how many there may be. */
static size_t names_of(const uint16_t *number, const uint16_t **names)
{
    if (*number < EKOK_KNOWN_SETS) {
        *names = number;
        return 1;
    }
    *names = SETS[*number - EKOK_KNOWN_SETS].name;
    return EKOK_KNOWN_SET;
}

ekok_known_relation ekok_known_related(uint16_t a, uint16_t b)
{
    const uint16_t *of_a, *of_b;
    bool apart = true;

    if (a == 0 || b == 0) {
        return EKOK_KNOWN_UNTOLD;
    }
    size_t n = names_of(&a, &of_a), m = names_of(&b, &of_b);
    for (size_t i = 0; i < n && of_a[i] != 0; i++) {
        for (size_t j = 0; j < m && of_b[j] != 0; j++) {
            if (of_a[i] == of_b[j]) {
                return EKOK_KNOWN_ONE;
            }
            apart = apart && of_a[i] < EKOK_KNOWN_PLAIN && of_b[j] < EKOK_KNOWN_PLAIN;
        }
    }
    return apart ? EKOK_KNOWN_APART : EKOK_KNOWN_TWO;
}

bool ekok_in_bengali(const ekok_name_token *token)
{
    return token->bytes > 0 && (unsigned char)token->text[0] >= 0x80;
}

/* In Bengali letters a form of several names is that of the one which is written so. */
static uint16_t settled(uint16_t number, bool bengali)
{
    bool owned = number >= EKOK_KNOWN_SETS && SETS[number - EKOK_KNOWN_SETS].owned;

    return bengali && owned ? SETS[number - EKOK_KNOWN_SETS].name[0] : number;
}

uint16_t ekok_known_name(const uint8_t *phone, size_t phones, bool bengali)
{
    char sounds[EKOK_KNOWN_SOUNDS_MAX];
    size_t low = 0, high = sizeof(KNOWN) / sizeof(KNOWN[0]);

    ekok_known_sounds(phone, phones, sounds);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = (unsigned char)sounds[0] - (unsigned char)KNOWN[middle].sounds[0];

        order = order == 0 ? strcmp(sounds, KNOWN[middle].sounds) : order;

        if (order == 0) {
            return settled(KNOWN[middle].number, bengali);
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

static const char KEYS[][EKOK_NAME_KEY_MAX + 1] = {
#define X(key) key,
#include "name_known_key.def"
#undef X
};

static const struct {
    uint16_t number;
    char key[EKOK_NAME_KEY_MAX + 1];
} SPELLINGS[] = {
#define X(number, key) {number, key},
#include "name_known_spelling.def"
#undef X
};

bool ekok_known_key(const char *key)
{
    size_t low = 0, high = sizeof(KEYS) / sizeof(KEYS[0]);

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(key, KEYS[middle]);

        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return false;
}

/* The first line of a name among SPELLINGS, or where it would stand. */
static size_t first_spelling(uint16_t name)
{
    size_t low = 0, high = sizeof(SPELLINGS) / sizeof(SPELLINGS[0]);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (SPELLINGS[middle].number < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t ekok_known_spellings(uint16_t number, const char *key[EKOK_KNOWN_SPELLINGS])
{
    const uint16_t *name;
    size_t count = number == 0 ? 0 : names_of(&number, &name), n = 0;

    for (size_t k = 0; k < count && name[k] != 0; k++) {
        for (size_t i = first_spelling(name[k]);
             i < sizeof(SPELLINGS) / sizeof(SPELLINGS[0]) && SPELLINGS[i].number == name[k]; i++) {
            if (n < EKOK_KNOWN_SPELLINGS) {
                key[n++] = SPELLINGS[i].key;
            }
        }
    }
    return n;
}
