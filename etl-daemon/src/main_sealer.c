/*
 * main_sealer.c - ekok-sealer: seals the audit's entries as they are committed, and gives signed checkpoints to at
 * least two witnesses. Runs under a user of its own: it alone reads the signing key, and it may only add. Ends with 8,
 * and seals nothing, when the trace is not what was signed before.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "trace/sealer_key.h"

typedef struct {
    const char *database, *key_file, *trusted_file;
    long interval;
    bool once;
} arguments;

enum { RETRY_SECONDS = 5, DAY_SECONDS = 86400, MONTHS_AHEAD = 3 };

static const char USAGE[] =
    "usage: ekok-sealer --database CONNINFO --key FILE --witness FOLDER --witness FOLDER [--witness "
    "FOLDER]...\n"
    "                   [--trusted FILE] [--interval SECONDS] [--once] [--verbose]\n"
    "  --key       signs checkpoints; made by ekok keys init-audit, changed by ekok keys rotate audit, "
    "followed\n"
    "              without a restart\n"
    "  --witness   where checkpoints are kept, two at least, none on the database's own disk\n"
    "  --trusted   public keys of earlier signers, one a line, whose checkpoints still count\n"
    "  --interval  between rounds, 1 to 3600, standard 1\n";

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static bool add_witness(sealer *s, const char *folder)
{
    struct stat one, other;
    if (s->witnesses == WITNESSES_MAX || stat(folder, &one) != 0 || !S_ISDIR(one.st_mode))
        return false;
    for (size_t i = 0; i < s->witnesses; i++)
        if (stat(s->witness[i], &other) == 0 && other.st_ino == one.st_ino && other.st_dev == one.st_dev)
            return false;
    s->witness[s->witnesses++] = folder;
    return true;
}

static bool take_option(const char *word, const char *value, arguments *a, sealer *s, failure *f)
{
    char *end = NULL;
    if (strcmp(word, "--database") == 0)
        a->database = value;
    else if (strcmp(word, "--key") == 0)
        a->key_file = value;
    else if (strcmp(word, "--trusted") == 0)
        a->trusted_file = value;
    else if (strcmp(word, "--witness") == 0)
        return add_witness(s, value) ||
               fail(f, EXIT_USAGE, "--witness %.200s: is no folder, stands twice, or is one too many", value);
    else if (strcmp(word, "--interval") == 0)
        a->interval = strtol(value, &end, 10);
    else
        return fail(f, EXIT_USAGE, "%.40s: no such option", word);
    return !end || (*end == '\0' && a->interval >= 1 && a->interval <= 3600) ||
           fail(f, EXIT_USAGE, "--interval: a whole number from 1 to 3600 is expected");
}

static bool read_arguments(int count, char **word, arguments *a, sealer *s, failure *f)
{
    *a = (arguments){.interval = 1};
    for (int i = 1; i < count; i++) {
        if (strcmp(word[i], "--once") == 0)
            a->once = true;
        else if (strcmp(word[i], "--verbose") == 0)
            log_set_level(LOG_DEBUG);
        else if (i + 1 == count)
            return fail(f, EXIT_USAGE, "%.40s: no such option, or its value is missing", word[i]);
        else if (!take_option(word[i], word[i + 1], a, s, f))
            return false;
        else
            i++;
    }
    if (!a->database || !a->key_file || s->witnesses < 2)
        return fail(f, EXIT_USAGE, "--database, --key and two witnesses are needed");
    return !strcasestr(a->database, "password") ||
           fail(f, EXIT_USAGE,
                "--database: a password does not belong on a command line; use a service file or peer");
}

/* Opens the session, and takes the one lock under which anybody seals; false when another sealer has it. */
static bool open_session(sealer *s, const arguments *a, bool *waits, failure *f)
{
    *waits = false;
    s->pg = pg_open(a->database, "ekok-sealer", f);
    pg_rows *rows =
        s->pg ? pg_query(s->pg, "SELECT pg_try_advisory_lock(hashtextextended('ekok audit sealer', 0))", 0,
                         NULL, f)
              : NULL;
    *waits = rows && strcmp(pg_rows_get(rows, 0, 0), "t") != 0;
    bool good = rows && !*waits;
    pg_rows_free(rows);
    if (good)
        sealer_key_reopen(s); /* this one may have waited while the other's key was changed */
    return good && sealer_begin(s, f);
}

static void close_session(sealer *s)
{
    pg_close(s->pg);
    s->pg = NULL;
}

static bool prepare_months(sealer *s, time_t *next, failure *f)
{
    char ahead[8];
    const char *param[] = {ahead};
    time_t now = time(NULL);
    if (now < *next)
        return true;
    (void)snprintf(ahead, sizeof ahead, "%d", MONTHS_AHEAD);
    *next = now + DAY_SECONDS;
    return pg_run(s->pg, "SELECT audit.prepare_months($1::int)", 1, param, f);
}

/* Rounds until none is left to seal. */
static bool seal_all(sealer *s, failure *f)
{
    uint64_t sealed = SEAL_MOST;
    if (!sealer_key_follow(s, f))
        return false;
    for (s->began = false; (sealed == SEAL_MOST || s->began) && !stop;) {
        if (!sealer_round(s, &sealed, f))
            return false;
        if (sealed > 0)
            log_event(LOG_DEBUG, NULL, "sealed", "entries=%llu size=%llu", (unsigned long long)sealed,
                      (unsigned long long)s->edge.size);
    }
    return true;
}

static bool all_published(const sealer *s, failure *f)
{
    for (size_t i = 0; i < s->witnesses; i++)
        if (s->note[0] && s->published[i] != s->edge.size)
            return fail(f, EXIT_EVIDENCE, "witness %.200s has not got the newest checkpoint", s->witness[i]);
    return true;
}

static void wait_seconds(long seconds)
{
    struct timespec time = {.tv_sec = seconds};
    if (!stop)
        (void)nanosleep(&time, NULL);
}

/* What was signed contradicts what stands, or the key may not sign: no retry mends that. */
static bool is_final(const failure *f)
{
    return f->code == EXIT_EVIDENCE || f->code == EXIT_KEYS;
}

static exit_code work(sealer *s, const arguments *a, failure *f)
{
    time_t months = 0;
    while (!stop) {
        bool waits = false;
        bool good = s->pg || open_session(s, a, &waits, f);
        good = good && seal_all(s, f) && prepare_months(s, &months, f);
        if (a->once)
            return good && all_published(s, f) ? EXIT_DONE
                   : waits ? (fail(f, EXIT_DATABASE, "another sealer is at work"), f->code)
                           : f->code;
        if (!good) {
            close_session(s);
            if (is_final(f))
                return f->code;
            log_event(waits ? LOG_DEBUG : LOG_WARNING, NULL, waits ? "sealer_waits" : "sealing_failed",
                      "problem=\"%s\"", f->text);
            *f = (failure){.code = EXIT_DONE, .text = ""};
        }
        wait_seconds(good ? a->interval : RETRY_SECONDS);
    }
    return EXIT_DONE;
}

static void harden(void)
{
    const struct rlimit none = {0, 0};
    const struct sigaction action = {.sa_handler = on_signal};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(022);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

int main(int count, char **word)
{
    static sealer s;
    arguments a;
    failure f = {.code = EXIT_DONE, .text = ""};
    exit_code code = EXIT_USAGE;
    harden();
    if (!read_arguments(count, word, &a, &s, &f))
        (void)fputs(USAGE, stderr);
    else if (!sealer_key_open(&s, a.key_file, &f) || (s.hasher = merkle_hasher_new()) == NULL ||
             (a.trusted_file && !key_list_read(&s.given, a.trusted_file, &f)))
        code = f.code;
    else
        code = work(&s, &a, &f);
    if (f.text[0])
        (void)fprintf(stderr, "ekok-sealer: %s\n", f.text);
    close_session(&s);
    merkle_hasher_free(s.hasher);
    sealer_key_close(&s);
    return (int)code;
}
