/*
 * main.c - ekok-sim: the simulated government.
 *   ekok-sim serve  --persons N --seed S --certs DIR --state DIR [--epoch-file F] [--fault-file F] [--auth-file F]
 *                   [--defects RATE] [--keep-pages MIB]
 *   ekok-sim truth  --persons N --seed S [--defects RATE] --out FILE
 *   ekok-sim records --persons N --seed S --out FILE
 *   ekok-sim verdicts --persons N --seed S --out FILE
 *   ekok-sim census --persons N --seed S [--defects RATE]
 *   ekok-sim page   --persons N --seed S [--defects RATE] --source NAME [--at POSITION] [--after ID] [--size N]
 * Exit codes: 0 done, 1 could not be done, 2 wrong usage.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"
#include "serve.h"
#include "truth.h"

static const char USAGE[] =
    "usage: ekok-sim serve  --persons N --seed S --certs DIR --state DIR "
    "[--epoch-file F] [--fault-file F] [--auth-file F] [--defects RATE] [--keep-pages MIB]\n"
    "       ekok-sim truth  --persons N --seed S [--defects RATE] --out FILE\n"
    "       ekok-sim records --persons N --seed S --out FILE\n"
    "       ekok-sim verdicts --persons N --seed S --out FILE\n"
    "       ekok-sim census --persons N --seed S [--defects RATE]\n"
    "       ekok-sim page   --persons N --seed S [--defects RATE] --source NAME "
    "[--at POSITION] [--after ID] [--size N]\n"
    "persons: 100 to 30000000; seed: a whole number; defects: the share of damaged "
    "records, 0 to 1 (default 0.005); keep-pages: room for pages once made, none by default\n";

typedef struct {
    uint64_t persons, seed;
    double defects;
    serve_options serve;
    const char *out, *source;
    page_query query;
} arguments;

static bool whole(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0';
}

static bool share(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out >= 0 && *out <= 1;
}

static bool take(arguments *a, int option, const char *value)
{
    switch (option) {
    case 'n':
        return whole(value, &a->persons) && a->persons >= 100 && a->persons <= PERSONS_MAX;
    case 's':
        return whole(value, &a->seed);
    case 'd':
        return share(value, &a->defects);
    case 'c':
        a->serve.certs = value;
        return true;
    case 't':
        a->serve.state = value;
        return true;
    case 'e':
        a->serve.epoch_file = value;
        return true;
    case 'f':
        a->serve.fault_file = value;
        return true;
    case 'g':
        a->serve.auth_file = value;
        return true;
    case 'k':
        return whole(value, &a->serve.keep_mib);
    case 'o':
        a->out = value;
        return true;
    case 'm':
        a->source = value;
        return true;
    case 'a':
        a->query.at = value;
        return true;
    case 'b':
        a->query.after = value;
        return true;
    case 'z':
        a->query.size = value;
        return true;
    default:
        return false;
    }
}

static bool read_arguments(int count, char **text, arguments *a)
{
    static const struct option options[] = {
        {"persons", 1, NULL, 'n'},    {"seed", 1, NULL, 's'},       {"defects", 1, NULL, 'd'},
        {"certs", 1, NULL, 'c'},      {"state", 1, NULL, 't'},      {"epoch-file", 1, NULL, 'e'},
        {"keep-pages", 1, NULL, 'k'}, {"fault-file", 1, NULL, 'f'}, {"auth-file", 1, NULL, 'g'},
        {"out", 1, NULL, 'o'},        {"source", 1, NULL, 'm'},     {"at", 1, NULL, 'a'},
        {"after", 1, NULL, 'b'},      {"size", 1, NULL, 'z'},       {NULL, 0, NULL, 0}};
    int option;
    *a = (arguments){.seed = UINT64_MAX, .defects = 0.005};
    while ((option = getopt_long(count, text, "", options, NULL)) != -1)
        if (!take(a, option, optarg))
            return false;
    return optind == count && a->persons > 0 && a->seed != UINT64_MAX;
}

static int run_serve(const world *w, const arguments *a)
{
    rank_index index;
    if (!a->serve.certs || !a->serve.state) {
        fputs(USAGE, stderr);
        return 2;
    }
    if (!ranks_build(w, &index)) {
        fputs("ekok-sim: out of memory\n", stderr);
        return 1;
    }
    int code = serve(w, &index, &a->serve);
    ranks_free(&index);
    return code;
}

static int run_write(const world *w, const arguments *a, bool (*write_all)(const world *w, FILE *out))
{
    if (!a->out) {
        fputs(USAGE, stderr);
        return 2;
    }
    FILE *out = fopen(a->out, "we");
    bool good = out && write_all(w, out);
    good = out && fclose(out) == 0 && good;
    if (!good)
        fprintf(stderr, "ekok-sim: %s: %s\n", a->out, strerror(errno));
    return good ? 0 : 1;
}

static int run_page(const world *w, const arguments *a)
{
    rank_index index;
    json body;
    int m = 0, status = 500;
    while (m < MIS_COUNT && (!a->source || strcmp(a->source, mis_habits_of((mis_id)m)->name) != 0))
        m++;
    if (m == MIS_COUNT) {
        fputs(USAGE, stderr);
        return 2;
    }
    if (!ranks_build(w, &index))
        return 1;
    if (json_init(&body, 65536)) {
        status = page_make(w, &index, (mis_id)m, &a->query, &body);
        fwrite(body.p, 1, body.n, stdout);
        putchar('\n');
        json_free(&body);
    }
    ranks_free(&index);
    return status == 200 ? 0 : 1;
}

int main(int count, char **text)
{
    static world w;
    arguments a;
    const char *command = count > 1 ? text[1] : "";
    if (count < 2 || !read_arguments(count - 1, text + 1, &a)) {
        fputs(USAGE, stderr);
        return 2;
    }
    world_init(&w, a.seed, a.persons);
    w.defects_per_million = (uint32_t)(a.defects * 1e6 + 0.5);
    if (strcmp(command, "serve") == 0)
        return run_serve(&w, &a);
    if (strcmp(command, "truth") == 0)
        return run_write(&w, &a, truth_write);
    if (strcmp(command, "records") == 0)
        return run_write(&w, &a, records_write);
    if (strcmp(command, "verdicts") == 0)
        return run_write(&w, &a, verdicts_write);
    if (strcmp(command, "census") == 0)
        return census_write(&w, stdout) ? 0 : 1;
    if (strcmp(command, "page") == 0)
        return run_page(&w, &a);
    fputs(USAGE, stderr);
    return 2;
}
