/*
 * name_scores.c - scores without a server, from the core alone.
 * usage: name-scores                reads lines "name<TAB>name", writes a similarity a line: a matcher for names/run.pl
 *        name-scores FILE           every first column of the file against every second: i, j, score from 0.3 up
 *        name-scores FILE rows      score, first, second for each row alone
 *        name-scores FILE keys      key and sounds of each word of the first column
 *        name-scores FILE sounds    sounds of both columns, where each is one word
 *        name-scores FILE time      microseconds of processor time a parse and a pair
 * Reads 12000 rows of a file at most; lines of standard input without end. `make -C test/bench` builds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "name.h"
#include "name_phone.h"

enum { ROWS_MAX = 12000 };

typedef struct {
    ekok_name first, second;
    char line[4096];
    const char *second_text;
} row;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void parse(const char *text, ekok_name *out)
{
    if (ekok_name_parse((ekok_span){text, strlen(text)}, out).code != EKOK_OK) {
        out->tokens = 0;
    }
}

static size_t read_rows(FILE *in, row *rows)
{
    size_t n = 0;

    while (n < ROWS_MAX && fgets(rows[n].line, sizeof(rows[n].line), in) != NULL) {
        char *tab = strchr(rows[n].line, '\t');

        rows[n].line[strcspn(rows[n].line, "\n")] = '\0';
        if (tab == NULL) {
            continue;
        }
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\t")] = '\0';
        rows[n].second_text = tab + 1;
        parse(rows[n].line, &rows[n].first);
        parse(rows[n].second_text, &rows[n].second);
        n++;
    }
    return n;
}

static void print_keys(const ekok_name *name)
{
    for (size_t t = 0; t < name->tokens; t++) {
        const ekok_name_token *token = &name->token[t];

        printf("%.*s\t%s\t%u\t", token->bytes, token->text, token->key, token->weight);
        for (size_t p = 0; p < token->phones; p++) {
            putchar(ekok_phone_letter(token->phone[p]));
        }
        putchar('\n');
    }
}

static void print_sounds(const row *r)
{
    const ekok_name *side[] = {&r->first, &r->second};

    if (r->first.tokens != 1 || r->second.tokens != 1) {
        return;
    }
    for (size_t s = 0; s < 2; s++) {
        for (size_t p = 0; p < side[s]->token[0].phones; p++) {
            putchar(ekok_phone_letter(side[s]->token[0].phone[p]));
        }
        putchar(s == 0 ? '\t' : '\n');
    }
}

static void print_pairs(const row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            float s = ekok_name_similarity(&rows[i].first, &rows[j].second);

            if (s >= 0.3f) {
                printf("%zu\t%zu\t%.4f\n", i, j, (double)s);
            }
        }
    }
}

static void print_times(row *rows, size_t n)
{
    double start = now(), sum = 0;

    for (size_t i = 0; i < n; i++) {
        parse(rows[i].line, &rows[i].first);
        parse(rows[i].second_text, &rows[i].second);
    }
    double parsed = now();
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            sum += (double)ekok_name_similarity(&rows[i].first, &rows[j].second);
        }
    }
    printf("parse %.2f us, pair %.3f us (sum %.0f)\n", (parsed - start) / (2.0 * (double)n),
           (now() - parsed) / ((double)n * (double)n), sum);
}

/* Lines that are no pair score 0, so that there is one answer a line. */
static void print_lines(FILE *in)
{
    static row one;

    while (fgets(one.line, sizeof(one.line), in) != NULL) {
        char *tab = strchr(one.line, '\t');
        float s = 0;

        one.line[strcspn(one.line, "\n")] = '\0';
        if (tab != NULL) {
            *tab = '\0';
            parse(one.line, &one.first);
            parse(tab + 1, &one.second);
            s = ekok_name_similarity(&one.first, &one.second);
        }
        printf("%.5f\n", (double)s);
    }
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        print_lines(stdin);
        return 0;
    }
    FILE *in = fopen(argv[1], "r");
    row *rows = calloc(ROWS_MAX, sizeof(row));
    const char *what = argc > 2 ? argv[2] : "pairs";

    if (in == NULL || rows == NULL) {
        fprintf(stderr, "usage: name-scores [PAIRS.tsv [rows|keys|sounds|time]]\n");
        return 2;
    }
    size_t n = read_rows(in, rows);
    if (strcmp(what, "time") == 0) {
        print_times(rows, n);
    } else if (strcmp(what, "pairs") == 0) {
        print_pairs(rows, n);
    }
    for (size_t i = 0; i < n; i++) {
        if (strcmp(what, "keys") == 0) {
            print_keys(&rows[i].first);
        } else if (strcmp(what, "sounds") == 0) {
            print_sounds(&rows[i]);
        } else if (strcmp(what, "rows") == 0) {
            printf("%.4f\t%s\t%s\n", (double)ekok_name_similarity(&rows[i].first, &rows[i].second),
                   rows[i].line, rows[i].second_text);
        }
    }
    free(rows);
    fclose(in);
    return 0;
}
