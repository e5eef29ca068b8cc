/*
 * signing.c - see signing.h. The database comes first and the file last, by one rename: whatever dies in between leaves
 * the old key in its place, which may sign until the new one has.
 */
#include "cli/signing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop_point.h"
#include "trace/succession.h"
#include "trace/trail.h"

enum { PATH_TEXT = 1200, VALUE_TEXT = PUBLIC_KEY_TEXT };

const listing signing_keys = {
    .sql = "SELECT s.version, s.fingerprint, s.follows, s.first_size, s.trusted_size "
           "FROM keyring.signer s ORDER BY s.version",
    .column = {{"signs the audit", LISTED_NUMBER, 0},
               {"fingerprint", LISTED_TEXT, 0},
               {"follows", LISTED_TEXT, 0},
               {"first size", LISTED_NUMBER, 0},
               {"trusted up to", LISTED_NUMBER, 0}},
    .empty = "No key that signs the audit is known yet: the sealer makes it known when it starts."};

bool signing_is_meant(const command_line *line)
{
    return line->words >= 3 && strcmp(line->word[2], "audit") == 0;
}

static bool path_with(const char *file, const char *ending, char out[PATH_TEXT], failure *f)
{
    int n = snprintf(out, PATH_TEXT, "%s%s", file, ending);
    return (n > 0 && n < PATH_TEXT) || fail(f, EXIT_USAGE, "%.100s...: the path is too long", file);
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* The one cell of the one row; "" where there is none. param may be NULL. */
static bool ask(pg_session *pg, const char *sql, const char *param, char out[VALUE_TEXT], failure *f)
{
    pg_rows *rows = pg_query(pg, sql, param ? 1 : 0, &param, f);
    const char *text = rows && pg_rows_count(rows) > 0 ? pg_rows_get(rows, 0, 0) : NULL;
    (void)snprintf(out, VALUE_TEXT, "%s", text ? text : "");
    bool good = rows != NULL;
    pg_rows_free(rows);
    return good;
}

/* The public half beside a key file. An older one is replaced whole, or stays. */
static bool write_public(const char *key_file, const char *text, failure *f)
{
    char path[PATH_TEXT], fresh[PATH_TEXT];
    if (!path_with(key_file, ".pub", path, f) || !path_with(key_file, ".pub.next", fresh, f))
        return false;
    (void)unlink(fresh);
    FILE *out = fopen(fresh, "wxe");
    bool good = out && fprintf(out, "%s\n", text) > 0 && fchmod(fileno(out), 0644) == 0;
    if (out && fclose(out) != 0)
        good = false;
    good = good && rename(fresh, path) == 0;
    return good || fail(f, EXIT_KEYS, "%.300s: cannot be written: %s; the public key is %s", path,
                        strerror(errno), text);
}

/* Makes the next key unless an earlier call did, and registers it: pre-active. NULL with f set. */
static signer *next_key(pg_session *pg, const char *key_file, const char *name, char version[VALUE_TEXT],
                        failure *f)
{
    char path[PATH_TEXT], text[PUBLIC_KEY_TEXT];
    if (!path_with(key_file, ".new", path, f) || (!exists(path) && !signer_create(path, name, f)))
        return NULL;
    signer *next = signer_open(path, f);
    if (!next)
        return NULL;
    public_key_write(signer_public(next), text);
    if (write_public(path, text, f) && ask(pg, "SELECT keyring.add_signer($1)", text, version, f))
        return next;
    signer_close(next);
    return NULL;
}

/* The key in hand must be one that may sign; the first of all is registered by asking. */
static bool may_sign(pg_session *pg, const signer *key, const char *key_file, failure *f)
{
    char text[PUBLIC_KEY_TEXT], state[VALUE_TEXT];
    public_key_write(signer_public(key), text);
    if (!ask(pg, "SELECT keyring.check_signer($1)", text, state, f))
        return false;
    return strcmp(state, "active") == 0 || strcmp(state, "decrypt-only") == 0 ||
           fail(f, EXIT_KEYS,
                "key file %.300s: its key is %s for the registry; ekok keys status shows which is active",
                key_file, state);
}

bool signing_add(command_session *s, const command_line *line, failure *f)
{
    char version[VALUE_TEXT];
    if (line->words != 4)
        return fail(f, EXIT_USAGE, "keys add audit: the file of the key that signs now is expected");
    const char *file = line->word[3];
    signer *key = signer_open(file, f), *next = NULL;
    bool good = key && may_sign(s->pg, key, file, f) &&
                (next = next_key(s->pg, file, signer_public(key)->name, version, f)) != NULL;
    if (good)
        (void)printf("Version %s of audit is in %s.new, pre-active; its public half in %s.new.pub.\n"
                     "Give that to every auditor, then: ekok keys rotate audit %s\n",
                     version, file, file, file);
    signer_close(next);
    signer_close(key);
    return good;
}

/* A change of keys; before: the public half of the one that is followed. */
typedef struct {
    pg_session *pg;
    const char *file;
    bool lost;
    signer *old, *next; /* old NULL where it is lost */
    public_key before;
} change;

/* The key that is followed: of its file, or, where that is lost, of the registry alone. */
static bool find_old(change *c, failure *f)
{
    char text[VALUE_TEXT];
    if (!c->lost) {
        c->old = signer_open(c->file, f);
        if (!c->old || !may_sign(c->pg, c->old, c->file, f))
            return false;
        c->before = *signer_public(c->old);
        return true;
    }
    if (exists(c->file))
        return fail(f, EXIT_USAGE, "%.300s: is there; `lost` is for a key that is not", c->file);
    /* One that an interrupted call has made active already is the new one. */
    if (!ask(c->pg,
             "SELECT s.public_key FROM keyring.signer s JOIN keyring.key k USING (purpose, version) "
             "WHERE k.state IN ('active', 'decrypt-only') AND (s.first_size IS NULL) = (s.follows IS NULL) "
             "ORDER BY s.version DESC LIMIT 1",
             NULL, text, f))
        return false;
    return public_key_read(span_of(text), &c->before) ||
           fail(f, EXIT_KEYS,
                "the registry knows no key that signs the audit: start the sealer with a new one");
}

static bool hand_over(const change *c, failure *f)
{
    char old_text[PUBLIC_KEY_TEXT], new_text[PUBLIC_KEY_TEXT], text[NOTE_TEXT];
    const char *param[] = {old_text, new_text, text};
    public_key_write(&c->before, old_text);
    public_key_write(signer_public(c->next), new_text);
    if (!succession_hand_over(&c->before, c->old, c->next, text))
        return fail(f, EXIT_KEYS, "the change of keys cannot be signed");
    return pg_run(c->pg, "SELECT keyring.hand_over_signer($1, $2, $3)", 3, param, f) ||
           (strcmp(pg_sqlstate(c->pg), "55000") == 0 && (f->code = EXIT_KEYS, false));
}

/* The files: the old key gets its number behind it, the new one its place. */
static bool put_in_place(const change *c, failure *f)
{
    char kept[PATH_TEXT], fresh[PATH_TEXT], fresh_public[PATH_TEXT], text[PUBLIC_KEY_TEXT];
    char version[VALUE_TEXT], ending[VALUE_TEXT + 1];
    public_key_write(&c->before, text);
    if (!ask(c->pg, "SELECT version FROM keyring.signer WHERE public_key = $1", text, version, f))
        return false;
    (void)snprintf(ending, sizeof ending, ".%s", version);
    if (!path_with(c->file, ending, kept, f) || !path_with(c->file, ".new", fresh, f) ||
        !path_with(fresh, ".pub", fresh_public, f))
        return false;
    if (exists(c->file) && link(c->file, kept) != 0 && errno != EEXIST)
        return fail(f, EXIT_KEYS, "%.300s: cannot be made: %s", kept, strerror(errno));
    public_key_write(signer_public(c->next), text);
    if (!write_public(c->file, text, f))
        return false;
    stop_point("audit_key_handed_over");
    if (rename(fresh, c->file) != 0)
        return fail(f, EXIT_KEYS, "%.300s: cannot be put in place: %s", fresh, strerror(errno));
    (void)unlink(fresh_public);
    return true;
}

bool signing_rotate(command_session *s, const command_line *line, failure *f)
{
    char version[VALUE_TEXT];
    bool lost = line->words == 5 && strcmp(line->word[4], "lost") == 0;
    if (line->words != 4 && !lost)
        return fail(
            f, EXIT_USAGE,
            "keys rotate audit: the file of the key that signs now is expected; behind it `lost` where "
            "that key is gone");
    change c = {.pg = s->pg, .file = line->word[3], .lost = lost};
    bool good = find_old(&c, f) && (c.next = next_key(c.pg, c.file, c.before.name, version, f)) != NULL &&
                hand_over(&c, f) && put_in_place(&c, f);
    if (good)
        (void)printf(
            "Version %s of audit is in %s, its public half in %s.pub; a sealer that runs with\n"
            "that file follows it. Give the public half to every auditor%s.\n",
            version, c.file, c.file,
            lost ? ": without it what it\nsigns does not count, since the key before did not hand over" : "");
    signer_close(c.next);
    signer_close(c.old);
    return good;
}

/* The public half and the end of the time of the version that is given up. */
static bool find_revoked(pg_session *pg, const char *version, public_key *key, uint64_t *size, failure *f)
{
    char text[PUBLIC_KEY_TEXT], number[VALUE_TEXT];
    if (!ask(pg, "SELECT public_key FROM keyring.signer WHERE version = $1::int", version, text, f) ||
        !ask(pg,
             "SELECT coalesce(max(c.size), 0) FROM audit.checkpoint c WHERE c.size < (SELECT "
             "min(n.first_size) "
             "FROM keyring.signer n WHERE n.version > $1::int)",
             version, number, f))
        return false;
    return (public_key_read(span_of(text), key) && trail_number(number, size)) ||
           fail(f, EXIT_KEYS, "no version %.20s of audit is known; ekok keys status shows them", version);
}

static bool give_up(pg_session *pg, const char *version, const char *size, const char *text, failure *f)
{
    const char *param[] = {version, size, text};
    return pg_run(pg, "SELECT keyring.revoke_signer($1::int, $2::bigint, $3)", 3, param, f) ||
           (strcmp(pg_sqlstate(pg), "55000") == 0 && (f->code = EXIT_KEYS, false));
}

/* The words behind `keys destroy audit`; *given stays where no size is among them. */
static bool read_destruction(const command_line *line, uint64_t *version, uint64_t *given)
{
    return line->words >= 5 && line->words <= 6 && trail_number(line->word[3], version) && *version > 0 &&
           *version <= INT32_MAX &&
           (line->words == 5 || (trail_number(line->word[5], given) && *given <= INT64_MAX));
}

bool signing_destroy(command_session *s, const command_line *line, failure *f)
{
    public_key key;
    uint64_t version, size = 0, given = 0;
    char kept[PATH_TEXT], ending[VALUE_TEXT], name[PUBLIC_KEY_TEXT], number[VALUE_TEXT], text[NOTE_TEXT];
    if (!read_destruction(line, &version, &given))
        return fail(
            f, EXIT_USAGE,
            "keys destroy audit: a version, the file of the key that signs now and perhaps the number of "
            "entries up to which it was trusted are expected");
    const char *file = line->word[4];
    signer *by = signer_open(file, f);
    (void)snprintf(ending, sizeof ending, ".%" PRIu64, version);
    bool good = by && may_sign(s->pg, by, file, f) && find_revoked(s->pg, ending + 1, &key, &size, f) &&
                path_with(file, ending, kept, f);
    size = line->words == 6 ? given : size;
    (void)snprintf(number, sizeof number, "%" PRIu64, size);
    good = good && (succession_revoke(&key, size, by, text) || fail(f, EXIT_KEYS, "nothing can be signed")) &&
           give_up(s->pg, ending + 1, number, text, f);
    if (good && unlink(kept) != 0 && errno != ENOENT)
        good = fail(f, EXIT_KEYS, "%.300s: cannot be removed: %s", kept, strerror(errno));
    if (good) {
        public_key_write(&key, name);
        (void)printf("Version %s of audit is destroyed. Give every auditor this line instead of the key's:\n"
                     "%s until %s\nIts checkpoints of more entries count no more.\n",
                     ending + 1, name, number);
    }
    signer_close(by);
    return good;
}
