/*
 * keys.c - see keys.h. Prints purposes, versions and states, never a key. A rotation draws one bar on a terminal and a
 * line for each table elsewhere.
 */
#include "cli/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/listing.h"
#include "cli/settle.h"
#include "cli/signing.h"
#include "cli/text.h"
#include "rotate/rotate.h"
#include "secret/key_store.h"

enum { BAR = 30 };

bool keys_init(const command_line *line, failure *f)
{
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "keys init: one file name is expected");
    if (!keyring_create(line->word[2], f))
        return false;
    (void)printf("New keys in %s, readable by you alone.\n"
                 "Keep a copy offline: without it no sealed identifier can ever be opened again.\n"
                 "Next: name it in the configuration, [keys] file; ekok keys upgrade wraps it.\n",
                 line->word[2]);
    return true;
}

/* A wrapping key of its own name each time: the one before is needed until the file is replaced. */
static bool wrap_file(const command_line *line, failure *f)
{
    config c;
    char words[KEY_STORE_WORDS];
    const char *wrap = line->wrap ? line->wrap : words;
    if (!config_read(line->config_file, &c, f) ||
        (!line->wrap && !key_store_next(c.key_file, (int64_t)time(NULL), words, f)) ||
        !key_store_wrap(c.key_file, wrap, f))
        return false;
    (void)printf("The keys of %s are wrapped under %s.\n"
                 "%s The wrapping key before is needed no more\n"
                 "once every host has this file.\n",
                 c.key_file, wrap,
                 strncmp(wrap, "pkcs11:", 7) == 0
                     ? "Without this token, or a backup that its own tools made, no key is ever had again:\n"
                       "keep one, and a copy of the file, apart."
                     : "Keep a copy of both offline, apart.");
    return true;
}

bool keys_upgrade(const command_line *line, failure *f)
{
    return wrap_file(line, f);
}

bool keys_rewrap(const command_line *line, failure *f)
{
    return wrap_file(line, f);
}

/* The keys themselves; NULL where they are the agent's, or there are none. */
static const keyring *ring_of(const command_session *s)
{
    return s->keys ? sealer_ring(s->keys) : NULL;
}

static const char *why_no_ring(const command_session *s)
{
    return s->keys
               ? "the keys are with the key agent; call this where the key file is, with [keys] file in the "
                 "configuration"
               : s->sealed_because;
}

bool keys_status(command_session *s, const command_line *line, failure *f)
{
    static const char key_sql[] =
        "SELECT k.purpose, k.version, CASE WHEN k.purpose = 'audit' AND k.state = 'decrypt-only' THEN "
        "'verify-only' ELSE k.state END AS state, to_char(k.registered_at, 'YYYY-MM-DD') AS since, "
        "to_char(k.changed_at, 'YYYY-MM-DD') AS changed, left(encode(k.commitment, 'hex'), 8) AS commitment "
        "FROM keyring.key k ORDER BY k.purpose, k.version";
    static const char rotation_sql[] =
        "SELECT r.id, r.purpose, r.to_version, r.state, r.table_name, r.percent, r.values_done "
        "FROM keyring.rotation_progress r WHERE r.state = 'running' OR r.id = (SELECT max(id) FROM "
        "keyring.rotation) ORDER BY r.id, r.table_name DESC";
    const listing keys = {.sql = key_sql,
                          .column = {{"key", LISTED_TEXT, 0},
                                     {"version", LISTED_NUMBER, 0},
                                     {"state", LISTED_TEXT, 0},
                                     {"since", LISTED_TEXT, 0},
                                     {"changed", LISTED_TEXT, 0},
                                     {"commitment", LISTED_TEXT, 0}},
                          .empty = "No key is known yet: the daemon makes them known when it starts."};
    const listing rotations = {.sql = rotation_sql,
                               .column = {{"rotation", LISTED_NUMBER, 0},
                                          {"key", LISTED_TEXT, 0},
                                          {"to", LISTED_NUMBER, 0},
                                          {"state", LISTED_TEXT, 0},
                                          {"table", LISTED_TEXT, 0},
                                          {"%", LISTED_NUMBER, 0},
                                          {"values", LISTED_NUMBER, 0}},
                               .empty = "No key was ever rotated."};
    if (line->json) {
        (void)fputs("{", stdout);
        bool good = listing_print_json(s->pg, "keys", &keys, f);
        (void)fputs(", ", stdout);
        good = good && listing_print_json(s->pg, "signing_keys", &signing_keys, f);
        (void)fputs(", ", stdout);
        good = good && listing_print_json(s->pg, "rotations", &rotations, f);
        (void)fputs(", ", stdout);
        good = good && listing_print_json(s->pg, "left", &settle_left, f);
        (void)fputs(", ", stdout);
        good = good && listing_print_json(s->pg, "settlements", &settle_proposals, f);
        (void)fputs("}\n", stdout);
        return good;
    }
    if (!ring_of(s))
        (void)printf("The key file cannot be read here: %s\n\n", why_no_ring(s));
    if (!listing_print(s->pg, &keys, f))
        return false;
    (void)putchar('\n');
    if (!listing_print(s->pg, &signing_keys, f))
        return false;
    (void)putchar('\n');
    return listing_print(s->pg, &rotations, f) && settle_print(s->pg, f);
}

static bool read_purpose(const command_session *s, const char *word, key_purpose *out, failure *f)
{
    if (!key_purpose_find(span_of(word), out))
        return fail(f, EXIT_USAGE,
                    "%.40s: no such key; data, token_nid, token_brn, token_mobile, token_wallet, "
                    "token_account, row, wrap, or audit",
                    word);
    return ring_of(s) || fail(f, EXIT_KEYS, "%s", why_no_ring(s));
}

bool keys_add(command_session *s, const command_line *line, failure *f)
{
    key_purpose purpose;
    uint32_t version;
    if (signing_is_meant(line))
        return signing_add(s, line, f);
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "keys add: which key? see ekok keys status");
    if (!read_purpose(s, line->word[2], &purpose, f) ||
        !key_store_add(s->config.key_file, purpose, &version, f))
        return false;
    (void)printf("Version %" PRIu32 " of %s is in %s, pre-active.\n"
                 "Copy the file to every host that opens values, then: ekok keys rotate %s.\n",
                 version, line->word[2], s->config.key_file, line->word[2]);
    return true;
}

typedef struct {
    bool drawn, json, waited;
    char table[64];
} drawing;

static void draw(void *context, const rotate_progress *now)
{
    drawing *d = context;
    char bar[BAR + 1], number[NUMBER_TEXT];
    if (d->json)
        return;
    if (!d->drawn) {
        if (strcmp(d->table, now->table) != 0)
            (void)printf("%s\n", now->table);
        if (now->waiting && !d->waited)
            (void)printf("a sweep is under way; the rotation goes on when it has ended\n");
        d->waited = d->waited || now->waiting;
        (void)fflush(stdout);
        (void)snprintf(d->table, sizeof d->table, "%s", now->table);
        return;
    }
    int full = now->percent * BAR / 100;
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '-';
    bar[BAR] = '\0';
    (void)printf("\r\033[K[%s] %3d%% %s, pass %d, %s values", bar, now->percent, now->table, now->pass,
                 text_number(now->values, number));
    (void)fflush(stdout);
}

static void tell(const command_line *line, const rotate_progress *done, double took)
{
    char number[NUMBER_TEXT], time_text[NUMBER_TEXT];
    if (line->json)
        (void)printf("{\"purpose\": \"%s\", \"values\": %" PRId64 ", \"passed_over\": %" PRId64
                     ", \"seconds\": %.3f}\n",
                     line->word[2], done->values, done->passed_over, took);
    else
        (void)printf("Rotated %s in %s: %s values written anew; none is left on an older\n"
                     "version, and the receipt stands in the audit. ekok keys status shows it;\n"
                     "ekok keys destroy ends the old version for good.\n",
                     line->word[2], text_duration(took, time_text), text_number(done->values, number));
}

bool keys_rotate(command_session *s, const command_line *line, failure *f)
{
    key_purpose purpose;
    rotate_progress done;
    struct timespec began, ended;
    drawing d = {.drawn = !line->json && isatty(STDOUT_FILENO), .json = line->json};
    if (signing_is_meant(line))
        return signing_rotate(s, line, f);
    if (line->words != 3)
        return fail(f, EXIT_USAGE, "keys rotate: which key? see ekok keys status");
    if (!read_purpose(s, line->word[2], &purpose, f))
        return false;
    const rotate_request request = {s->pg, ring_of(s), s->config.key_file, purpose, line->most, draw, &d};
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    bool good = rotate_key(&request, &done, f);
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    if (d.drawn)
        (void)printf("\r\033[K");
    if (good)
        tell(line, &done,
             (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
    return good;
}

/* The database first: from then on no key file with this key is accepted. */
bool keys_destroy(command_session *s, const command_line *line, failure *f)
{
    key_purpose purpose;
    char *end = NULL;
    if (signing_is_meant(line))
        return signing_destroy(s, line, f);
    uint32_t version = line->words == 4 ? (uint32_t)strtoul(line->word[3], &end, 10) : 0;
    if (version == 0 || *end)
        return fail(f, EXIT_USAGE, "keys destroy: which key, and which version of it? see ekok keys status");
    if (!read_purpose(s, line->word[2], &purpose, f))
        return false;
    const char *param[] = {line->word[2], line->word[3]};
    if (!pg_run(s->pg, "SELECT keyring.destroy_key($1::text, $2::int)", 2, param, f)) {
        if (strcmp(pg_sqlstate(s->pg), "55000") == 0 || strcmp(pg_sqlstate(s->pg), "2BP01") == 0)
            f->code = EXIT_KEYS;
        return false;
    }
    if (!key_store_end(s->config.key_file, purpose, version, KEY_DESTROYED, f))
        return false;
    (void)printf("Version %" PRIu32 " of %s is destroyed: its bytes are in %s no more.\n"
                 "Destroy the copies too: every backup of the key file that can be unwrapped.\n",
                 version, line->word[2], s->config.key_file);
    return true;
}
