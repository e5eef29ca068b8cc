/*
 * answer.c - items by the page decoder, single objects by the record reader: the same parsers that read sources.
 */
#include "verify/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "decode/record.h"
#include "secret/seal.h"

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
    const raw_field *field = record ? raw_find(record, span_of(path)) : NULL;
    return field && field->type != RAW_NULL ? field->text : (span){NULL, 0};
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

static bool read_items(reading *r, span body, failure *f)
{
    const decode_options options = {.format = FORMAT_JSON,
                                    .rows_path = r->def->items,
                                    .row_bytes = ANSWER_ITEM_MAX,
                                    .on_record = on_item,
                                    .context = r};
    decoder *d = decoder_new(&options);
    bool good = d && decoder_feed(d, body, f) && decoder_finish(d, f);
    if (!d)
        (void)fail(f, EXIT_INTERNAL, "no memory to read an answer");
    decoder_free(d);
    if (!good)
        return false;
    for (size_t i = 0; i < r->out->count; i++)
        if (!r->seen[i])
            r->out->item[i].ref = -1;
    return true;
}

/* One object; an empty body is read as one without fields, so that a status can decide alone. */
static bool read_single(reading *r, span body, failure *f)
{
    record_reader *reader = record_reader_new(ANSWER_ITEM_MAX);
    raw_record *record = calloc(1, sizeof *record);
    reason_list damaged = {.count = 0};
    bool good = reader && record && body.n <= ANSWER_ITEM_MAX;
    if (good && body.n > 0)
        record_read(reader, body, record, &damaged);
    if (good)
        take(r, record, &r->out->item[0]);
    if (!good)
        (void)fail(f, EXIT_PARTIAL, "the answer is longer than one is");
    if (good && damaged.count > 0 && !r->out->item[0].code[0] && !r->out->refused && !r->out->exhausted)
        good = fail(f, EXIT_PARTIAL, "the answer cannot be read: %s", reason_text(damaged.item[0].code));
    free(record);
    record_reader_free(reader);
    return good;
}

static bool is_answer(const inquiry_def *def, int status)
{
    for (size_t i = 0; i < INQUIRY_STATUSES; i++)
        if (def->statuses[i] == status)
            return true;
    return false;
}

bool answer_read(const inquiry_def *def, int status, span body, answer *out, failure *f)
{
    char status_text[12];
    (void)snprintf(status_text, sizeof status_text, "%d", status);
    out->refused = out->exhausted = false;
    if (!is_answer(def, status)) {
        answer_item any = {0};
        answer only = {.item = &any, .count = 1};
        reading r = {def, status_text, &only, NULL};
        take(&r, NULL, &any);
        out->refused = only.refused;
        out->exhausted = only.exhausted;
        return out->refused || out->exhausted || fail(f, EXIT_PARTIAL, "answered %d", status);
    }
    bool *seen = calloc(out->count > 0 ? out->count : 1, sizeof *seen);
    if (!seen)
        return fail(f, EXIT_INTERNAL, "no memory to read an answer");
    reading r = {def, status_text, out, seen};
    bool good = def->items[0] ? read_items(&r, body, f) : read_single(&r, body, f);
    free(seen);
    return good;
}

bool answer_text(span body, const char *path, char *out, size_t room)
{
    record_reader *reader = body.n <= ANSWER_ITEM_MAX ? record_reader_new(ANSWER_ITEM_MAX) : NULL;
    raw_record *record = calloc(1, sizeof *record);
    reason_list damaged = {.count = 0};
    bool good = false;
    if (reader && record) {
        record_read(reader, body, record, &damaged);
        span value = damaged.count == 0 ? value_at(path, "", record) : (span){NULL, 0};
        good = value.n > 0 && value.n < room && !memchr(value.p, '\0', value.n);
        if (good)
            (void)snprintf(out, room, "%.*s", (int)value.n, value.p);
    }
    if (record)
        wipe(record, sizeof *record);
    free(record);
    record_reader_free(reader);
    return good;
}
