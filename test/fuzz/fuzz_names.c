/*
 * fuzz_names.c - any bytes as names and as Bijoy: the normal form is UTF-8 and its own normal form; similarity is
 * symmetric, from 0 to 1, decides whether two are alike, and is 1 for a name and itself (initials alone may be less);
 * what was packed unpacks; keys fit, a name asked for meets itself in an index, a table of words that has seen all
 * inputs before changes no byte of a parse, explanations point at words, what is refused says where, and nothing is
 * read past the span. A line feed parts two names.
 */
#include "core/bijoy.h"
#include "core/name.h"
#include "core/name_cache.h"
#include "core/name_pack.h"
#include "core/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* A refusal has a code of the list and a position within the text. Returns true when the text was accepted. */
static bool accepted(ekok_status status, ekok_span text)
{
    demand(status.code < EKOK_CODE_COUNT);
    demand(status.position >= 0 && (size_t)status.position <= text.n + 1);
    return status.code == EKOK_OK;
}

static bool is_utf8(ekok_span text)
{
    size_t bad = 0;

    return ekok_utf8_valid(text, &bad);
}

static void try_normal(ekok_span text)
{
    static char normal[EKOK_NAME_TEXT_MAX], again[EKOK_NAME_TEXT_MAX];
    size_t size = 0, size_again = 0;

    if (!accepted(ekok_bn_normalize(text, normal, sizeof normal, &size), text)) {
        demand(!is_utf8(text) || text.n > EKOK_NAME_BYTES_MAX);
        return;
    }
    ekok_span form = {normal, size};
    demand(size <= sizeof normal && is_utf8(form));
    if (size <= EKOK_NAME_BYTES_MAX) {
        demand(accepted(ekok_bn_normalize(form, again, sizeof again, &size_again), form));
        demand(size == size_again && memcmp(normal, again, size) == 0);
    }
}

static void demand_distinct(const uint32_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            demand(keys[i] != keys[j]);
        }
    }
}

static void try_asking(const ekok_name *name, const uint32_t *held, size_t count)
{
    static const float thresholds[] = {0.75f, 0.86f, 1.0f};
    uint32_t asked[EKOK_NAME_ASKED_MAX];

    for (size_t t = 0; t < sizeof thresholds / sizeof thresholds[0]; t++) {
        size_t n = ekok_name_keys_asked(name, thresholds[t], asked);
        bool met = false;

        demand(n <= EKOK_NAME_ASKED_MAX);
        demand_distinct(asked, n);
        for (size_t i = 0; i < n * count; i++) {
            met = met || asked[i / count] == held[i % count];
        }
        demand(met == (name->tokens > 0));
    }
}

static void try_keys(const ekok_name *name)
{
    uint32_t keys[EKOK_NAME_KEYS_MAX];
    char text[EKOK_NAME_KEYS_TEXT], equal[EKOK_NAME_KEYS_TEXT];
    size_t count = ekok_name_keys(name, keys);

    demand(count <= EKOK_NAME_KEYS_MAX && (name->tokens > 0) == (count > 0));
    demand_distinct(keys, count);
    try_asking(name, keys, count);
    demand(ekok_name_key_text(name, text, sizeof text) < sizeof text);
    demand(ekok_name_equal_key(name, equal, sizeof equal) < sizeof equal);
}

/* The table lives as long as the fuzzer, so that words of one input stand in the places of another's. */
static void try_cache(ekok_span text)
{
    static ekok_name_cache cache;
    ekok_name without, with;
    ekok_status expected = ekok_name_parse(text, &without);

    for (int time = 0; time < 2; time++) { /* unknown words, then known ones */
        ekok_status status = ekok_name_parse_with(&cache, text, &with);

        demand(status.code == expected.code && status.position == expected.position);
        demand(with.tokens == without.tokens && with.whole_phones == without.whole_phones);
        demand(memcmp(with.whole, without.whole, without.whole_phones) == 0);
        demand(memcmp(with.token, without.token, without.tokens * sizeof without.token[0]) == 0);
    }
}

static bool is_share(float number)
{
    return number >= 0.0f && number <= 1.0f;
}

static void try_thresholds(const ekok_name *a, const ekok_name *b, float likeness)
{
    static const float thresholds[] = {0.6f, 0.75f, 0.86f, 1.0f};
    ekok_name_view of_a, of_b;

    ekok_name_view_of(a, &of_a);
    ekok_name_view_of(b, &of_b);
    for (size_t i = 0; i < sizeof thresholds / sizeof thresholds[0]; i++) {
        demand(ekok_name_is_alike(&of_a, &of_b, NULL, thresholds[i]) == (likeness >= thresholds[i]));
    }
}

static void try_packing(ekok_span text)
{
    static uint8_t packed[2 * EKOK_NAME_BYTES_MAX];
    static char back[EKOK_NAME_BYTES_MAX];
    size_t size = 0, again = 0;

    demand(ekok_name_pack(text, packed, sizeof packed, &size));
    demand(ekok_name_unpack(packed, size, back, sizeof back, &again));
    demand(again == text.n && memcmp(back, text.p, text.n) == 0);
    (void)!ekok_name_unpack((const uint8_t *)text.p, text.n, back, sizeof back, &again);
}

static void try_pair(const ekok_name *a, const ekok_name *b)
{
    ekok_name_line lines[EKOK_NAME_LINES_MAX];
    float likeness = ekok_name_similarity(a, b);

    float back = ekok_name_similarity(b, a);
    demand(is_share(likeness) && memcmp(&likeness, &back, sizeof(back)) == 0); /* the same for both orders */
    demand(likeness == 0.0f || (a->tokens > 0 && b->tokens > 0));
    try_thresholds(a, b, likeness);
    size_t count = ekok_name_explain(a, b, lines, EKOK_NAME_LINES_MAX);
    demand(count <= EKOK_NAME_LINES_MAX);
    for (size_t i = 0; i < count; i++) {
        demand(lines[i].a < a->tokens || lines[i].a == UINT8_MAX);
        demand(lines[i].b < b->tokens || lines[i].b == UINT8_MAX);
        demand(is_share(lines[i].similarity) && lines[i].weight >= 0.0f);
        demand(lines[i].note <= EKOK_NAME_RUN_TOGETHER);
    }
}

static bool try_name(ekok_span text, ekok_name *name)
{
    if (!accepted(ekok_name_parse(text, name), text)) {
        demand(!is_utf8(text) || text.n > EKOK_NAME_BYTES_MAX);
        return false;
    }
    demand(is_utf8(text) && text.n <= EKOK_NAME_BYTES_MAX && name->tokens <= EKOK_NAME_TOKENS_MAX);
    demand(name->whole_phones <= EKOK_NAME_WHOLE_MAX);
    for (int i = 0; i < name->tokens; i++) {
        demand(name->token[i].phones <= EKOK_NAME_PHONES_MAX && name->token[i].bytes <= EKOK_NAME_WORD_MAX);
        demand(is_utf8((ekok_span){name->token[i].text, name->token[i].bytes}));
    }
    try_packing(text);
    try_keys(name);
    try_pair(name, name);
    demand(name->whole_phones == 0 || ekok_name_similarity(name, name) > 0.99f);
    return true;
}

/* The span is copied to its exact size, so that a read past its end is seen. */
static void try_bijoy(ekok_span text)
{
    size_t room = text.n * EKOK_BIJOY_GROWTH, size = 0;
    char *out = malloc(room + 1);

    demand(out != NULL);
    ekok_status status = ekok_from_bijoy(text, out, room, &size);
    demand(status.code != EKOK_TOO_LONG && size <= room);
    demand(accepted(status, text) ? is_utf8((ekok_span){out, size}) : status.position > 0 && size == 0);
    demand(status.code != EKOK_BAD_UTF8 || !is_utf8(text));
    if (ekok_is_bijoy(text) && text.n <= EKOK_BIJOY_LOOK) {
        demand(status.code == EKOK_OK && !ekok_is_bijoy((ekok_span){out, size}));
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size == 0 ? NULL : memchr(data, '\n', size);
    size_t first = line == NULL ? size : (size_t)(line - data);
    ekok_span one = {(const char *)data, first};
    ekok_span other = {(const char *)data + first, size - first};
    ekok_name a, b;

    try_bijoy((ekok_span){(const char *)data, size});
    try_normal(one);
    try_cache(one);
    try_cache(other);
    bool both = try_name(one, &a);
    if (try_name(other, &b) && both) {
        try_pair(&a, &b);
    }
    return 0;
}
