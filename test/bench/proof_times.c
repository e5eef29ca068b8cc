/*
 * proof_times.c CONNINFO PROOFS PUBLIC_KEYS - how long an inclusion proof takes: of so many entries drawn evenly from
 * the sealed ones, made by the server and this process (with its look-ups), and checked by this process alone. Prints
 * microseconds: median and 99th percentile of both. Every proof is checked; one that does not hold ends it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "trace/prove.h"
#include "trace/trail.h"

enum { LINE_MAX_BYTES = 1 << 20 };

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void print(const char *what, double *time, size_t n)
{
    qsort(time, n, sizeof *time, by_size);
    (void)printf("%-28s %12.0f %12.0f\n", what, time[n / 2], time[n * 99 / 100]);
}

typedef struct {
    double *made, *checked;
} timing;

static size_t prove_all(prover *p, const pg_rows *ids, const key_list *keys, const timing *t, failure *f)
{
    static char text[PROOF_TEXT];
    buf line, room;
    size_t n = 0;
    buf_init(&line, LINE_MAX_BYTES);
    buf_init(&room, LINE_MAX_BYTES);
    for (; n < (size_t)pg_rows_count(ids); n++) {
        checkpoint head;
        uint64_t id;
        span leaf, images;
        double began = now_us();
        if (!trail_number(pg_rows_get(ids, (int)n, 0), &id) || !prover_prove(p, id, text, &line, f))
            break;
        double made_at = now_us();
        if (!proof_parts(buf_span(&line), &room, &leaf, &images) ||
            !proof_text_holds(span_of(text), leaf, keys, &head, f))
            break;
        t->made[n] = made_at - began;
        t->checked[n] = now_us() - made_at;
    }
    buf_free(&line);
    buf_free(&room);
    return n;
}

int main(int count, char **word)
{
    failure f = {.text = ""};
    key_list keys = {.count = 0};
    if (count != 4)
        return EXIT_USAGE;
    pg_session *pg = pg_open(word[1], "proof-times", &f);
    const char *param[] = {word[2]};
    pg_rows *ids =
        pg && key_list_read(&keys, word[3], &f) && trail_prepare(pg, &f)
            ? pg_query(pg,
                       "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY xact, id) AS place, "
                       "count(*) OVER () AS all FROM audit.entry) e "
                       "WHERE place % greatest(e.all / $1::bigint, 1) = 0 LIMIT $1::bigint",
                       1, param, &f)
            : NULL;
    size_t wanted = ids ? (size_t)pg_rows_count(ids) : 0;
    timing t = {calloc(wanted + 1, sizeof *t.made), calloc(wanted + 1, sizeof *t.checked)};
    prover *p = wanted > 0 ? prover_open(pg, &f) : NULL;
    size_t done = p && t.made && t.checked ? prove_all(p, ids, &keys, &t, &f) : 0;
    if (done == wanted && done > 0) {
        (void)printf("%-28s %12s %12s\n", "microseconds a proof", "median", "p99");
        print("made", t.made, done);
        print("checked, no database", t.checked, done);
    } else {
        (void)fprintf(stderr, "proof_times: %zu of %zu proofs: %s\n", done, wanted, f.text);
    }
    prover_close(p);
    pg_rows_free(ids);
    pg_close(pg);
    free(t.made);
    free(t.checked);
    return done == wanted && done > 0 ? EXIT_DONE : EXIT_INTERNAL;
}
