/*
 * pages.c - see pages.h. Each style turns its position into a record number; since walks epoch by epoch.
 */
#include "pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "text.h"

enum { TOKEN_TEXT = 32 };
static const uint64_t token_mask = 0x5bd1e995c6a4a793U;

typedef struct {
    const world *w;
    const rank_index *index;
    const mis *system;
    mis_id id;
    uint64_t size;
    const page_query *query;
    json *out;
} page;

/* A cursor looks opaque and carries a check, so that an invented one is refused. */
static void token_write(uint64_t rank, char out[TOKEN_TEXT])
{
    snprintf(out, TOKEN_TEXT, "%016" PRIx64 "%04x", rank ^ token_mask, (unsigned)mix64(rank) & 0xFFFF);
}

static bool token_read(const char *token, uint64_t *rank)
{
    char text[TOKEN_TEXT];
    if (strlen(token) != 20)
        return false;
    snprintf(text, sizeof text, "%.16s", token);
    *rank = strtoull(text, NULL, 16) ^ token_mask;
    token_write(*rank, text);
    return strcmp(text, token) == 0;
}

static bool number_read(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    if (!text || *text < '0' || *text > '9' || strlen(text) > 12)
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && *out <= most;
}

static void write_record(page *p, const rank_walk *walk)
{
    record r;
    record_make(walk, &r);
    p->system->row(p->out, &r);
    if (r.defect == DEFECT_DUPLICATE)
        p->system->row(p->out, &r);
}

static bool is_lost(const page *p, uint64_t rank)
{
    return mix64(rank ^ token_mask) % 1000 < p->query->lost;
}

/* One by one from the last: slow, and only for a fault. */
static void write_reversed(page *p, uint64_t from, uint64_t count)
{
    rank_walk walk;
    while (count-- > 0) {
        rank_walk_begin(&walk, p->w, p->index, p->id, from + count);
        if (rank_next(&walk))
            write_record(p, &walk);
    }
}

/* Records `from` to `from` + size - 1; returns the number of the next one. */
static uint64_t write_run(page *p, uint64_t from)
{
    rank_walk walk;
    uint64_t n = 0, left = ranks_total(p->index, p->id) - from;
    if (p->query->reversed) {
        write_reversed(p, from, left < p->size ? left : p->size);
        return from + (left < p->size ? left : p->size);
    }
    rank_walk_begin(&walk, p->w, p->index, p->id, from);
    while (n < p->size && rank_next(&walk)) {
        if (!is_lost(p, from + n))
            write_record(p, &walk);
        n++;
    }
    return from + n;
}

/* Records last touched in this epoch, from a number on; returns how many were written. */
static uint64_t write_epoch(page *p, uint32_t epoch, uint64_t from, uint64_t most)
{
    rank_walk walk;
    uint64_t n = 0, total = ranks_total(p->index, p->id), at = UINT64_MAX;
    for (uint64_t rank = from; rank < total && n < most; rank++) {
        if (change_epoch(p->w, p->id, rank) != epoch)
            continue;
        if (at == UINT64_MAX || rank > at + 256)
            rank_walk_begin(&walk, p->w, p->index, p->id, rank);
        while (rank_next(&walk) && walk.rank <= rank)
            ;
        at = rank;
        if (is_lost(p, rank))
            continue;
        write_record(p, &walk);
        n++;
    }
    return n;
}

static void write_since(page *p, uint32_t epoch, uint64_t rank)
{
    uint64_t n = 0;
    for (; epoch <= p->w->epoch && n < p->size; epoch++, rank = 0)
        n += write_epoch(p, epoch, rank, p->size - n);
}

/* The place behind (time, id): ids end in the record's number, counted from 1. */
static bool since_read(const page_query *q, mis_id id, uint32_t *epoch, uint64_t *rank)
{
    *epoch = 0;
    *rank = 0;
    if (!q->at)
        return true;
    int64_t time = text_read_time(q->at);
    if (time < 0)
        return false;
    change_at(id, time, epoch, rank);
    if (!q->after)
        return true;
    size_t length = strlen(q->after), digits = length > 8 ? 8 : length;
    uint64_t seen = strtoull(q->after + length - digits, NULL, 10);
    while (*rank < seen && change_time(id, *rank, *epoch) == time)
        ++*rank;
    return true;
}

static int refuse(json *out, const char *why)
{
    out->n = 0;
    out->comma = false;
    json_open(out, NULL, '{');
    json_text(out, "error", why);
    json_close(out, '}');
    return out->failed ? 500 : 400;
}

typedef struct {
    uint64_t rank, number;
    uint32_t epoch;
} page_position;

static const char *position_read(const page *p, const page_query *q, page_position *at)
{
    *at = (page_position){.number = p->system->first};
    switch (p->system->style) {
    case PAGED_BY_PAGE:
        if (q->at && (!number_read(q->at, 1000000000, &at->number) || at->number < p->system->first))
            return "there is no such page";
        at->rank = at->number - p->system->first;
        if (q->swapped && (at->rank == 1 || at->rank == 2))
            at->rank = 3 - at->rank;
        at->rank *= p->size;
        return NULL;
    case PAGED_BY_OFFSET:
        if (q->at && !number_read(q->at, 1000000000, &at->rank))
            return "there is no such offset";
        at->number = at->rank;
        at->rank -= at->rank < q->overlap ? at->rank : q->overlap;
        return NULL;
    case PAGED_BY_CURSOR:
        return q->at && !token_read(q->at, &at->rank) ? "the cursor is not one of ours" : NULL;
    case PAGED_BY_SINCE:
        return since_read(q, p->id, &at->epoch, &at->rank) ? NULL : "the time is not readable";
    }
    return "there is no such paging";
}

static void write_page(page *p, const page_position *at)
{
    char token[TOKEN_TEXT];
    page_facts facts = {.total = ranks_total(p->index, p->id), .at = at->number, .size = p->size};
    if (p->system->rows)
        json_open(p->out, NULL, '{');
    if (p->system->head)
        p->system->head(p->out, &facts);
    json_open(p->out, p->system->rows, '[');
    if (p->system->style == PAGED_BY_SINCE) {
        write_since(p, at->epoch, at->rank);
    } else {
        uint64_t next = write_run(p, at->rank);
        token_write(p->query->goes_back && at->rank == 2 * p->size ? p->size : next, token);
        facts.next = next < facts.total ? token : NULL;
    }
    json_close(p->out, ']');
    if (p->system->tail)
        p->system->tail(p->out, &facts);
    if (p->system->rows)
        json_close(p->out, '}');
}

int page_make(const world *w, const rank_index *index, mis_id id, const page_query *query, json *out)
{
    page p = {.w = w, .index = index, .system = mis_of(id), .id = id, .query = query, .out = out};
    page_position at;
    p.size = p.system->size;
    if (query->size && (!number_read(query->size, p.system->size_max, &p.size) || p.size == 0))
        return refuse(out, "the page size is not one we serve");
    const char *problem = position_read(&p, query, &at);
    if (problem)
        return refuse(out, problem);
    out->spaced = p.system->spaced;
    out->escaped = p.system->escaped;
    write_page(&p, &at);
    return out->failed ? 500 : 200;
}
