/*
 * answer.c - items as a page, single objects as object.h reads them: the same parsers that read sources, in a cell.
 */
#include "verify/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "cell/object.h"
#include "secret/seal.h"

_Static_assert((int)ANSWER_ITEM_MAX == (int)OBJECT_MAX, "an item is as long as an object may be");
enum { CODE_VALUE = 48, DIGITS_RUN = 8 };

typedef struct {
    const inquiry_def *def;
    const char *status;
    answer *out;
    bool *seen;
} reading;

/* A code's value may name a state, never a person. */
static bool harmless(span value)
{
    size_t run = 0;
    if (value.n == 0 || value.n > CODE_VALUE)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool digit = c >= '0' && c <= '9';
        run = digit ? run + 1 : 0;
        if (run >= DIGITS_RUN ||
            !(digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("_.- ", c) || c == '\0'))
            return false;
        if (c == '\0')
            return false;
    }
    return true;
}

/* The value at a rule's path; n == 0: none, null or empty. */
static span value_at(const char *path, const char *status, const raw_record *record)
{
    if (strcmp(path, "http") == 0)
        return span_of(status);
    return record ? object_text(record, path) : (span){NULL, 0};
}

static bool holds(const inquiry_rule *rule, span value)
{
    if (value.n == 0)
        return false;
    return rule->kind == RULE_ANY || span_equals(value, rule->value) == (rule->kind == RULE_IS);
}

static const inquiry_rule *first_that_holds(const inquiry_rules *rules, const char *status,
                                            const raw_record *record)
{
    for (size_t i = 0; i < rules->count; i++)
        if (holds(&rules->rule[i], value_at(rules->rule[i].path, status, record)))
            return &rules->rule[i];
    return NULL;
}

static void take(reading *r, const raw_record *record, answer_item *item)
{
    const inquiry_rule *rule = first_that_holds(&r->def->decides, r->status, record);
    r->out->refused = r->out->refused || first_that_holds(&r->def->refused, r->status, record);
    r->out->exhausted = r->out->exhausted || first_that_holds(&r->def->exhausted, r->status, record);
    item->code[0] = '\0';
    if (!rule)
        return;
    span value = value_at(rule->path, r->status, record);
    if (harmless(value))
        (void)snprintf(item->code, sizeof item->code, "%s=%.*s", rule->path, (int)value.n, value.p);
}

static bool on_item(void *context, const raw_record *record, const reason_list *damaged)
{
    reading *r = context;
    const raw_field *field = damaged->count == 0 ? raw_find(record, span_of(r->def->ref)) : NULL;
    char digits[20] = "x";
    char *end = NULL;
    if (!field || field->text.n == 0 || field->text.n >= sizeof digits)
        return true;
    (void)snprintf(digits, sizeof digits, "%.*s", (int)field->text.n, field->text.p);
    int64_t ref = strtoll(digits, &end, 10);
    if (*end != '\0' || ref <= 0)
        return true;
    for (size_t i = 0; i < r->out->count; i++) {
        if (r->out->item[i].ref != ref)
            continue;
        if (r->seen[i])
            r->out->item[i].code[0] = '\0'; /* two answers about one are none */
        else
            take(r, record, &r->out->item[i]);
        r->seen[i] = true;
    }
    return true;
}

/* Nothing was said yet. */
static void forget(void *context)
{
    reading *r = context;
    r->out->refused = r->out->exhausted = false;
    for (size_t i = 0; i < r->out->count; i++) {
        r->out->item[i].code[0] = '\0';
        r->seen[i] = false;
    }
}

static bool read_items(reading *r, const answer_body *came, failure *f)
{
    const decode_options options = {.format = FORMAT_JSON,
                                    .rows_path = r->def->items,
                                    .row_bytes = ANSWER_ITEM_MAX,
                                    .on_record = on_item,
                                    .context = r};
    if (page_read(came->reader, &options, came->body, forget, f) != CELL_WHOLE)
        return false;
    for (size_t i = 0; i < r->out->count; i++)
        if (!r->seen[i])
            r->out->item[i].ref = -1;
    return true;
}

static void on_object(void *context, const raw_record *record)
{
    reading *r = context;
    take(r, record, &r->out->item[0]);
}

/* One object; without one that can be read a status can still decide alone. */
static bool read_single(reading *r, const answer_body *came, failure *f)
{
    failure why = {.code = EXIT_DONE, .text = ""};
    bool good = came->body.n > 0 && object_read(came->reader, came->body, on_object, r, &why);
    if (good)
        return true;
    forget(r);
    take(r, NULL, &r->out->item[0]);
    bool decided = r->out->item[0].code[0] || r->out->refused || r->out->exhausted;
    if (came->body.n == 0 || (decided && why.code != EXIT_INTERNAL))
        return true;
    *f = why;
    return false;
}

static bool is_answer(const inquiry_def *def, int status)
{
    for (size_t i = 0; i < INQUIRY_STATUSES; i++)
        if (def->statuses[i] == status)
            return true;
    return false;
}

bool answer_read(const inquiry_def *def, const answer_body *came, answer *out, failure *f)
{
    char status_text[12];
    (void)snprintf(status_text, sizeof status_text, "%d", came->status);
    out->refused = out->exhausted = false;
    if (!is_answer(def, came->status)) {
        answer_item any = {0};
        answer only = {.item = &any, .count = 1};
        reading r = {def, status_text, &only, NULL};
        take(&r, NULL, &any);
        out->refused = only.refused;
        out->exhausted = only.exhausted;
        return out->refused || out->exhausted || fail(f, EXIT_PARTIAL, "answered %d", came->status);
    }
    bool *seen = calloc(out->count > 0 ? out->count : 1, sizeof *seen);
    if (!seen)
        return fail(f, EXIT_INTERNAL, "no memory to read an answer");
    reading r = {def, status_text, out, seen};
    bool good = def->items[0] ? read_items(&r, came, f) : read_single(&r, came, f);
    free(seen);
    return good;
}

typedef struct {
    const answer_place *place;
    bool found;
} looking;

static void look(void *context, const raw_record *record)
{
    looking *l = context;
    const answer_place *place = l->place;
    span value = object_text(record, place->path);
    l->found = value.n > 0 && value.n < place->room && !memchr(value.p, '\0', value.n);
    if (l->found)
        (void)snprintf(place->out, place->room, "%.*s", (int)value.n, value.p);
}

bool answer_text(const page_reader *reader, span body, const answer_place *place, failure *f)
{
    looking l = {place, false};
    bool read = object_read(reader, body, look, &l, f);
    if (!read)
        wipe(place->out, place->room);
    return read && (l.found || fail(f, EXIT_PARTIAL, "the answer has none at %s", place->path));
}
