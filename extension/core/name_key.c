/*
 * name_key.c - keys: classes of consonants in order, A for a vowel or glide at the beginning; vowels, glides and h left
 * out, a class following itself with no vowel between written once. Frequencies are counts of public lists of
 * candidates, by key.
 */
#include "name_key.h"

#include <string.h>

#include "name_phone.h"

typedef struct {
    char key[EKOK_NAME_KEY_MAX + 1];
    uint16_t frequency;
    uint16_t weight;
} frequency_line;

static const frequency_line FREQUENCIES[] = {
#define X(key, frequency, weight) {key, frequency, weight},
#include "name_frequency.def"
#undef X
    {"~", 0, 1000},
};

static const frequency_line *line_of(const char *key)
{
    size_t low = 0, high = sizeof(FREQUENCIES) / sizeof(FREQUENCIES[0]) - 1;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = (unsigned char)key[0] - (unsigned char)FREQUENCIES[middle].key[0];

        order = order == 0 ? strcmp(key, FREQUENCIES[middle].key) : order;

        if (order == 0) {
            return &FREQUENCIES[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return &FREQUENCIES[sizeof(FREQUENCIES) / sizeof(FREQUENCIES[0]) - 1];
}

uint16_t ekok_key_weight(const char *key)
{
    return line_of(key)->weight;
}

unsigned ekok_key_frequency(const char *key)
{
    return line_of(key)->frequency;
}

/* instead: the class written for the sounds of one kind; 0 leaves them out. */
typedef struct {
    uint8_t of;
    char instead;
} reading;

static void make_key(const ekok_name_token *token, reading other, char key[EKOK_NAME_KEY_MAX + 1])
{
    size_t n = 0;
    bool apart = false;

    for (size_t i = 0; i < token->phones && n < EKOK_NAME_KEY_MAX; i++) {
        uint8_t phone = token->phone[i];
        char class = phone == other.of ? other.instead : ekok_phone_class(phone);

        if (class == 0 && i == 0 && phone != PHONE_H) {
            class = 'A';
        }
        if (class != 0 && (apart || n == 0 || key[n - 1] != class)) {
            key[n++] = class;
        }
        apart = ekok_phone_is_vowel(phone);
    }
    key[n] = '\0';
}

/* Sounds whose class is in doubt: chh and ch for s, w for b, ng for n and g, the last n of Bhuiyan. */
static const reading DOUBTS[] = {
    {PHONE_CHH, 'C'}, {PHONE_CH, 'S'}, {PHONE_CH, 'K'}, {PHONE_W, 'B'}, {PHONE_RH, 'D'}};

void ekok_token_keys(ekok_name_token *token)
{
    make_key(token, (reading){PHONE_COUNT, 0}, token->key);
    token->alternates = 0;
    for (size_t d = 0; d < sizeof(DOUBTS) / sizeof(DOUBTS[0]) && token->alternates < 3; d++) {
        if (memchr(token->phone, DOUBTS[d].of, token->phones) != NULL) {
            make_key(token, DOUBTS[d], token->alternate[token->alternates]);
            token->alternates++;
        }
    }
    token->classes = 0;
    for (const char *k = token->key; *k != '\0'; k++) {
        token->classes |= UINT32_C(1) << (*k - 'A');
    }
}
