/*
 * name_parse.c - from text to telling words: titles dropped, another person's name cut off, initials split, each word
 * heard, keyed and weighed. A name made of titles alone keeps them.
 */
#include "name.h"

#include <string.h>

#include "name_cache.h"
#include "name_key.h"
#include "name_known.h"
#include "name_normal.h"
#include "name_spell.h"
#include "name_word.h"

enum { OPTIONAL_WEIGHT = 60, INITIAL_WEIGHT = 220, VISARGA = 0x0983, KNOWN_MAX = 24 };

typedef struct {
    const uint32_t *c;
    size_t n;
    char text[EKOK_NAME_WORD_MAX];
    size_t bytes;
    const ekok_affix *affix;
    bool bracketed;
    const ekok_cached_word *known; /* NULL: to be heard */
} word;

/* Words of points, or those known already. */
typedef struct {
    const ekok_points *points;
    size_t i;
    bool bracketed;
    const ekok_cached_word *const *known;
    size_t words;
} word_reader;

static void encode(word *w)
{
    w->bytes = 0;
    for (size_t i = 0; i < w->n; i++) {
        char bytes[6];
        size_t n = ekok_name_put(w->c[i], bytes);

        if (w->bytes + n > sizeof(w->text)) {
            return;
        }
        memcpy(w->text + w->bytes, bytes, n);
        w->bytes += n;
    }
}

static bool is_slash_of_relation(const ekok_points *p, size_t i)
{
    return p->c[i] == '/' && i > 0 && i + 1 < p->n && p->c[i + 1] == 'o' && (i < 2 || p->c[i - 2] == ' ') &&
           (i + 2 == p->n || p->c[i + 2] == ' ');
}

static bool parts(const ekok_points *p, size_t i)
{
    uint32_t c = p->c[i];

    return c == ' ' || c == '(' || c == ')' || c == VISARGA || (c == '/' && !is_slash_of_relation(p, i));
}

static bool next_known(word_reader *r, word *out)
{
    if (r->i >= r->words) {
        return false;
    }
    out->known = r->known[r->i++];
    out->c = out->known->c;
    out->n = out->known->n;
    out->bytes = out->known->token.bytes;
    memcpy(out->text, out->known->token.text, out->bytes);
    out->affix = out->known->affix;
    out->bracketed = false;
    return true;
}

static bool next_word(word_reader *r, word *out)
{
    const ekok_points *p = r->points;

    if (p == NULL) {
        return next_known(r, out);
    }

    while (r->i < p->n && parts(p, r->i)) {
        r->bracketed = p->c[r->i] == '(' ? true : p->c[r->i] == ')' ? false : r->bracketed;
        r->i++;
    }
    if (r->i >= p->n) {
        return false;
    }
    out->c = p->c + r->i;
    out->n = 0;
    out->bracketed = r->bracketed;
    out->known = NULL;
    while (r->i < p->n && !parts(p, r->i)) {
        r->i++;
        out->n++;
    }
    encode(out);
    out->affix = ekok_affix_of((ekok_span){out->text, out->bytes});
    return true;
}

static ekok_name_token *new_token(ekok_name *name, const word *w, ekok_name_kind kind)
{
    if (name->tokens >= EKOK_NAME_TOKENS_MAX) {
        return NULL;
    }
    ekok_name_token *token = &name->token[name->tokens];
    memset(token, 0, sizeof(*token));
    token->kind = (uint8_t)kind;
    token->bytes = (uint8_t)w->bytes;
    memcpy(token->text, w->text, w->bytes);
    return token;
}

static void add_initial(ekok_name *name, const word *w, char letter)
{
    ekok_name_token *token = new_token(name, w, EKOK_NAME_INITIAL);
    ekok_phones sounds = {.n = 0};
    char text[2] = {letter, '\0'};

    if (token == NULL) {
        return;
    }
    ekok_phones_push_letters(&sounds, text);
    token->phone[0] = sounds.n > 0 ? sounds.p[0] : PHONE_K;
    token->phones = 1;
    token->key[0] = letter; /* lower case: no class of sounds */
    token->weight = INITIAL_WEIGHT;
    name->tokens++;
}

static bool is_article_end(uint8_t phone)
{
    return phone == PHONE_L || phone == PHONE_R || phone == PHONE_S || phone == PHONE_SH ||
           phone == PHONE_CHH || phone == PHONE_N || phone == PHONE_Z || phone == PHONE_J ||
           phone == PHONE_T || phone == PHONE_D;
}

/* The article in Abdul takes on the sound of the next word: Abdur Rahim, Abdus Salam. One name, and kept as Abdul. */
static void settle_abdul(ekok_name_token *token)
{
    static const uint8_t abdul[] = {PHONE_A, PHONE_B, PHONE_D, PHONE_U, PHONE_L};
    const uint8_t *p = token->phone;
    size_t gap = token->phones == 6 && (p[2] == PHONE_SILENT || p[2] == PHONE_SCHWA || p[2] == PHONE_U);

    if (token->phones == 5 + gap && p[0] == PHONE_A && p[1] == PHONE_B &&
        (p[2 + gap] == PHONE_D || p[2 + gap] == PHONE_DH) &&
        (p[3 + gap] == PHONE_U || p[3 + gap] == PHONE_O) && is_article_end(p[4 + gap])) {
        memcpy(token->phone, abdul, sizeof(abdul));
        token->phones = sizeof(abdul);
        token->doubled = 0;
    }
}

static void add_sounds(ekok_name *name, const word *w, const ekok_phones *sounds, ekok_name_kind kind)
{
    ekok_name_token *token = sounds->n > 0 ? new_token(name, w, kind) : NULL;

    if (token == NULL) {
        return;
    }
    token->phones = sounds->n < EKOK_NAME_PHONES_MAX ? sounds->n : EKOK_NAME_PHONES_MAX;
    memcpy(token->phone, sounds->p, token->phones);
    token->doubled = sounds->doubled;
    settle_abdul(token);
    ekok_token_keys(token);
    token->known = ekok_known_name(token->phone, token->phones, ekok_in_bengali(token));
    token->weight = kind == EKOK_NAME_OPTIONAL ? OPTIONAL_WEIGHT : ekok_key_weight(token->key);
    name->tokens++;
}

static void spell(const word *w, ekok_phones *sounds)
{
    if (ekok_is_bengali(w->c[0])) {
        ekok_spell_bengali(w->c, w->n, sounds);
    } else {
        ekok_spell_latin(w->c, w->n, sounds);
    }
}

static void add_given_sounds(ekok_name *name, const word *w, const char *letters, ekok_name_kind kind)
{
    ekok_phones raw = {.n = 0}, sounds;

    ekok_phones_push_letters(&raw, letters);
    ekok_phones_settle(&raw, &sounds);
    add_sounds(name, w, &sounds, kind);
}

/* A letter by itself: Latin ones by themselves, a bare Bengali one by the sound it stands for. */
static void add_letter(ekok_name *name, const word *w)
{
    ekok_phones sounds;

    if (!ekok_is_bengali(w->c[0])) {
        add_initial(name, w, (char)w->c[0]);
        return;
    }
    ekok_spell_bengali(w->c, 1, &sounds);
    if (sounds.n > 0) {
        char letter = ekok_phone_letter(sounds.p[0]);
        add_initial(name, w,
                    letter == 'O' ? 'a' : (char)(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter));
    }
}

/* Two to four Latin letters without a vowel are initials written together. */
static bool is_run_of_initials(const word *w)
{
    if (w->n > 4 || w->affix != NULL || ekok_is_bengali(w->c[0])) {
        return false;
    }
    for (size_t i = 0; i < w->n; i++) {
        if (w->c[i] < 'a' || w->c[i] > 'z' || memchr("aeiouy", (int)w->c[i], 6) != NULL) {
            return false;
        }
    }
    return true;
}

/* The letter a, or a with a mark, before a longer word is Abdul abbreviated; before another letter it is an initial. */
static bool is_abdul(const word *w, const word *next)
{
    return w->n == 1 && w->c[0] == 0x0986 && next != NULL && next->n > 1 &&
           (next->affix == NULL || next->affix->kind != WORD_LETTER);
}

static void add_known(ekok_name *name, const ekok_cached_word *known)
{
    if (known->kind == EKOK_CACHED_TOKEN && name->tokens < EKOK_NAME_TOKENS_MAX) {
        memcpy(&name->token[name->tokens++], &known->token, sizeof(known->token));
    }
}

static void add_word(ekok_name *name, const word *w, const word *next)
{
    ekok_word_kind kind = w->affix != NULL ? w->affix->kind : WORD_PLAIN;

    if (w->known != NULL && w->known->kind != EKOK_CACHED_LETTERS) {
        add_known(name, w->known);
    } else if (is_abdul(w, next)) {
        add_given_sounds(name, w, "abdul", EKOK_NAME_WORD);
    } else if (kind == WORD_LETTER || kind == WORD_INITIALS) {
        for (const char *letter = w->affix->sounds; *letter != '\0'; letter++) {
            add_initial(name, w, *letter);
        }
    } else if (kind == WORD_OPTIONAL || kind == WORD_ABBREVIATED) {
        add_given_sounds(name, w, w->affix->sounds,
                         kind == WORD_OPTIONAL ? EKOK_NAME_OPTIONAL : EKOK_NAME_WORD);
    } else if (w->n == 1) {
        add_letter(name, w);
    } else if (is_run_of_initials(w)) {
        for (size_t i = 0; i < w->n; i++) {
            add_initial(name, w, (char)w->c[i]);
        }
    } else {
        ekok_phones sounds;

        spell(w, &sounds);
        add_sounds(name, w, &sounds, EKOK_NAME_WORD);
    }
}

/* Son of, daughter of, wife of, husband of: what follows is another person's name. */
static bool begins_relation(const word *w, const word *next)
{
    static const char *const kin[] = {"son", "daughter", "wife", "husband", "father", "mother", "child"};

    for (size_t i = 0;
         next->bytes == 2 && memcmp(next->text, "of", 2) == 0 && i < sizeof(kin) / sizeof(kin[0]); i++) {
        if (w->bytes == strlen(kin[i]) && memcmp(w->text, kin[i], w->bytes) == 0) {
            return true;
        }
    }
    return false;
}

static size_t telling(const ekok_name *name)
{
    size_t count = 0;

    for (size_t i = 0; i < name->tokens; i++) {
        count += name->token[i].kind == EKOK_NAME_WORD;
    }
    return count;
}

/* All words once; with_titles: titles are words like others. */
static void read_words(word_reader r, ekok_name *out, bool with_titles)
{
    word w, next;
    bool more = next_word(&r, &w);
    bool alias = false, titled = false;

    while (more) {
        ekok_word_kind kind = w.affix != NULL ? w.affix->kind : WORD_PLAIN;
        size_t before = out->tokens;

        more = next_word(&r, &next);
        kind = more && begins_relation(&w, &next) ? WORD_RELATION : kind;
        if (kind == WORD_RELATION && telling(out) > 0) {
            break;
        }
        alias = alias || (kind == WORD_ALIAS && telling(out) > 0);
        if (with_titles || (kind != WORD_TITLE && kind != WORD_RELATION && kind != WORD_ALIAS)) {
            add_word(out, &w, more ? &next : NULL);
        }
        titled = titled || kind == WORD_TITLE;
        for (size_t i = before; (alias || w.bracketed) && i < out->tokens && telling(out) > 1; i++) {
            bool nickname = out->token[i].kind == EKOK_NAME_WORD && kind != WORD_ABBREVIATED;
            out->token[i].kind = nickname ? EKOK_NAME_OPTIONAL : out->token[i].kind;
        }
        w = next;
    }
    if (out->tokens > 0) {
        out->token[0].titled = titled;
    }
}

/* A name of nothing but Mohammad, or of one telling word less: then it is what there is to tell by. */
static void promote(ekok_name *name)
{
    if (telling(name) > 0) {
        return;
    }
    for (size_t i = 0; i < name->tokens; i++) {
        if (name->token[i].kind == EKOK_NAME_OPTIONAL) {
            name->token[i].kind = EKOK_NAME_WORD;
            name->token[i].weight = ekok_key_weight(name->token[i].key);
        }
    }
}

static void run_together(ekok_name *name)
{
    name->whole_phones = 0;
    for (size_t i = 0; i < name->tokens; i++) {
        const ekok_name_token *token = &name->token[i];

        for (size_t k = 0; token->kind == EKOK_NAME_WORD && k < token->phones; k++) {
            if (name->whole_phones < EKOK_NAME_WHOLE_MAX) {
                uint8_t phone = token->phone[k];
                name->whole[name->whole_phones++] = phone == PHONE_FINAL_A ? PHONE_A : phone;
            }
        }
    }
}

static void read_name(word_reader r, ekok_name *out)
{
    out->tokens = 0;
    read_words(r, out, false);
    if (out->tokens == 0) {
        read_words(r, out, true);
    }
    promote(out);
    run_together(out);
}

ekok_status ekok_name_parse(ekok_span text, ekok_name *out)
{
    ekok_points points;
    ekok_status status = ekok_name_points(text, &points);

    out->tokens = 0;
    out->whole_phones = 0;
    if (status.code == EKOK_OK && (!points.glyphs || points.bengali)) {
        read_name((word_reader){.points = &points}, out);
    }
    return status;
}

/* One word without brackets or slashes: what it becomes then does not hang on what stands before it. */
static ekok_cached_kind kind_of(const ekok_points *points, word *w)
{
    word_reader r = {.points = points};

    if (points->glyphs) { /* whether the name is Bijoy hangs on its other words */
        return EKOK_CACHED_UNFIT;
    }
    if (points->n == 0) {
        return EKOK_CACHED_BLANK;
    }
    for (size_t i = 0; i < points->n; i++) {
        if (parts(points, i) || points->c[i] == '/') {
            return EKOK_CACHED_UNFIT;
        }
    }
    (void)next_word(&r, w);
    bool letters = w->affix != NULL && (w->affix->kind == WORD_LETTER || w->affix->kind == WORD_INITIALS);
    return w->n == 1 || letters || is_run_of_initials(w) ? EKOK_CACHED_LETTERS : EKOK_CACHED_TOKEN;
}

static void learn(ekok_cached_word *place, ekok_span given)
{
    ekok_points points;
    ekok_name alone;
    word w = {.n = 0};
    bool readable = ekok_name_points(given, &points).code == EKOK_OK;

    memset(place, 0, sizeof(*place));
    memcpy(place->given, given.p, given.n);
    place->bytes = (uint8_t)given.n;
    place->kind = (uint8_t)(readable ? kind_of(&points, &w) : EKOK_CACHED_UNFIT);
    if (place->kind != EKOK_CACHED_TOKEN && place->kind != EKOK_CACHED_LETTERS) {
        return;
    }
    place->n = (uint32_t)w.n;
    memcpy(place->c, w.c, (w.n < 4 ? w.n : 4) * sizeof(w.c[0]));
    place->affix = w.affix;
    alone.tokens = 0;
    if (place->kind == EKOK_CACHED_TOKEN) {
        add_word(&alone, &w, NULL);
        place->kind = alone.tokens > 0 ? EKOK_CACHED_TOKEN : EKOK_CACHED_SILENT;
    }
    if (alone.tokens > 0) {
        memcpy(&place->token, &alone.token[0], sizeof(place->token));
    } else {
        place->token.bytes = (uint8_t)w.bytes;
        memcpy(place->token.text, w.text, w.bytes);
    }
}

/* The words between spaces, in their places; false where the name is to be read as a whole. */
static bool find_words(ekok_name_cache *cache, ekok_span text, word_reader *r,
                       const ekok_cached_word *known[KNOWN_MAX])
{
    for (size_t at = 0; at < text.n; at++) {
        ekok_span given = {text.p + at, 0};

        while (at < text.n && text.p[at] != ' ') {
            at++;
        }
        given.n = (size_t)(text.p + at - given.p);
        if (given.n == 0) {
            continue;
        }
        if (given.n > EKOK_NAME_CACHE_WORD_BYTES || r->words == KNOWN_MAX) {
            return false;
        }
        ekok_cached_word *place = ekok_name_cache_place(cache, given);
        if (!ekok_name_cache_holds(place, given)) {
            for (size_t k = 0; k < r->words; k++) {
                if (known[k] == place) {
                    return false;
                }
            }
            learn(place, given);
        }
        if (place->kind == EKOK_CACHED_UNFIT) {
            return false;
        }
        if (place->kind != EKOK_CACHED_BLANK) {
            known[r->words++] = place;
        }
    }
    return true;
}

ekok_status ekok_name_parse_with(ekok_name_cache *cache, ekok_span text, ekok_name *out)
{
    const ekok_cached_word *known[KNOWN_MAX];
    word_reader r = {.known = known};

    if (text.n > EKOK_NAME_BYTES_MAX || !find_words(cache, text, &r, known)) {
        return ekok_name_parse(text, out);
    }
    read_name(r, out);
    return (ekok_status){EKOK_OK, 0};
}
