/*
 * sight_json.c - sight_print_json of sight_print.h: every reading and every opening with all that is known of it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_text.h"
#include "cli/sight_print.h"

enum { OBJECT_ROOM = 64 << 10 };

/* ", " before every member but the first; NULL: null. */
static bool add_member(buf *out, const char *name, const char *text)
{
    return (out->data[out->size - 1] == '{' || buf_add_text(out, ", ")) && json_add_string(out, name) &&
           buf_add_text(out, ": ") && (text ? json_add_string(out, text) : buf_add_text(out, "null"));
}

static bool add_opening(buf *out, const opening *o)
{
    return buf_printf(out, "{\"line\": %" PRIu64, o->line) && add_member(out, "at", o->time) &&
           add_member(out, "caller", o->event.who) && (!o->user[0] || add_member(out, "user", o->user)) &&
           add_member(out, "of", o->event.cell) && add_member(out, "purpose", o->event.why) &&
           add_member(out, "case", o->topic[0] ? o->topic : NULL) && buf_add_char(out, '}');
}

static bool add_reading(buf *out, const sight *s, const reading *r)
{
    bool good = buf_add_char(out, '{') && add_member(out, "at", r->time) &&
                add_member(out, "login", r->event.who) && add_member(out, "holder", r->holder) &&
                add_member(out, "seen", r->seen) && add_member(out, "row", r->row) &&
                add_member(out, "person", r->person) && add_member(out, "purpose", r->event.why);
    if (good && s->with_trace && r->sealed) {
        good = buf_add_text(out, ", \"opened\": ");
        good = good && (r->event.other ? add_opening(out, (const opening *)(const void *)r->event.other)
                                       : buf_add_text(out, "null"));
    }
    return good && buf_add_char(out, '}');
}

/* An object behind those before it. */
static bool put(buf *out, bool *first)
{
    bool good = printf("%s\n  %.*s", *first ? "" : ",", (int)out->size, out->data) > 0;
    *first = false;
    buf_clear(out);
    return good;
}

static bool put_openings(const sight *s, buf *out, bool finds)
{
    bool first = true, good = true;
    for (size_t i = 0; good && i < s->trace.count; i++) {
        const opening *o = s->trace.item[i];
        if (o->find == finds && !o->event.other && sight_asks_for(s, o))
            good = add_opening(out, o) && put(out, &first);
    }
    return good;
}

static bool put_readings(const sight *s, buf *out)
{
    bool first = true, good = true;
    for (size_t i = 0; good && i < s->readings; i++)
        if (s->reading[i].asked)
            good = add_reading(out, s, &s->reading[i]) && put(out, &first);
    return good;
}

static bool put_head(const sight *s, buf *out)
{
    bool good = buf_add_char(out, '{') && add_member(out, "subject", s->subject);
    if (good && s->with_trace)
        good = buf_printf(out, ",\n \"agent_trace\": {\"lines\": %" PRIu64, s->trace.lines) &&
               add_member(out, "head", s->trace.head) && add_member(out, "from", s->trace.first) &&
               add_member(out, "until", s->trace.last) &&
               buf_printf(out, "},\n \"unopened\": %zu, \"unread\": %zu", s->unopened, s->unread);
    else
        good = good && buf_add_text(out, ",\n \"agent_trace\": null");
    good = good && printf("%.*s,\n \"readings\": [", (int)out->size, out->data) > 0;
    buf_clear(out);
    return good;
}

bool sight_print_json(const sight *s, failure *f)
{
    buf out;
    buf_init(&out, OBJECT_ROOM);
    bool good = put_head(s, &out) && put_readings(s, &out) && printf("],\n \"looked_for\": [") > 0 &&
                put_openings(s, &out, true) && printf("],\n \"openings_without_reading\": [") > 0 &&
                put_openings(s, &out, false) && puts("]}") >= 0;
    buf_free(&out);
    return good || fail(f, EXIT_INTERNAL, "the answer cannot be printed");
}
