/*
 * replaying.c - `ekok quarantine replay`: starts ekok-etld --replay and shows its books, which must balance.
 */
#include "cli/replaying.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/daemon.h"

enum { BOOKS = 10, REPLAY_LINE = 512, ARGUMENTS = 12 };

static const char *const NAME[BOOKS] = {"run",       "looked_at",   "fetched", "inserted",   "updated",
                                        "unchanged", "quarantined", "refused", "superseded", "unreadable"};

/* In the child: never returns. */
static _Noreturn void become_replay(const command_line *line, int out)
{
    char path[DAEMON_PATH];
    const char *word[ARGUMENTS + 1] = {"ekok-etld", "--config", line->config_file, "--replay", line->source};
    const char *const option[][2] = {
        {"--reason", line->reason}, {"--since", line->since}, {"--until", line->until}};
    size_t n = 5;
    for (size_t i = 0; i < sizeof option / sizeof *option; i++) {
        if (!option[i][1])
            continue;
        word[n++] = option[i][0];
        word[n++] = option[i][1];
    }
    word[n] = NULL;
    (void)dup2(out, STDOUT_FILENO);
    daemon_path(path);
    (void)execvp(path, (char *const *)(void *)word);
    (void)fprintf(stderr, "ekok: %s cannot be started\n", path);
    _exit(EXIT_INTERNAL);
}

static void print_books(const int64_t book[BOOKS], bool json)
{
    if (json) {
        for (size_t i = 0; i < BOOKS; i++)
            (void)printf("%s\"%s\": %" PRId64, i ? ", " : "{", NAME[i], book[i]);
        (void)printf("}\n");
        return;
    }
    (void)printf("Replay, run %" PRId64 ": %" PRId64 " records looked at\n", book[0], book[1]);
    for (size_t i = 2; i < BOOKS; i++)
        (void)printf("  %-12s %10" PRId64 "%s\n", NAME[i], book[i],
                     i == 2   ? "  = inserted + updated + unchanged + quarantined + refused"
                     : i == 8 ? "  the source has sent something newer"
                     : i == 9 ? "  cannot be taken apart; left as they are"
                              : "");
}

static exit_code read_books(FILE *lines, pid_t child, bool json)
{
    char text[REPLAY_LINE];
    int64_t book[BOOKS] = {0};
    int status = 0;
    bool seen = false;
    while (fgets(text, sizeof text, lines))
        seen = sscanf(text,
                      "replay\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64
                      "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64,
                      &book[0], &book[1], &book[2], &book[3], &book[4], &book[5], &book[6], &book[7],
                      &book[8], &book[9]) == BOOKS ||
               seen;
    (void)waitpid(child, &status, 0);
    exit_code code = WIFEXITED(status) ? (exit_code)WEXITSTATUS(status) : EXIT_INTERNAL;
    if (code != EXIT_DONE || !seen)
        return code != EXIT_DONE ? code : EXIT_INTERNAL;
    print_books(book, json);
    return book[6] + book[7] + book[9] > 0 ? EXIT_PARTIAL : EXIT_DONE;
}

exit_code quarantine_replay(const command_line *line, failure *f)
{
    int pair[2];
    if (line->words != 2 || !line->source || pipe(pair) != 0) {
        (void)fail(f, EXIT_USAGE,
                   "quarantine replay: --source NAME is expected, perhaps --reason, --since, --until");
        return f->code;
    }
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        become_replay(line, pair[1]);
    }
    (void)close(pair[1]);
    FILE *lines = child > 0 ? fdopen(pair[0], "r") : NULL;
    if (!lines) {
        (void)fail(f, EXIT_INTERNAL, "ekok-etld cannot be started");
        return f->code;
    }
    exit_code code = read_books(lines, child, line->json);
    (void)fclose(lines);
    return code;
}
