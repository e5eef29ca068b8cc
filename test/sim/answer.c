/*
 * answer.c - see answer.h.
 */
#include "answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faults.h"
#include "changes.h"
#include "pages.h"

static const char JSON_TYPE[] = "application/json; charset=utf-8";

static void wait_for(const answering *a, int milliseconds)
{
    static const struct timespec tick = {0, 50 * 1000 * 1000};
    for (int i = 0; i < milliseconds / 50 && !atomic_load(a->stop); i++)
        nanosleep(&tick, NULL);
}

typedef struct {
    int status;
    const char *type;
    int retry_after;               /* seconds, 0: not said */
    bool as_date;                  /* retry_after is told as a date */
    const char *location, *coding; /* NULL: no such header */
} heading;

static void write_when(const heading *h, char out[64])
{
    time_t then = time(NULL) + h->retry_after;
    struct tm utc;
    if (h->as_date && gmtime_r(&then, &utc))
        strftime(out, 64, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    else
        snprintf(out, 64, "%d", h->retry_after);
}

static enum MHD_Result send_response(struct MHD_Connection *c, struct MHD_Response *response,
                                     const heading *h)
{
    char when[64];
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, h->type);
    if (h->location)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, h->location);
    if (h->coding)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, h->coding);
    if (h->retry_after > 0) {
        write_when(h, when);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, when);
    }
    enum MHD_Result result = MHD_queue_response(c, (unsigned)h->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_text(struct MHD_Connection *c, const heading *h, const char *text)
{
    return send_response(
        c, MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY), h);
}

/* A body that comes as its fault says: cut in the middle, drop by drop, or without end. */
typedef struct {
    const answering *a;
    fault_kind kind;
    json body;
} odd_body;

static ssize_t odd_read(void *context, uint64_t at, char *out, size_t most)
{
    odd_body *b = context;
    if (b->kind == FAULT_HUGE_BODY) {
        if (at < b->body.n / 2) {
            size_t n = b->body.n / 2 - at < most ? (size_t)(b->body.n / 2 - at) : most;
            memcpy(out, b->body.p + at, n);
            return (ssize_t)n;
        }
        memset(out, ' ', most);
        return atomic_load(b->a->stop) ? MHD_CONTENT_READER_END_WITH_ERROR : (ssize_t)most;
    }
    bool cut = b->kind == FAULT_TRUNCATED || b->kind == FAULT_CUTOFF;
    if (cut && at >= b->body.n / 2)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t end = cut ? b->body.n / 2 : b->body.n;
    size_t n = end - at < most ? (size_t)(end - at) : most;
    if (n == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (b->kind == FAULT_DRIP) {
        wait_for(b->a, 200);
        n = 1;
    }
    if (atomic_load(b->a->stop))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    memcpy(out, b->body.p + at, n);
    return (ssize_t)n;
}

static void odd_free(void *context)
{
    odd_body *b = context;
    json_free(&b->body);
    free(b);
}

/* A length of half the body; the rest follows as if it were another answer. */
static void say_half(struct MHD_Response *response, size_t size)
{
    char half[24];
    snprintf(half, sizeof half, "%zu", size / 2);
    MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_ONLY | MHD_RF_INSANITY_HEADER_CONTENT_LENGTH,
                             MHD_RO_END);
    if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_LENGTH, half) != MHD_YES)
        fputs("ekok-sim: no wrong Content-Length can be said\n", stderr);
}

static enum MHD_Result send_odd(const answering *a, struct MHD_Connection *c, fault_kind kind, json *body)
{
    static const heading h = {.status = 200, .type = JSON_TYPE};
    odd_body *b = malloc(sizeof *b);
    if (!b) {
        json_free(body);
        return MHD_NO;
    }
    *b = (odd_body){a, kind, *body};
    bool untold = kind == FAULT_HUGE_BODY || kind == FAULT_CUTOFF || kind == FAULT_LONGER;
    struct MHD_Response *response =
        MHD_create_response_from_callback(untold ? MHD_SIZE_UNKNOWN : body->n, 4096, odd_read, b, odd_free);
    if (!response)
        odd_free(b);
    else if (kind == FAULT_LONGER)
        say_half(response, b->body.n);
    return send_response(c, response, &h);
}

static enum MHD_Result send_garbage(const answering *a, struct MHD_Connection *c)
{
    static const heading h = {.status = 200, .type = JSON_TYPE};
    char bytes[2048];
    rng r = rng_for(a->w->seed, DRAW_FAULT, (uint64_t)a->mis);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rng_next(&r);
    return send_response(c, MHD_create_response_from_buffer(sizeof bytes, bytes, MHD_RESPMEM_MUST_COPY), &h);
}

/* Sound JSON whose rows are a sentence; where the page itself is the array, all of it is. */
static enum MHD_Result send_wrong_type(const answering *a, struct MHD_Connection *c)
{
    static const heading h = {.status = 200, .type = JSON_TYPE};
    char text[128];
    const char *rows = mis_of(a->mis)->rows;
    snprintf(text, sizeof text,
             rows ? "{\"%s\":\"service is under maintenance\"}" : "\"%sservice is under maintenance\"",
             rows ? rows : "");
    return send_response(c, MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY), &h);
}

static enum MHD_Result send_kept(struct MHD_Connection *c, const char *bytes, size_t size)
{
    static const heading h = {.status = 200, .type = JSON_TYPE};
    return send_response(
        c, MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT), &h);
}

/* All that a sound page depends on; false when it is too long to be a key. */
static bool write_key(const answering *a, const page_query *q, uint32_t epoch, char out[PAGE_KEY_TEXT])
{
    int n = snprintf(out, PAGE_KEY_TEXT, "%d %u %s %s %s", (int)a->mis, epoch, q->size ? q->size : "-",
                     q->at ? q->at : "-", q->after ? q->after : "-");
    return n > 0 && n < PAGE_KEY_TEXT;
}

static enum MHD_Result send_page(const answering *a, struct MHD_Connection *c, const fault *how)
{
    fault_kind kind = how->kind;
    const mis *system = mis_of(a->mis);
    world now = *a->w; /* the same world at today's epoch */
    json body;
    page_query q = {.size = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, system->size_param),
                    .at = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, system->at_param),
                    .after = system->after_param
                                 ? MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, system->after_param)
                                 : NULL,
                    .lost = kind == FAULT_LOSE ? (unsigned)how->number : 0,
                    .reversed = kind == FAULT_REVERSE,
                    .goes_back = kind == FAULT_BACK,
                    .overlap = kind == FAULT_OVERLAP ? (unsigned)how->number : 0,
                    .swapped = kind == FAULT_SWAP};
    if (kind == FAULT_REPEAT)
        q.at = NULL;
    unsigned epoch = epoch_now(a->options->epoch_file);
    now.epoch = epoch > EPOCHS_MAX ? EPOCHS_MAX : epoch;
    char key[PAGE_KEY_TEXT] = "";
    size_t size = 0;
    bool keeps = a->cache && kind == FAULT_NONE && write_key(a, &q, now.epoch, key);
    const char *bytes = keeps ? page_cache_find(a->cache, key, &size) : NULL;
    if (bytes)
        return send_kept(c, bytes, size);
    if (!json_init(&body, 256 * 1024))
        return MHD_NO;
    heading h = {.status = page_make(&now, a->index, a->mis, &q, &body), .type = JSON_TYPE};
    bytes = keeps && h.status == 200 ? page_cache_keep(a->cache, key, &body) : NULL;
    if (bytes)
        return send_kept(c, bytes, body.n);
    if (h.status == 200 && (kind == FAULT_TRUNCATED || kind == FAULT_DRIP || kind == FAULT_HUGE_BODY ||
                            kind == FAULT_CUTOFF || kind == FAULT_LONGER))
        return send_odd(a, c, kind, &body);
    if (kind == FAULT_PLAIN)
        h.type = "text/plain; charset=utf-8";
    return send_response(c, MHD_create_response_from_buffer(body.n, body.p, MHD_RESPMEM_MUST_FREE), &h);
}

enum MHD_Result answer(const answering *a, struct MHD_Connection *connection, const char *method,
                       const char *path)
{
    fault f = fault_now(a->options->fault_file, mis_habits_of(a->mis)->name);
    if (strcmp(method, "GET") != 0)
        return send_text(connection, &(heading){.status = 405, .type = "text/plain"}, "GET only\n");
    if (strcmp(path, mis_of(a->mis)->path) != 0)
        return send_text(connection, &(heading){.status = 404, .type = "text/plain"}, "no such path\n");
    const char *closed = gate_check(a->gate, connection, path);
    if (closed)
        return send_text(connection, &(heading){.status = 401, .type = JSON_TYPE}, closed);
    switch (f.kind) {
    case FAULT_DOWN:
        return MHD_NO;
    case FAULT_SLOW:
        wait_for(a, f.number * 1000);
        return send_page(a, connection, &f);
    case FAULT_GARBAGE:
        return send_garbage(a, connection);
    case FAULT_HTTP500:
        return send_text(connection, &(heading){.status = 500, .type = JSON_TYPE},
                         "{\"error\":\"ORA-03113\"}");
    case FAULT_HTTP429:
        return send_text(connection, &(heading){.status = 429, .type = JSON_TYPE, .retry_after = f.number},
                         "{\"error\":\"too many requests\"}");
    case FAULT_HTML:
        return send_text(connection, &(heading){.status = 200, .type = "text/html; charset=utf-8"},
                         "<!doctype html><html><title>Login</title><body>Session expired</body></html>");
    case FAULT_WRONGTYPE:
        return send_wrong_type(a, connection);
    case FAULT_REDIRECT:
        return send_text(
            connection, &(heading){.status = 302, .type = "text/html", .location = "https://localhost/login"},
            "");
    case FAULT_GZIP:
        return send_text(connection, &(heading){.status = 200, .type = JSON_TYPE, .coding = "gzip"},
                         "\x1f\x8b\x08");
    case FAULT_BUSY:
        return send_text(
            connection,
            &(heading){.status = 503, .type = JSON_TYPE, .retry_after = f.number, .as_date = true},
            "{\"error\":\"maintenance\"}");
    default:
        return send_page(a, connection, &f);
    }
}

enum MHD_Result answer_token(const answering *a, struct MHD_Connection *connection, const char *path,
                             const char *asked)
{
    char *body = NULL;
    unsigned status = gate_grant(a->gate, connection, path, asked, &body);
    enum MHD_Result result =
        send_text(connection, &(heading){.status = (int)status, .type = JSON_TYPE}, body ? body : "{}");
    free(body);
    return result;
}
