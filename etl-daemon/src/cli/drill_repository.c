/*
 * drill_repository.c - see drill_repository.h. The cipher key itself is never read into our memory for longer than it
 * takes to see that its file holds one.
 */
#include "cli/drill_repository.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/child.h"
#include "config/text_file.h"

enum { CONFIG_MAX = 256 << 10, INFO_MAX = 8 << 20 };

/* A file that names a cipher key is for its owner alone. */
static bool check_mode(const char *path, failure *f)
{
    struct stat st;
    char *text = NULL;
    size_t size = 0;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) == 0)
        return true;
    if (!text_file_read(path, CONFIG_MAX, &text, &size, f))
        return false;
    bool secret = strstr(text, "cipher-pass") != NULL;
    explicit_bzero(text, size);
    free(text);
    return !secret ||
           fail(f, EXIT_KEYS,
                "%.300s: holds the repository's cipher key and has mode %04o; accepted: 0600 or 0400", path,
                (unsigned)st.st_mode & 07777);
}

static bool check_modes(const drill_repository *r, failure *f)
{
    char path[PLACE_TEXT + 300];
    (void)snprintf(path, sizeof path, "%s/pgbackrest.conf", r->path);
    if (!check_mode(path, f))
        return false;
    (void)snprintf(path, sizeof path, "%s/conf.d", r->path);
    DIR *folder = opendir(path);
    bool good = true;
    for (const struct dirent *entry; folder && good && (entry = readdir(folder));) {
        (void)snprintf(path, sizeof path, "%s/conf.d/%s", r->path, entry->d_name);
        good = check_mode(path, f);
    }
    if (folder)
        (void)closedir(folder);
    return good;
}

bool drill_repository_open(drill_repository *r, const char *stanza, const char *path, failure *f)
{
    char whole[4096];
    *r = (drill_repository){.bytes = -1};
    if (!stanza || !*stanza || strlen(stanza) >= sizeof r->stanza ||
        strspn(stanza, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(stanza))
        return fail(f, EXIT_USAGE, "--stanza: accepted: a-z, 0-9, - and _, at most %zu",
                    sizeof r->stanza - 1);
    if (!realpath(path, whole) || strlen(whole) >= sizeof r->path)
        return fail(f, EXIT_CONFIG, "--repository %.300s: no folder with pgbackrest.conf: %s", path,
                    strerror(errno));
    (void)snprintf(r->stanza, sizeof r->stanza, "%s", stanza);
    (void)snprintf(r->path, sizeof r->path, "%.*s", PLACE_ROOT - 1, whole);
    (void)snprintf(r->option_stanza, sizeof r->option_stanza, "--stanza=%s", stanza);
    (void)snprintf(r->option_path, sizeof r->option_path, "--config-path=%s", r->path);
    return check_modes(r, f);
}

static bool read_info(drill_repository *r, const char *text, pg_session *pg, failure *f)
{
    static const char ask[] =
        "SELECT b ->> 'label', b #>> '{info,size}', s ->> 'cipher', coalesce((SELECT x #>> "
        "'{status,message}' FROM jsonb_array_elements(s -> 'repo') x LIMIT 1), s #>> '{status,message}') "
        "FROM jsonb_array_elements($1::jsonb) s LEFT JOIN LATERAL (SELECT b FROM jsonb_array_elements(s -> "
        "'backup') "
        "WITH ORDINALITY x (b, n) ORDER BY n DESC LIMIT 1) x ON true LIMIT 1";
    const char *param[] = {text};
    pg_rows *rows = pg_query(pg, ask, 1, param, f);
    if (!rows)
        return false;
    bool known = pg_rows_count(rows) == 1;
    const char *label = known ? pg_rows_get(rows, 0, 0) : NULL,
               *bytes = known ? pg_rows_get(rows, 0, 1) : NULL;
    const char *cipher = known ? pg_rows_get(rows, 0, 2) : NULL,
               *message = known ? pg_rows_get(rows, 0, 3) : NULL;
    bool good = true;
    if (!label && message && strstr(message, "unable to load"))
        good = fail(f, EXIT_CONTINUITY,
                    "the repository cannot be read, under a wrong cipher key or damaged: %.200s", message);
    else if (!label)
        good = fail(f, EXIT_CONTINUITY, "the repository has no backup of stanza %s: %.200s", r->stanza,
                    message ? message : "unknown");
    else if (!cipher || strcmp(cipher, "none") == 0)
        good = fail(f, EXIT_CONTINUITY,
                    "the repository of stanza %s is not encrypted; accepted: repo1-cipher-type=aes-256-cbc",
                    r->stanza);
    if (good && label) {
        (void)snprintf(r->backup, sizeof r->backup, "%s", label);
        r->bytes = bytes ? strtoll(bytes, NULL, 10) : -1;
    }
    pg_rows_free(rows);
    return good;
}

bool drill_repository_ask(drill_repository *r, const drill_place *place, pg_session *pg, failure *f)
{
    char log[PLACE_TEXT], told[CHILD_LINE], *text = NULL;
    size_t size = 0;
    child asked;
    const char *const word[] = {"pgbackrest",
                                r->option_path,
                                r->option_stanza,
                                "info",
                                "--output=json",
                                "--log-level-console=off",
                                "--log-level-stderr=error",
                                NULL};
    drill_place_path(place, "info.json", log);
    if (!child_start(&asked, word, log, SIGTERM, f))
        return false;
    if (!child_wait(&asked)) {
        child_complaint(log, told);
        return fail(f, EXIT_CONTINUITY,
                    "the repository cannot be read, under a wrong cipher key or damaged: %s", told);
    }
    bool good = text_file_read(log, INFO_MAX, &text, &size, f);
    for (size_t i = 0; good && i < size; i++) /* under a wrong key a message quotes what it deciphered */
        if ((unsigned char)text[i] > '~' || (unsigned char)text[i] < ' ')
            text[i] = text[i] == '\n' ? ' ' : '?';
    good = good && read_info(r, text, pg, f);
    if (!good && strcmp(pg_sqlstate(pg), "22P02") == 0)
        (void)fail(f, EXIT_CONTINUITY, "the repository cannot be read, under a wrong cipher key or damaged");
    free(text);
    return good;
}
