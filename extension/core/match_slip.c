/*
 * match_slip.c - see match.h: what no rule of sound forgives. Slips of the pen: a letter too many, too few, another, or
 * two exchanged, in a word of four letters or more; words meet in any order, one may be left over. And a woman's given
 * names with another last word, where that is one of match_married.def.
 */
#include "match.h"

#include <string.h>

enum {
    WORD_LETTERS_LEAST = 4,
    GIVEN_LETTERS_LEAST = 3,
    NAME_LETTERS_LEAST = 7,
    BENGALI_LETTER = 3 /* bytes */
};

static size_t letter_bytes(const ekok_name_token *token)
{
    return token->bytes > 0 && (uint8_t)token->text[0] >= 0x80 ? BENGALI_LETTER : 1;
}

/*
 * One edit apart at most: what is left between the common beginning and the common end is a letter, or two
 * exchanged.
 */
static bool one_edit(const ekok_name_token *a, const ekok_name_token *b, size_t letter)
{
    size_t least = a->bytes < b->bytes ? a->bytes : b->bytes, head = 0, tail = 0;

    while (head < least && a->text[head] == b->text[head]) {
        head++;
    }
    head -= head % letter;
    while (tail < least - head && a->text[a->bytes - 1 - tail] == b->text[b->bytes - 1 - tail]) {
        tail++;
    }
    tail -= tail % letter;
    size_t left_a = a->bytes - head - tail, left_b = b->bytes - head - tail;
    const char *x = a->text + head, *y = b->text + head;
    bool exchanged = left_a == 2 * letter && left_b == left_a && memcmp(x, y + letter, letter) == 0 &&
                     memcmp(x + letter, y, letter) == 0;
    return exchanged || (left_a <= letter && left_b <= letter);
}

static bool same_or_slip(const ekok_name_token *a, const ekok_name_token *b)
{
    size_t letter = letter_bytes(a);

    if (a->phones == b->phones && memcmp(a->phone, b->phone, a->phones) == 0) {
        return true;
    }
    return letter == letter_bytes(b) && a->bytes >= WORD_LETTERS_LEAST * letter &&
           b->bytes >= WORD_LETTERS_LEAST * letter && one_edit(a, b, letter);
}

typedef struct {
    size_t words, letters;
} extent;

static extent extent_of(const ekok_name_view *name)
{
    extent e = {0, 0};

    for (size_t i = 0; i < name->tokens; i++) {
        if (name->token[i]->kind == EKOK_NAME_WORD) {
            e.words++;
            e.letters += name->token[i]->bytes / letter_bytes(name->token[i]);
        }
    }
    return e;
}

static bool slips(const ekok_name_view *a, const ekok_name_view *b)
{
    extent of_a = extent_of(a), of_b = extent_of(b);
    const ekok_name_view *fewer = of_a.words <= of_b.words ? a : b, *more = fewer == a ? b : a;
    size_t words = fewer == a ? of_a.words : of_b.words, others = of_a.words + of_b.words - words;
    uint32_t met = 0;

    if (words == 0 || others > words + 1 || of_a.letters < NAME_LETTERS_LEAST ||
        of_b.letters < NAME_LETTERS_LEAST) {
        return false;
    }
    for (size_t i = 0; i < fewer->tokens; i++) {
        size_t j = 0;
        if (fewer->token[i]->kind != EKOK_NAME_WORD) {
            continue;
        }
        while (j < more->tokens && ((met >> j & 1) != 0 || more->token[j]->kind != EKOK_NAME_WORD ||
                                    !same_or_slip(fewer->token[i], more->token[j]))) {
            j++;
        }
        if (j == more->tokens) {
            return false;
        }
        met |= UINT32_C(1) << j;
    }
    return true;
}

/* A last word that comes and goes with marriage. */
static bool of_marriage(const ekok_name_token *token)
{
    static const struct {
        const char *text;
        size_t bytes;
    } WORDS[] = {
#define X(word) {word, sizeof word - 1},
#include "match_married.def"
#undef X
    };

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (token->bytes == WORDS[i].bytes && memcmp(token->text, WORDS[i].text, token->bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* The telling words of a name; how many. */
static size_t telling_words(const ekok_name_view *name, const ekok_name_token *word[EKOK_NAME_TOKENS_MAX])
{
    size_t words = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        if (name->token[i]->kind == EKOK_NAME_WORD) {
            word[words++] = name->token[i];
        }
    }
    return words;
}

static bool same_word(const ekok_name_token *a, const ekok_name_token *b)
{
    return (a->known != 0 && a->known == b->known) ||
           (a->phones == b->phones && memcmp(a->phone, b->phone, a->phones) == 0);
}

/* All given names are the same, in one order, and behind them stands a word of marriage on one side at least. */
static bool remarried(const ekok_name_view *a, const ekok_name_view *b)
{
    const ekok_name_token *of_a[EKOK_NAME_TOKENS_MAX], *of_b[EKOK_NAME_TOKENS_MAX];
    size_t words_a = telling_words(a, of_a), words_b = telling_words(b, of_b);
    size_t given = (words_a < words_b ? words_a : words_b) - (words_a == words_b);

    if (words_a == 0 || words_b == 0 || given == 0 || words_a > given + 1 || words_b > given + 1 ||
        of_a[0]->bytes < GIVEN_LETTERS_LEAST * letter_bytes(of_a[0]) || !same_word(of_a[0], of_b[0])) {
        return false;
    }
    for (size_t i = 1; i < given; i++) {
        if (!same_word(of_a[i], of_b[i])) {
            return false;
        }
    }
    return (words_a > given && of_marriage(of_a[given])) || (words_b > given && of_marriage(of_b[given]));
}

float ekok_match_similarity_of(const ekok_name_view *a, const ekok_name_view *b,
                               ekok_word_memory memory[EKOK_WORD_MEMORY])
{
    const float CLOSE = 0.80f, ALIKE = 0.85f;
    float similarity = ekok_name_similarity_of(a, b, memory);

    if (similarity < ALIKE && remarried(a, b)) {
        return ALIKE;
    }
    return similarity < CLOSE && (slips(a, b) || (a->tokens == b->tokens && slips(b, a))) ? CLOSE
                                                                                          : similarity;
}

float ekok_match_similarity(const ekok_name *a, const ekok_name *b)
{
    ekok_name_view of_a, of_b;

    ekok_name_view_of(a, &of_a);
    ekok_name_view_of(b, &of_b);
    return ekok_match_similarity_of(&of_a, &of_b, NULL);
}
