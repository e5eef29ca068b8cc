/*
 * main_ekok.c - ekok: the operator's command line. Looks, sweeps, and starts ekok-etld; never pulls by
 * itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/report.h"
#include "cli/run.h"
#include "cli/sweep.h"
#include "cli/verify.h"
#include "cli/watch.h"

static const char HELP[] = "ekok - pulls beneficiary records into the Single Registry and shows who\n"
                           "draws from several programmes\n"
                           "\n"
                           "  ekok run --all | SOURCE...  pull now, with a progress bar a source\n"
                           "  ekok sweep                  find double dipping over the whole registry,\n"
                           "                              by numbers and by likeness\n"
                           "  ekok report [--cases N]     what was pulled, who is in several programmes\n"
                           "  ekok verify [SYSTEM...] [--most N] [--dry-run]\n"
                           "                              ask other systems about what came, within quotas\n"
                           "  ekok verify status          quotas, verdicts, what is asked next\n"
                           "  ekok verify reopen SYSTEM   ask again today though its quota was used up\n"
                           "  ekok status                 the last run of each source, what was set aside\n"
                           "  ekok source list            the sources and where each goes on\n"
                           "  ekok quarantine list [--source S] [--rows N]\n"
                           "                              what was set aside and why, never its values\n"
                           "  ekok keys init FILE         a new key file, mode 0600\n"
                           "  ekok help\n"
                           "\n"
                           "  --config FILE   configuration; else $EKOK_CONFIG, else ./ekok.ini\n"
                           "  --json          for scripts: sweep, report, status, source, quarantine\n"
                           "  --purpose TEXT  recorded with each identifier that a report opens\n"
                           "\n"
                           "Exit codes: 0 done; 2 wrong command line; 3 some source failed or a page was\n"
                           "kept undecoded; 4 database; 5 configuration; 6 keys; 7 stopped by a signal;\n"
                           "70 a fault of the program.\n";

typedef bool (*session_fn)(command_session *s, const command_line *line, failure *f);

/* Commands that need a session: words, what does it, whether identifiers are opened. */
static const struct {
    const char *word[2];
    session_fn work;
    bool keys;
} commands[] = {
    {{"sweep", NULL}, sweep_run, false},          {{"report", NULL}, report_print, true},
    {{"verify", "status"}, verify_status, false}, {{"status", NULL}, watch_status, false},
    {{"source", "list"}, watch_sources, false},   {{"quarantine", "list"}, watch_quarantine, false},
};

static bool is(const command_line *line, const char *first, const char *second)
{
    if (line->words < 1 || strcmp(line->word[0], first) != 0)
        return false;
    return second ? line->words >= 2 && strcmp(line->word[1], second) == 0 : true;
}

static exit_code with_session(session_fn work, bool keys, const command_line *line, failure *f)
{
    command_session s;
    bool good = command_session_open(&s, line, keys, f) && work(&s, line, f);
    command_session_close(&s);
    return good ? EXIT_DONE : f->code;
}

static exit_code run(const command_line *line, failure *f)
{
    const run_request request = {.config_file = line->config_file,
                                 .source = line->word + 1,
                                 .sources = line->words - 1,
                                 .mode = "--once",
                                 .end = screen_end};
    if (line->all == (request.sources > 0)) {
        (void)fail(f, EXIT_USAGE, "run: either --all or names of sources; ekok source list shows them");
        return f->code;
    }
    return cli_run(&request, f);
}

static exit_code keys_init(const command_line *line, failure *f)
{
    if (line->words != 3) {
        (void)fail(f, EXIT_USAGE, "keys init: one file name is expected");
        return f->code;
    }
    if (!keyring_create(line->word[2], f))
        return f->code;
    (void)printf("New keys in %s, readable by you alone.\n"
                 "Keep a copy offline: without it no sealed identifier can ever be opened again.\n"
                 "Next: name it in the configuration, [keys] file.\n",
                 line->word[2]);
    return EXIT_DONE;
}

static exit_code dispatch(const command_line *line, failure *f)
{
    if (line->words == 0 || is(line, "help", NULL)) {
        (void)fputs(HELP, stdout);
        return line->words == 0 ? EXIT_USAGE : EXIT_DONE;
    }
    if (is(line, "run", NULL))
        return run(line, f);
    if (is(line, "keys", "init"))
        return keys_init(line, f);
    if (is(line, "verify", "reopen") && line->words == 3)
        return with_session(verify_reopen, false, line, f);
    if (is(line, "verify", NULL) && line->dry_run && line->words <= 2)
        return with_session(verify_dry_run, false, line, f);
    if (is(line, "verify", NULL) && !is(line, "verify", "status") && !is(line, "verify", "reopen") &&
        !line->dry_run)
        return verify_start(line, f);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t words = commands[i].word[1] ? 2 : 1;
        if (line->words == words && is(line, commands[i].word[0], commands[i].word[1]))
            return with_session(commands[i].work, commands[i].keys, line, f);
    }
    (void)fail(f, EXIT_USAGE, "%.40s%s%.40s: no such command; see ekok help", line->word[0],
               line->words > 1 ? " " : "", line->words > 1 ? line->word[1] : "");
    return f->code;
}

int main(int count, char **word)
{
    static command_line line;
    failure f = {.code = EXIT_DONE, .text = ""};
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)umask(077);
    exit_code code = command_line_read(count, word, &line, &f) ? dispatch(&line, &f) : f.code;
    if (f.text[0])
        (void)fprintf(stderr, "ekok: %s\n", f.text);
    if (fflush(stdout) != 0)
        return EXIT_INTERNAL;
    return (int)code;
}
