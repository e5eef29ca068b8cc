/*
 * post.c - see post.h.
 */
#include "agent/post.h"

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/ini_text.h"
#include "config/text_file.h"

enum {
    FILE_MAX = 65536,
    SECTION_PREFIX = sizeof "caller " - 1,
    WRONG_MAX = 1000,
    TRACE_MIB = 64,
    TRACE_MIB_MAX = 4096
};

typedef struct {
    post *out;
    caller *at; /* NULL: in [agent] */
    unsigned given;
} reading;

/* A setting that is a number: of a caller, within its bounds. */
static const struct number {
    const char *key;
    size_t member;
    long least, most, standard;
    const char *accepted;
} number[] = {
    {"seats", offsetof(caller, seats), 1, POST_SEATS, 4, "a whole number from 1 to 64"},
    {"per_hour", offsetof(caller, per_hour), 0, POST_DAY_MAX, 60, "a whole number up to 100000"},
    {"per_day", offsetof(caller, per_day), 0, POST_DAY_MAX, 300, "a whole number up to 100000"},
    {"all_per_hour", offsetof(caller, all_hour), 0, POST_DAY_MAX, 600, "a whole number up to 100000"},
    {"all_per_day", offsetof(caller, all_day), 0, POST_DAY_MAX, 3000, "a whole number up to 100000"},
    {"near", offsetof(caller, near_distance), 1, 1000000, 100, "a whole number from 1 to 1000000"},
    {"near_most", offsetof(caller, near_most), 2, 64, 5, "a whole number from 2 to 64"},
    {"wrong_per_hour", offsetof(caller, wrong_hour), 1, WRONG_MAX, 10, "a whole number from 1 to 1000"},
    {"wrong_per_day", offsetof(caller, wrong_day), 1, WRONG_MAX, 30, "a whole number from 1 to 1000"},
    {"all_wrong_per_day", offsetof(caller, all_wrong), 1, POST_DAY_MAX, 300,
     "a whole number from 1 to 100000"},
    {"burst", offsetof(caller, burst), 1, POST_DAY_MAX, 30, "a whole number from 1 to 100000"},
};

static const struct {
    const char *word;
    permission may;
} permissions[] = {{"seal", MAY_SEAL},       {"find", MAY_FIND}, {"open", MAY_OPEN},  {"status", MAY_STATUS},
                   {"release", MAY_RELEASE}, {"code", MAY_CODE}, {"enrol", MAY_ENROL}};
static const char PERMISSIONS[] = "seal, find, open, status, release, code, enrol";

static bool set_path(char *out, size_t room, const ini_at *at, const char *value, failure *f)
{
    const char *slash = strrchr(at->path, '/');
    int folder = *value == '/' || !slash ? 0 : (int)(slash + 1 - at->path);
    int length = snprintf(out, room, "%.*s%s", folder, at->path, value);
    return (length > folder && (size_t)length < room) ||
           ini_wrong(f, at, "is empty or too long", "a path; a socket's has 107 bytes at most");
}

static bool set_size(post *out, const ini_at *at, const char *value, failure *f)
{
    long n;
    if (!ini_number(value, 1, TRACE_MIB_MAX, &n))
        return ini_wrong(f, at, "is not such a number", "a whole number of MiB from 1 to 4096");
    out->journal_most = (uint64_t)n << 20;
    return true;
}

static bool set_agent(post *out, const ini_at *at, const char *value, failure *f)
{
    if (strcmp(at->key, "socket") == 0)
        return set_path(out->socket, sizeof out->socket, at, value, f);
    if (strcmp(at->key, "keys") == 0)
        return set_path(out->keys, sizeof out->keys, at, value, f);
    if (strcmp(at->key, "trace") == 0)
        return set_path(out->journal, sizeof out->journal, at, value, f);
    if (strcmp(at->key, "trace_size") == 0)
        return set_size(out, at, value, f);
    return ini_wrong(f, at, "there is no such key", "socket, keys, trace, trace_size");
}

/* A number, or the name of a user of this machine. */
static bool set_user(reading *r, const ini_at *at, const char *value, failure *f)
{
    long uid;
    const struct passwd *user = ini_number(value, 0, 999999999, &uid) ? NULL : getpwnam(value);
    if (user)
        uid = (long)user->pw_uid;
    else if (!ini_number(value, 0, 999999999, &uid))
        return ini_wrong(f, at, "is no user of this machine", "a user's name or number");
    const caller *other = post_caller(r->out, (uid_t)uid);
    if (other && other != r->at)
        return ini_wrong(f, at, "is that of another caller too", "one section a user");
    r->at->uid = (uid_t)uid;
    r->given |= 1;
    return true;
}

static bool set_may(reading *r, const ini_at *at, const char *value, failure *f)
{
    char text[128], *rest = NULL;
    if (strlen(value) >= sizeof text)
        return ini_wrong(f, at, "is too long", PERMISSIONS);
    (void)snprintf(text, sizeof text, "%s", value);
    for (char *word = strtok_r(text, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        unsigned found = 0;
        for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++)
            if (strcmp(word, permissions[i].word) == 0)
                found = permissions[i].may;
        if (!found)
            return ini_wrong(f, at, "has a word that is no permission", PERMISSIONS);
        r->at->may |= found;
    }
    return r->at->may != 0 || ini_wrong(f, at, "is empty", PERMISSIONS);
}

static bool set_caller(reading *r, const ini_at *at, const char *value, failure *f)
{
    long n;
    if (strcmp(at->key, "user") == 0)
        return set_user(r, at, value, f);
    if (strcmp(at->key, "may") == 0)
        return set_may(r, at, value, f);
    if (strcmp(at->key, "names_users") == 0) {
        r->at->roles = strcmp(value, "yes") == 0;
        return r->at->roles || strcmp(value, "no") == 0 || ini_wrong(f, at, "is neither", "yes or no");
    }
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
        if (strcmp(at->key, number[i].key) != 0)
            continue;
        if (!ini_number(value, number[i].least, number[i].most, &n))
            return ini_wrong(f, at, "is not such a number", number[i].accepted);
        *(int *)(void *)((char *)r->at + number[i].member) = (int)n;
        return true;
    }
    return ini_wrong(f, at, "there is no such key",
                     "user, may, names_users, seats, per_hour, per_day, all_per_hour, all_per_day, near, "
                     "near_most, wrong_per_hour, wrong_per_day, all_wrong_per_day, burst");
}

static bool finish_caller(reading *r, const ini_at *at, failure *f)
{
    if (!r->at)
        return true;
    const ini_at where = {at->path, at->line, r->at->name, NULL};
    return (r->given && r->at->may) ||
           ini_wrong(f, &where, "the section before has no user, or may nothing", "user and may");
}

static bool on_section(void *context, const ini_at *at, failure *f)
{
    reading *r = context;
    static const char accepted[] = "[agent], [caller NAME]; a name is made of a-z, 0-9, '_' and '-'";
    if (!finish_caller(r, at, f))
        return false;
    r->at = NULL;
    if (strcmp(at->section, "agent") == 0)
        return true;
    const char *name = at->section + SECTION_PREFIX;
    if (strncmp(at->section, "caller ", SECTION_PREFIX) != 0 || !*name || strlen(name) >= POST_NAME ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")])
        return ini_wrong(f, at, "there is no such section", accepted);
    for (size_t i = 0; i < r->out->callers; i++)
        if (strcmp(r->out->caller[i].name, name) == 0)
            return ini_wrong(f, at, "stands twice", "one section a caller");
    if (r->out->callers == POST_CALLERS)
        return ini_wrong(f, at, "is one caller too many", "64 at most");
    r->at = &r->out->caller[r->out->callers++];
    r->given = 0;
    *r->at = (caller){.uid = (uid_t)-1};
    (void)snprintf(r->at->name, sizeof r->at->name, "%s", name);
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        *(int *)(void *)((char *)r->at + number[i].member) = (int)number[i].standard;
    return true;
}

static bool on_entry(void *context, const ini_at *at, const char *value, failure *f)
{
    reading *r = context;
    return r->at ? set_caller(r, at, value, f) : set_agent(r->out, at, value, f);
}

static bool check_whole(reading *r, const char *path, failure *f)
{
    const ini_at at = {path, 0, "agent", NULL};
    int seats = 0;
    for (size_t i = 0; i < r->out->callers; i++)
        seats += r->out->caller[i].seats;
    return finish_caller(r, &at, f) &&
           ((r->out->socket[0] && r->out->keys[0] && r->out->journal[0]) ||
            ini_wrong(f, &at, "a setting is missing", "socket, keys and trace")) &&
           (r->out->callers > 0 || ini_wrong(f, &at, "nobody may ask", "a section [caller NAME] at least")) &&
           (seats <= POST_SEATS_ALL || ini_wrong(f, &at, "the callers' seats are too many", "256 together"));
}

bool post_read(const char *path, post *out, failure *f)
{
    char *text;
    size_t size;
    *out = (post){.journal_most = (uint64_t)TRACE_MIB << 20};
    if (!text_file_read(path, FILE_MAX, &text, &size, f))
        return false;
    reading r = {.out = out};
    const ini_visitor visitor = {on_section, on_entry, &r};
    bool good = ini_text_walk(path, (span){text, size}, &visitor, f) && check_whole(&r, path, f);
    free(text);
    return good;
}

const caller *post_caller(const post *p, uid_t uid)
{
    for (size_t i = 0; i < p->callers; i++)
        if (p->caller[i].uid == uid)
            return &p->caller[i];
    return NULL;
}
