/*
 * inquiry_def.c - reads such a file by the table inquiry_key.def. Refuses unknown sections and keys, keys given
 * twice, and what only the whole shows to be wrong.
 */
#include "config/inquiry_def.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/ini_text.h"
#include "config/text_file.h"

enum { INQUIRY_FILE_MAX = 32768 };

typedef enum {
    KIND_NAME,
    KIND_URL,
    KIND_FILE,
    KIND_TEXT,
    KIND_PATH,
    KIND_SECONDS,
    KIND_RULES,
    KIND_STATUSES
} key_kind;

static const struct inquiry_key {
    const char *section, *key;
    size_t member, room;
    key_kind kind;
    const char *standard, *accepted;
} keys[] = {
#define X(section, key, member, kind, standard, accepted)                                                    \
    {#section, #key,    offsetof(inquiry_def, member), sizeof(((inquiry_def *)0)->member), KIND_##kind,      \
     standard, accepted},
#include "config/inquiry_key.def"
#undef X
};

enum { KEYS = sizeof keys / sizeof *keys };

typedef struct {
    inquiry_def *out;
    int line[KEYS], last_line;
} reading;

static bool only_of(const char *text, const char *set)
{
    return text[strspn(text, set)] == '\0';
}

static const char NAME_SET[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char PATH_SET[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
static const char VALUE_SET[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.- ";

/* One word of a list by commas, without the blanks around it; returns what is behind it, NULL at the end. */
static const char *next_word(const char *at, char *out, size_t room, bool *fits)
{
    at += strspn(at, " ,");
    size_t n = strcspn(at, ",");
    const char *behind = at[n] ? at + n + 1 : NULL;
    while (n > 0 && at[n - 1] == ' ')
        n--;
    *fits = n > 0 && n < room;
    if (*fits)
        (void)snprintf(out, room, "%.*s", (int)n, at);
    return behind;
}

static bool read_rule(const char *word, inquiry_rule *rule)
{
    size_t n = strcspn(word, ":!");
    const char *value = word[n] ? word + n + 1 : "";
    *rule = (inquiry_rule){.kind = word[n] == ':' ? RULE_IS : word[n] == '!' ? RULE_NOT : RULE_ANY};
    if (n == 0 || n >= sizeof rule->path || strlen(value) >= sizeof rule->value || (word[n] && !*value))
        return false;
    (void)snprintf(rule->path, sizeof rule->path, "%.*s", (int)n, word);
    (void)snprintf(rule->value, sizeof rule->value, "%s", value);
    return only_of(rule->path, PATH_SET) && only_of(rule->value, VALUE_SET);
}

static bool set_rules(inquiry_rules *rules, const char *text)
{
    bool fits = true;
    for (const char *at = text; at && fits;) {
        char word[INQUIRY_PATH + 50];
        at = next_word(at, word, sizeof word, &fits);
        fits = fits && rules->count < INQUIRY_RULES && read_rule(word, &rules->rule[rules->count++]);
    }
    return fits;
}

static bool set_statuses(int *statuses, const char *text)
{
    bool fits = true;
    size_t count = 0;
    for (const char *at = text; at && fits;) {
        char word[8];
        long status = 0;
        at = next_word(at, word, sizeof word, &fits);
        fits = fits && count < INQUIRY_STATUSES && ini_number(word, 200, 599, &status);
        if (fits)
            statuses[count++] = (int)status;
    }
    return fits;
}

static bool fits_kind(key_kind kind, const char *value)
{
    switch (kind) {
    case KIND_NAME:
        return only_of(value, NAME_SET) && strlen(value) < 32;
    case KIND_URL:
        return strncmp(value, "https://", 8) == 0 && value[8] != '\0' && !strpbrk(value, " ?#@\"");
    case KIND_FILE:
        return *value == '/';
    case KIND_PATH:
        return only_of(value, PATH_SET);
    default:
        return true;
    }
}

static bool set_key(reading *r, size_t i, const ini_at *at, const char *value, failure *f)
{
    const struct inquiry_key *k = &keys[i];
    char *member = (char *)r->out + k->member;
    long number = 0;
    bool good = *value != '\0';
    if (good && k->kind == KIND_SECONDS) {
        good = ini_number(value, 1, 86400, &number);
        *(int *)(void *)member = (int)number;
    } else if (good && k->kind == KIND_RULES) {
        good = set_rules((inquiry_rules *)(void *)member, value);
    } else if (good && k->kind == KIND_STATUSES) {
        good = set_statuses((int *)(void *)member, value);
    } else {
        good = good && strlen(value) < k->room && fits_kind(k->kind, value);
        if (good)
            memcpy(member, value, strlen(value) + 1);
    }
    return good || ini_wrong(f, at, "is empty, too long or not of this form", k->accepted);
}

static bool on_section(void *context, const ini_at *at, failure *f)
{
    reading *r = context;
    r->last_line = at->line;
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].section, at->section) == 0)
            return true;
    return ini_wrong(f, at, "there is no such section", "system, grant, request, answer");
}

static bool on_entry(void *context, const ini_at *at, const char *value, failure *f)
{
    reading *r = context;
    r->last_line = at->line;
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(keys[i].section, at->section) != 0 || strcmp(keys[i].key, at->key) != 0)
            continue;
        if (r->line[i])
            return ini_wrong(f, at, "is given twice", "one value");
        r->line[i] = at->line;
        return set_key(r, i, at, value, f);
    }
    return ini_wrong(f, at, "there is no such key", "see docs/reference/inquiry-keys.md");
}

static bool fill_in(reading *r, const char *path, failure *f)
{
    for (size_t i = 0; i < KEYS; i++) {
        ini_at at = {path, r->last_line, keys[i].section, keys[i].key};
        if (r->line[i] || (keys[i].standard && !*keys[i].standard))
            continue;
        if (!keys[i].standard)
            return ini_wrong(f, &at, "is missing", keys[i].accepted);
        if (!set_key(r, i, &at, keys[i].standard, f))
            return false;
    }
    return true;
}

static bool check_whole(const reading *r, const char *path, failure *f)
{
    const inquiry_def *d = r->out;
    if ((d->items[0] != '\0') != (d->ref[0] != '\0'))
        return ini_wrong(f, &(ini_at){path, r->last_line, "answer", "ref"}, "stands alone",
                         "items and ref together, or neither");
    if (d->grant_url[0] && !d->grant_token[0])
        return ini_wrong(f, &(ini_at){path, r->last_line, "grant", "token"}, "is missing",
                         "the dotted path of the token in the answer");
    if (!strstr(d->envelope, "${items}"))
        return ini_wrong(f, &(ini_at){path, r->last_line, "request", "envelope"}, "has no ${items}",
                         "${items}");
    return true;
}

bool inquiry_def_read(const char *path, inquiry_def *out, failure *f)
{
    char *text;
    size_t size;
    *out = (inquiry_def){.timeout_seconds = 0};
    if (!text_file_read(path, INQUIRY_FILE_MAX, &text, &size, f))
        return false;
    reading r = {.out = out, .last_line = 1};
    ini_visitor visitor = {on_section, on_entry, &r};
    bool done = ini_text_walk(path, (span){text, size}, &visitor, f) && fill_in(&r, path, f) &&
                check_whole(&r, path, f);
    free(text);
    return done;
}
