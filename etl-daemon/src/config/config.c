/*
 * config.c - reads the daemon's configuration into a struct, by the table option.def.
 * Refuses unknown sections and keys, keys given twice, and a password in the connection string.
 */
#include "config/config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "config/ini_text.h"
#include "config/text_file.h"

enum { CONFIG_FILE_MAX = 65536 };

typedef enum { KIND_TEXT, KIND_PATH, KIND_NUMBER } option_kind;

static const struct option {
    const char *section, *key;
    size_t member;
    option_kind kind;
    const char *standard, *accepted;
    long least, most;
} option[] = {
#define X(section, key, member, kind, standard, accepted, least, most)                                       \
    {#section, #key, offsetof(config, member), KIND_##kind, standard, accepted, least, most},
#include "config/option.def"
#undef X
};

enum { OPTIONS = sizeof option / sizeof *option };

typedef struct {
    config *out;
    int line[OPTIONS]; /* where an option was given, 0: not yet */
    int last_line;
} reading;

/* password=... in any spelling, or postgresql://user:password@host */
static bool holds_password(const char *conninfo)
{
    const char *at = conninfo;
    while ((at = strcasestr(at, "password")) != NULL) {
        at += strlen("password");
        if (at[strspn(at, " \t")] == '=')
            return true;
    }
    const char *host = strstr(conninfo, "://");
    const char *user_end = host ? strchr(host, '@') : NULL;
    const char *colon = host ? strchr(host + 3, ':') : NULL;
    return user_end && colon && colon < user_end;
}

static bool set_path(char *out, const char *path, const char *value)
{
    const char *slash = strrchr(path, '/');
    bool own = *value == '/' || !slash;
    int folder = own ? 0 : (int)(slash + 1 - path);
    int length = snprintf(out, CONFIG_TEXT, "%.*s%s", folder, path, value);
    return length > 0 && length < CONFIG_TEXT;
}

static bool set_option(config *out, const struct option *o, const ini_at *at, const char *value, failure *f)
{
    char *member = (char *)out + o->member;
    long number;
    if (*value == '\0')
        return ini_wrong(f, at, "is empty", o->accepted);
    if (o->kind == KIND_NUMBER) {
        if (!ini_number(value, o->least, o->most, &number))
            return ini_wrong(f, at, "is not such a number", o->accepted);
        *(int *)(void *)member = (int)number;
        return true;
    }
    if (o->kind == KIND_PATH)
        return set_path(member, at->path, value) || ini_wrong(f, at, "is too long", "at most 1023 bytes");
    if (strlen(value) >= CONFIG_TEXT)
        return ini_wrong(f, at, "is too long", "at most 1023 bytes");
    if (holds_password(value))
        return ini_wrong(f, at, "holds a password", o->accepted);
    memcpy(member, value, strlen(value) + 1);
    return true;
}

static bool on_section(void *context, const ini_at *at, failure *f)
{
    reading *r = context;
    r->last_line = at->line;
    for (size_t i = 0; i < OPTIONS; i++)
        if (strcmp(option[i].section, at->section) == 0)
            return true;
    return ini_wrong(f, at, "there is no such section", "database, keys, tls, secrets, run, sweep, verify");
}

static bool refuse_key(const ini_at *at, failure *f)
{
    char accepted[160] = "";
    size_t n = 0;
    for (size_t i = 0; i < OPTIONS; i++)
        if (strcmp(option[i].section, at->section) == 0 && n < sizeof accepted - 32)
            n += (size_t)snprintf(accepted + n, sizeof accepted - n, "%s%s", n ? ", " : "", option[i].key);
    return ini_wrong(f, at, "there is no such key", accepted);
}

static bool on_entry(void *context, const ini_at *at, const char *value, failure *f)
{
    reading *r = context;
    r->last_line = at->line;
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strcmp(option[i].section, at->section) != 0 || strcmp(option[i].key, at->key) != 0)
            continue;
        if (r->line[i])
            return ini_wrong(f, at, "is given twice", "one value");
        r->line[i] = at->line;
        return set_option(r->out, &option[i], at, value, f);
    }
    return refuse_key(at, f);
}

static bool finish(reading *r, const char *path, failure *f)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        ini_at at = {path, r->last_line, option[i].section, option[i].key};
        if (r->line[i])
            continue;
        if (!option[i].standard)
            return ini_wrong(f, &at, "is missing", option[i].accepted);
        if (*option[i].standard && !set_option(r->out, &option[i], &at, option[i].standard, f))
            return false;
    }
    const ini_at keys = {path, r->last_line, "keys", NULL};
    return !r->out->key_file[0] != !r->out->key_agent[0] ||
           ini_wrong(f, &keys, r->out->key_file[0] ? "names both" : "names neither",
                     "file, the path of the key file, or agent, the socket of the key agent");
}

bool config_read(const char *path, config *out, failure *f)
{
    char *text;
    size_t size;
    *out = (config){.workers = 0};
    if (!text_file_read(path, CONFIG_FILE_MAX, &text, &size, f))
        return false;
    reading r = {.out = out, .last_line = 1};
    ini_visitor visitor = {on_section, on_entry, &r};
    bool done = ini_text_walk(path, (span){text, size}, &visitor, f) && finish(&r, path, f);
    free(text);
    return done;
}
