/*
 * source_key.c - sets members of a source_def by table. Each kind of value has one function that judges it.
 */
#include "config/source_key.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cron.h"
#include "base/date.h"
#include "config/ini_text.h"
#include "config/source_path.h"
#include "config/source_url.h"

typedef enum {
    KIND_NAME,
    KIND_TEXT,
    KIND_URL,
    KIND_FILE,
    KIND_PATH,
    KIND_PARAM,
    KIND_SECRET,
    KIND_CRON,
    KIND_INT,
    KIND_LONG,
    KIND_SIZE,
    KIND_CHOICE,
    KIND_DATE,
    KIND_UNIT
} key_kind;

/* The words of each CHOICE, in the order of its enumeration. */
enum { CHOICES_MAX = 8 };
static const struct choice {
    size_t member;
    const char *word[CHOICES_MAX + 1];
} choices[] = {
#define X(member, ...) {offsetof(source_def, member), {__VA_ARGS__}},
#include "config/source_choice.def"
#undef X
};

enum { PAGE = 1 << PAGING_PAGE, OFFSET = 1 << PAGING_OFFSET, CURSOR = 1 << PAGING_CURSOR };
enum { SINCE = 1 << PAGING_SINCE, FILE_STYLE = 1 << PAGING_FILE, LINK = 1 << PAGING_LINK };
enum { WHOLE = 1 << PAGING_WHOLE, SEARCH = 1 << PAGING_SEARCH, NO_LIST = 1 << PAGING_NONE };
enum { SIZED = PAGE | OFFSET | CURSOR | SINCE | LINK, PARTS = SIZED | SEARCH | FILE_STYLE };
enum { COUNTED = SIZED | WHOLE };
enum { LISTS = PARTS | WHOLE, NETWORK = SIZED | WHOLE | SEARCH | NO_LIST, ANY = LISTS | NO_LIST };

static const struct source_key {
    const char *section, *key;
    size_t member, room;
    key_kind kind;
    unsigned styles;
    const char *standard, *accepted;
    long least, most;
} table[] = {
#define X(section, key, member, kind, styles, standard, accepted, least, most)                               \
    {#section,                                                                                               \
     #key,                                                                                                   \
     offsetof(source_def, member),                                                                           \
     sizeof(((source_def *)0)->member),                                                                      \
     KIND_##kind,                                                                                            \
     styles,                                                                                                 \
     standard,                                                                                               \
     accepted,                                                                                               \
     least,                                                                                                  \
     most},
#include "config/source_key.def"
#undef X
};

enum { KEYS = sizeof table / sizeof *table };
_Static_assert((int)KEYS <= (int)SOURCE_KEYS_MAX, "source_keys has room for every key");

bool source_key_section(const char *section)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(table[i].section, section) == 0)
            return true;
    return false;
}

static bool only(const char *text, const char *extra, bool capitals)
{
    for (; *text; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (capitals && *text >= 'A' && *text <= 'Z');
        if (!letter && !(*text >= '0' && *text <= '9') && !strchr(extra, *text))
            return false;
    }
    return true;
}

/* NULL, or what is wrong with a text of this kind; its length is judged by the caller. */
static const char *judge_text(key_kind kind, const char *value)
{
    switch (kind) {
    case KIND_NAME:
        return only(value, "_", false) ? NULL : "has other characters";
    case KIND_URL:
        return source_url_problem(value);
    case KIND_FILE:
        return value[0] == '/' ? NULL : "is not an absolute path";
    case KIND_PATH:
        return source_path_valid(span_of(value)) ? NULL
                                                 : "is not a dotted path of letters, digits, '_' and '-'";
    case KIND_PARAM:
        return only(value, "_-.", true) ? NULL : "has other characters";
    case KIND_SECRET:
        return only(value, "_-", false) ? NULL : "has other characters";
    case KIND_CRON:
        return cron_parse(value, &(cron){0});
    case KIND_DATE:
        return date_pattern_valid(value) ? NULL : "is not a date pattern";
    default:
        return NULL;
    }
}

/* The members are enumerations without negative values, which have the size of an unsigned int. */
static const char *set_choice(char *member, size_t offset, const char *value)
{
    for (size_t c = 0; c < sizeof choices / sizeof *choices; c++) {
        for (unsigned i = 0; choices[c].member == offset && i < CHOICES_MAX && choices[c].word[i]; i++) {
            if (strcmp(value, choices[c].word[i]) == 0) {
                memcpy(member, &i, sizeof i);
                return NULL;
            }
        }
    }
    return "is not one of the words";
}

static const char *set_unit(source_def *def, const char *value)
{
    def->amount_in_paisa = strcmp(value, "paisa") == 0;
    return def->amount_in_paisa || strcmp(value, "taka") == 0 ? NULL : "is not a unit of money";
}

static const char *set_text(char *member, const struct source_key *k, const char *value)
{
    if (strlen(value) >= k->room)
        return "is too long";
    memcpy(member, value, strlen(value) + 1);
    return judge_text(k->kind, value);
}

static const char *set_number(char *member, const struct source_key *k, const char *value)
{
    long number;
    if (!ini_number(value, k->least, k->most, &number))
        return "is not such a number";
    if (k->kind == KIND_INT)
        *(int *)(void *)member = (int)number;
    else if (k->kind == KIND_LONG)
        *(long *)(void *)member = number;
    else
        *(size_t *)(void *)member = (size_t)number;
    return NULL;
}

static bool is_number(key_kind kind)
{
    return kind == KIND_INT || kind == KIND_LONG || kind == KIND_SIZE;
}

/* NULL, or what is wrong. */
static const char *set_member(source_def *def, const struct source_key *k, const char *value)
{
    char *member = (char *)def + k->member;
    if (*value == '\0')
        return "is empty";
    if (k->kind == KIND_CHOICE)
        return set_choice(member, k->member, value);
    if (k->kind == KIND_UNIT)
        return set_unit(def, value);
    return is_number(k->kind) ? set_number(member, k, value) : set_text(member, k, value);
}

static bool refuse_key(const doc_at *at, failure *f)
{
    char accepted[300] = "";
    size_t n = 0;
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(table[i].section, at->key[0]) == 0 && n < sizeof accepted - 32)
            n += (size_t)snprintf(accepted + n, sizeof accepted - n, "%s%s", n ? ", " : "", table[i].key);
    return doc_wrong(f, at, "there is no such key", accepted);
}

static size_t find_key(const char *section, const char *key)
{
    size_t i = 0;
    while (i < KEYS && (strcmp(table[i].section, section) != 0 || strcmp(table[i].key, key) != 0))
        i++;
    return i;
}

bool source_key_set(source_keys *keys, source_def *def, const doc_at *at, const doc_value *value, failure *f)
{
    size_t i = find_key(at->key[0], at->key[1]);
    if (i == KEYS)
        return refuse_key(at, f);
    keys->given[i] = true;
    const char *problem = is_number(table[i].kind)  ? value->type == DOC_NUMBER ? NULL : "is not a number"
                          : value->type == DOC_TEXT ? NULL
                                                    : "is not a text";
    if (!problem)
        problem = set_member(def, &table[i], value->text);
    return !problem || doc_wrong(f, at, problem, table[i].accepted);
}

bool source_key_given(const source_keys *keys, const char *section, const char *key)
{
    size_t i = find_key(section, key);
    return i < KEYS && keys->given[i];
}

static doc_at place(const char *origin, const char *section, const char *key)
{
    return (doc_at){origin, 2, {section, key}};
}

bool source_key_missing(const char *section, const char *key, const char *origin, failure *f)
{
    size_t i = find_key(section, key);
    doc_at at = place(origin, section, key);
    return doc_wrong(f, &at, "is missing", i < KEYS ? table[i].accepted : NULL);
}

bool source_key_only(const source_keys *keys, const char *const key[2], const char *origin,
                     const char *problem, failure *f)
{
    size_t i = find_key(key[0], key[1]);
    if (i == KEYS || !keys->given[i])
        return true;
    doc_at at = place(origin, key[0], key[1]);
    return doc_wrong(f, &at, problem, table[i].accepted);
}

static const char *style_name(int style)
{
    for (size_t c = 0; c < sizeof choices / sizeof *choices; c++)
        if (choices[c].member == offsetof(source_def, style) && choices[c].word[style])
            return choices[c].word[style];
    return "none, of a verification";
}

/* A key of another style would be read and then do nothing: better said. */
static bool refuse_style(const struct source_key *k, const char *origin, paging_style style, failure *f)
{
    char problem[96], accepted[300] = "style";
    doc_at at = place(origin, k->section, k->key);
    size_t n = strlen(accepted);
    int of = 0;
    while (!(k->styles & (1u << of)))
        of++;
    (void)snprintf(problem, sizeof problem, "belongs to style %s, not to style %s", style_name(of),
                   style_name((int)style));
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(table[i].section, "paging") == 0 && table[i].styles & 1u << style &&
            table[i].member != offsetof(source_def, style) && n < sizeof accepted - 32)
            n += (size_t)snprintf(accepted + n, sizeof accepted - n, ", %s", table[i].key);
    return doc_wrong(f, &at, problem, accepted);
}

/* A verification lists nobody, so it needs no style; every other kind does. */
static bool settle_style(const source_keys *keys, source_def *def, const char *origin, failure *f)
{
    bool verification =
        source_key_given(keys, "source", "connector") && def->connector == CONNECT_VERIFICATION;
    if (!verification)
        return source_key_given(keys, "paging", "style") || source_key_missing("paging", "style", origin, f);
    if (!source_key_only(keys, (const char *const[]){"paging", "style"}, origin,
                         "does not belong to a verification", f))
        return false;
    def->style = PAGING_NONE;
    return true;
}

bool source_key_finish(source_keys *keys, source_def *def, const char *origin, failure *f)
{
    if (!settle_style(keys, def, origin, f))
        return false;
    for (size_t i = 0; i < KEYS; i++) {
        const struct source_key *k = &table[i];
        bool applies = k->styles & (1u << def->style);
        if (keys->given[i] && !applies)
            return refuse_style(k, origin, def->style, f);
        if (keys->given[i] || !applies)
            continue;
        if (!k->standard)
            return source_key_missing(k->section, k->key, origin, f);
        doc_at at = place(origin, k->section, k->key);
        if (*k->standard && set_member(def, k, k->standard) != NULL)
            return doc_wrong(f, &at, "has a wrong default", k->accepted);
    }
    return true;
}
