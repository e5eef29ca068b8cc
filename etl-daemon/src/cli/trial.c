/*
 * trial.c - starts ekok-etld --trial and shows the lines that job/trial.h tells of, as a table or as JSON. Its errors
 * come through as they are.
 */
#include "cli/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json_text.h"
#include "cli/daemon.h"
#include "cli/text.h"

enum { WORDS = 5, TRIAL_LINE = 4096, VALUE_COLUMNS = 24, SHOWN = 10 };

typedef struct {
    bool json, in_fields, in_reasons, any_record;
    bool set_aside; /* a record would be, or the source has drifted */
} shown;

/* In the child: never returns. */
static _Noreturn void become_trial(const command_line *line, int out)
{
    char path[DAEMON_PATH], rows[16];
    (void)snprintf(rows, sizeof rows, "%d", line->rows_given ? line->rows : SHOWN);
    const char *word[] = {
        "ekok-etld", "--config", line->config_file, "--trial", line->word[2], "--trial-rows", rows, NULL};
    (void)dup2(out, STDOUT_FILENO);
    daemon_path(path);
    (void)execvp(path, (char *const *)(void *)word);
    (void)fprintf(stderr, "ekok: %s cannot be started\n", path);
    _exit(EXIT_INTERNAL);
}

static void print_json(const char *text)
{
    buf out;
    buf_init(&out, 6 * TRIAL_LINE);
    if (json_add_string(&out, text))
        (void)fwrite(out.data, 1, out.size, stdout);
    buf_free(&out);
}

/* Ends what is open in the JSON of a record. */
static void end_record(shown *s)
{
    if (s->in_reasons)
        (void)printf("]");
    else if (s->any_record)
        (void)printf("}, \"reasons\": []");
    if (s->any_record)
        (void)printf("}");
    s->in_fields = s->in_reasons = false;
}

static void show_json(shown *s, char *const word[WORDS])
{
    if (strcmp(word[0], "record") == 0) {
        end_record(s);
        (void)printf("%s\n {\"record\": %s, \"would_be\": \"%s\", \"fields\": {", s->any_record ? "," : "",
                     word[1], word[2]);
        s->any_record = true;
    } else if (strcmp(word[0], "field") == 0) {
        (void)printf("%s\"%s\": {\"masked\": ", s->in_fields ? ", " : "", word[1]);
        print_json(word[2]);
        (void)printf(", \"from\": ");
        print_json(word[3]);
        (void)printf("}");
        s->in_fields = true;
    } else if (strcmp(word[0], "reason") == 0) {
        (void)printf("%s{\"reason\": \"%s\", \"field\": \"%s\", \"detail\": ",
                     s->in_reasons ? ", " : "}, \"reasons\": [", word[1], word[2]);
        print_json(word[3]);
        (void)printf("}");
        s->in_reasons = true;
    } else if (strcmp(word[0], "page") == 0) {
        end_record(s);
        (void)printf("],\n \"page\": {\"records\": %s, \"taken\": %s, \"set_aside\": %s, \"total\": %s}",
                     word[1], word[2], word[3], strcmp(word[4], "-1") == 0 ? "null" : word[4]);
    } else if (strcmp(word[0], "drift") == 0) {
        (void)printf(",\n \"drift\": ");
        print_json(word[1]);
    }
}

/* Padded by what a character takes on the screen, not by bytes. */
static void show_field(char *const word[WORDS])
{
    size_t taken = text_columns(word[2]);
    int pad = taken < VALUE_COLUMNS ? VALUE_COLUMNS - (int)taken : 0;
    (void)printf("  %-16s %s%*s  %.34s\n", word[1], word[2], pad, "", word[3]);
}

static void show_table(char *const word[WORDS])
{
    if (strcmp(word[0], "record") == 0)
        (void)printf("\nRecord %s%s\n", word[1], strcmp(word[2], "taken") == 0 ? "" : ": would be set aside");
    else if (strcmp(word[0], "field") == 0)
        show_field(word);
    else if (strcmp(word[0], "reason") == 0)
        (void)printf("  ! %-14s %-*s  %.34s\n", word[2][0] ? word[2] : "the record", VALUE_COLUMNS, word[1],
                     word[3]);
    else if (strcmp(word[0], "page") == 0)
        (void)printf("\n%s records on the page: %s would be taken, %s set aside%s%s\n", word[1], word[2],
                     word[3], strcmp(word[4], "-1") == 0 ? "" : "; announced in all: ",
                     strcmp(word[4], "-1") == 0 ? "" : word[4]);
    else if (strcmp(word[0], "drift") == 0)
        (void)printf("Drift: %s\n", word[1]);
}

static void show_line(shown *s, char *line)
{
    char *word[WORDS] = {"", "", "", "", ""}, *rest = line;
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < WORDS && rest; i++)
        word[i] = strsep(&rest, "\t");
    s->set_aside = s->set_aside || strcmp(word[0], "drift") == 0 ||
                   (strcmp(word[0], "page") == 0 && strcmp(word[3], "0") != 0);
    if (s->json)
        show_json(s, word);
    else
        show_table(word);
}

static exit_code read_trial(FILE *lines, pid_t child, bool json)
{
    static char text[TRIAL_LINE];
    shown s = {.json = json};
    int status = 0;
    if (json)
        (void)printf("{\"records\": [");
    while (fgets(text, sizeof text, lines))
        show_line(&s, text);
    (void)waitpid(child, &status, 0);
    exit_code code = WIFEXITED(status) ? (exit_code)WEXITSTATUS(status) : EXIT_INTERNAL;
    if (json)
        (void)printf("%s}\n", code == EXIT_DONE ? "" : "]");
    else if (code == EXIT_DONE)
        (void)printf("Nothing was written.\n");
    return code == EXIT_DONE && s.set_aside ? EXIT_PARTIAL : code;
}

exit_code trial_show(const command_line *line, failure *f)
{
    int pair[2];
    if (line->words != 3 || pipe(pair) != 0) {
        (void)fail(f, EXIT_USAGE, "source test: one name or one file with a definition is expected");
        return f->code;
    }
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        become_trial(line, pair[1]);
    }
    (void)close(pair[1]);
    FILE *lines = child > 0 ? fdopen(pair[0], "r") : NULL;
    if (!lines) {
        (void)fail(f, EXIT_INTERNAL, "ekok-etld cannot be started");
        return f->code;
    }
    exit_code code = read_trial(lines, child, line->json);
    (void)fclose(lines);
    return code;
}
