/*
 * names.c - see names.h. Tokens and spellings: data/name_tokens.csv, turned into C by the Makefile.
 */
#include "names.h"

#include <string.h>

#include "rng.h"

typedef struct {
    uint8_t count;
    uint16_t upto[NAME_SPELLINGS]; /* running sum of weights */
    const char *text[NAME_SPELLINGS];
} spelling_set;

typedef struct {
    uint32_t upto; /* running sum of weights within the list */
    spelling_set in[2];
} token;

static const token tokens[] = {
#include "name_tokens.inc"
};

typedef struct {
    uint16_t first, count;
    uint32_t total;
} token_list;

enum {
#define X(name, first, count, total) LIST_##name,
#include "name_lists.inc"
#undef X
    LIST_COUNT
};

static const token_list lists[] = {
#define X(name, first, count, total) {first, count, total},
#include "name_lists.inc"
#undef X
};

static uint16_t pick(rng *r, int list)
{
    const token_list *l = &lists[list];
    uint32_t wanted = rng_below(r, l->total);
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tokens[l->first + middle].upto <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint16_t)(l->first + low);
}

static void add(full_name *name, uint16_t part)
{
    if (name->parts < NAME_PARTS)
        name->part[name->parts++] = part;
}

static int alike(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), head = 0, tail = 0;
    while (head < n && head < m && a[head] == b[head])
        head++;
    while (tail < n && tail < m && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    return (int)(head + tail) * 10 - (int)(n > m ? n - m : m - n);
}

/* The token of the list that looks most like this one without being it: what parents of twins choose. */
static uint16_t similar(int list, uint16_t given)
{
    const token_list *l = &lists[list];
    const char *text = tokens[given].in[SCRIPT_LATIN].text[0];
    uint16_t best = given;
    int score = -1000;
    for (uint16_t i = l->first; i < l->first + l->count && i < l->first + 120; i++) {
        int s = i == given ? -1000 : alike(text, tokens[i].in[SCRIPT_LATIN].text[0]);
        if (s > score) {
            score = s;
            best = i;
        }
    }
    return best;
}

static uint16_t given_name(rng *r, int list, const name_owner *owner)
{
    uint16_t given = pick(r, list);
    return owner->later_twin ? similar(list, given) : given;
}

static void muslim_man(full_name *name, rng *r, rng *family, const name_owner *owner)
{
    bool titled = rng_chance(family, 350);
    uint16_t title = pick(family, LIST_family);
    uint32_t shape = rng_below(r, 100);
    if (rng_chance(r, 70))
        add(name, pick(r, LIST_clan));
    else if (rng_chance(r, 720))
        add(name, pick(r, LIST_prefix_m));
    if (shape < 26) {
        add(name, given_name(r, LIST_male_ul, owner));
        add(name, pick(r, LIST_after_ul));
    } else if (shape < 42) {
        add(name, given_name(r, LIST_male_ur, owner));
        add(name, pick(r, LIST_rahman));
    } else if (shape < 58) {
        uint32_t form = rng_below(r, 10);
        add(name, (uint16_t)(lists[LIST_abd].first + (form < 7 ? 0 : form < 9 ? 1 : 2)));
        add(name, given_name(r, form < 7 ? LIST_abd_ul : form < 9 ? LIST_abd_ur : LIST_abd_us, owner));
    } else {
        add(name, given_name(r, LIST_male, owner));
        if (!titled)
            add(name, pick(r, LIST_male_second));
    }
    if (titled && (shape >= 58 || rng_chance(r, 500)))
        add(name, title);
}

static void muslim_woman(full_name *name, rng *r, const name_owner *owner)
{
    if (rng_chance(r, owner->old ? 450 : 280))
        add(name, pick(r, LIST_prefix_f));
    add(name, given_name(r, LIST_female, owner));
    add(name, pick(r, owner->old ? LIST_suffix_f_old : LIST_suffix_f_young));
}

static void hindu(full_name *name, rng *r, rng *family, const name_owner *owner)
{
    bool man = owner->sex != SEX_FEMALE;
    add(name, given_name(r, man ? LIST_hindu_m : LIST_hindu_f, owner));
    if (rng_chance(r, 600))
        add(name, pick(r, man ? LIST_hindu_mid_m : LIST_hindu_mid_f));
    add(name, pick(family, LIST_hindu_surname));
}

full_name name_of(uint64_t seed, const name_owner *owner)
{
    full_name name = {.key = draw(seed, DRAW_SPELLING, owner->family * 64 + owner->member)};
    /* A later twin is given the token that resembles the first one's, and the same rest. */
    rng r = rng_for(seed, DRAW_NAME, owner->family * 64 + owner->member - (owner->later_twin ? 1 : 0));
    rng family = rng_for(seed, DRAW_NAME, owner->family * 64 + 63);
    if (owner->faith == FAITH_HINDU)
        hindu(&name, &r, &family, owner);
    else if (owner->faith == FAITH_OTHER) {
        add(&name, given_name(&r, owner->sex == SEX_FEMALE ? LIST_other_f : LIST_other_m, owner));
        add(&name, pick(&family, LIST_other_surname));
    } else if (owner->sex == SEX_FEMALE)
        muslim_woman(&name, &r, owner);
    else
        muslim_man(&name, &r, &family, owner);
    return name;
}

static unsigned usual_spelling(const spelling_set *set, uint64_t h)
{
    uint32_t wanted = (uint32_t)(h % set->upto[set->count - 1]);
    unsigned i = 0;
    while (set->upto[i] <= wanted)
        i++;
    return i;
}

/* Which token changes its spelling in this way of writing; -1 for none. */
static int changed_part(const full_name *name, script in, uint32_t way)
{
    if (way == 0)
        return -1;
    unsigned start = (unsigned)(mix64(name->key + way) % name->parts);
    for (unsigned i = 0; i < name->parts; i++) {
        unsigned p = (start + i) % name->parts;
        if (tokens[name->part[p]].in[in].count > 1)
            return (int)p;
    }
    return -1;
}

size_t name_write(const full_name *name, script in, uint32_t way, char out[NAME_TEXT])
{
    size_t n = 0;
    int changed = changed_part(name, in, way);
    for (unsigned p = 0; p < name->parts; p++) {
        const spelling_set *set = &tokens[name->part[p]].in[in];
        uint64_t h = mix64(name->key ^ (p * 4U + (unsigned)in + 1) * 0x9e3779b97f4a7c15U);
        unsigned i = usual_spelling(set, h);
        if ((int)p == changed)
            i = (i + 1 + (unsigned)(mix64(h + way) % (set->count - 1U))) % set->count;
        size_t length = strlen(set->text[i]);
        if (n + length + 2 > NAME_TEXT)
            break;
        if (p > 0)
            out[n++] = ' ';
        memcpy(out + n, set->text[i], length);
        n += length;
    }
    out[n] = '\0';
    return n;
}
