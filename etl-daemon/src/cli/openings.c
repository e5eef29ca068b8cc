/*
 * openings.c - see openings.h.
 */
#include "cli/openings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    openings *out;
    const char *path;
    openings_filter filter;
    uint64_t number; /* of the line that must be there, 0: none */
    const char *hash;
    bool met;
    trace_value value;
} reader;

const char *cell_row(const char *cell)
{
    const char *slash = strchr(cell, '/');
    return slash ? slash + 1 : "";
}

/* One piece of memory: the struct and its texts behind it. */
static opening *keep(const opening *o)
{
    const char *const text[] = {o->event.cell, o->event.who, o->event.why, o->user, o->topic};
    enum { TEXTS = sizeof text / sizeof *text };
    size_t size = sizeof *o;
    for (size_t i = 0; i < TEXTS; i++)
        size += strlen(text[i]) + 1;
    opening *kept = malloc(size);
    if (!kept)
        return NULL;
    *kept = *o;
    const char **to[TEXTS] = {&kept->event.cell, &kept->event.who, &kept->event.why, &kept->user,
                              &kept->topic};
    char *at = (char *)(kept + 1);
    for (size_t i = 0; i < TEXTS; i++) {
        size_t n = strlen(text[i]) + 1;
        memcpy(at, text[i], n);
        *to[i] = at;
        at += n;
    }
    return kept;
}

static bool add(openings *out, const opening *o, failure *f)
{
    if (out->count >= OPENINGS_MAX)
        return fail(f, EXIT_USAGE, "more than %d openings to compare; give --since and --until",
                    OPENINGS_MAX);
    if (out->count == out->room) {
        size_t room = out->room ? 2 * out->room : 256;
        opening **item = realloc(out->item, room * sizeof *item);
        if (!item)
            return fail(f, EXIT_INTERNAL, "no memory for the agent's trace");
        out->item = item;
        out->room = room;
    }
    out->item[out->count] = keep(o);
    return out->item[out->count++] != NULL || fail(f, EXIT_INTERNAL, "no memory for the agent's trace");
}

static bool take(void *context, const journal_line *line, failure *f)
{
    reader *r = context;
    char *last = r->out->last;
    (void)snprintf(last, OPENING_TIME, "%.*s", (int)line->time.n, line->time.p);
    if (!r->out->first[0])
        memcpy(r->out->first, last, OPENING_TIME);
    r->met = r->met || (line->number == r->number && span_equals(line->hash, r->hash));
    trace_kind kind = trace_line_read(line->text, &r->value);
    if (kind == TRACE_BROKEN)
        return fail(f, EXIT_EVIDENCE, "%s: line %" PRIu64 " lacks a part that the agent writes", r->path,
                    line->number);
    if (kind == TRACE_OTHER)
        return true;
    opening o = {.event = {line->at, r->value.of, r->value.caller, r->value.why, NULL},
                 .line = line->number,
                 .find = kind == TRACE_FIND,
                 .user = r->value.user,
                 .topic = r->value.topic};
    memcpy(o.time, last, sizeof o.time);
    return !r->filter.wanted(r->filter.context, &o) || add(r->out, &o, f);
}

static bool read_head(reader *r, const char *head, failure *f)
{
    char *end = NULL;
    r->met = !head;
    r->hash = "";
    if (!head)
        return true;
    r->number = strtoull(head, &end, 10);
    r->hash = *end == ':' ? end + 1 : "";
    return (r->number > 0 && strlen(r->hash) == JOURNAL_HASH - 1) ||
           fail(f, EXIT_USAGE, "--head: NUMBER:HASH is expected, as ekok agent status shows them");
}

bool openings_read(openings *out, const char *path, const char *head, openings_filter filter, failure *f)
{
    journal_head end;
    reader r = {.out = out, .path = path, .filter = filter};
    *out = (openings){.count = 0};
    if (!read_head(&r, head, f) || !journal_verify(path, take, &r, &end, f))
        return false;
    out->lines = end.count;
    memcpy(out->head, end.hash, sizeof out->head);
    return r.met ||
           fail(f, EXIT_EVIDENCE,
                "%s: line %" PRIu64
                " is not the one that was remembered: the end was cut off, or all of it written anew",
                path, r.number);
}

void openings_free(openings *o)
{
    for (size_t i = 0; i < o->count; i++)
        free(o->item[i]);
    free(o->item);
    *o = (openings){.count = 0};
}
