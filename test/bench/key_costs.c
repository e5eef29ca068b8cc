/*
 * key_costs.c - what a sealed and tokenised value costs: values of 10 digits into COPY lines, as the loader has
 * them, by keys at hand or by the key agent.
 * usage: key_costs COUNT KEYFILE ""         prints elapsed and own CPU seconds
 *        key_costs COUNT "" SOCKET
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "agent/seal_batch.h"

enum { PIECE = 65536, ROOM = 2 * PIECE };

static double elapsed(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double own_cpu(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Lines are thrown away when a piece of them is full, as if they had been sent. */
static bool add(seal_batch *b, long i, buf *lines)
{
    char clear[16], row[40];
    int n = snprintf(clear, sizeof clear, "%010ld", i);
    int id = snprintf(row, sizeof row, "01234567-89ab-8def-8123-%012ld", i);
    const seal_place cell = {"registry.enrolment", "nid_sealed", {row, (size_t)id}};
    if (lines->size >= PIECE) {
        if (!seal_batch_settle(b))
            return false;
        buf_clear(lines);
    }
    return seal_batch_value(b, &cell, (span){clear, (size_t)n}, lines) &&
           seal_batch_token(b, KEY_TOKEN_NID, (span){clear, (size_t)n}, lines);
}

int main(int count, char **word)
{
    failure f = {.text = ""};
    seal_batch b;
    buf lines;
    long values = count == 4 ? strtol(word[1], NULL, 10) : 0;
    sealer *keys = values > 0 ? sealer_open(word[2], word[3], &f) : NULL;
    if (!keys) {
        (void)fprintf(stderr, "key_costs COUNT KEYFILE SOCKET: %s\n", f.text);
        return 2;
    }
    seal_batch_init(&b, keys);
    buf_init(&lines, ROOM);
    double began = elapsed(), cpu = own_cpu();
    bool good = true;
    for (long i = 0; good && i < values; i++)
        good = add(&b, i, &lines);
    good = good && seal_batch_settle(&b);
    if (good)
        (void)printf("%.6f %.6f\n", elapsed() - began, own_cpu() - cpu);
    else
        (void)fprintf(stderr, "key_costs: %s\n", b.why.text);
    seal_batch_free(&b);
    buf_free(&lines);
    sealer_close(keys);
    return good ? 0 : 1;
}
