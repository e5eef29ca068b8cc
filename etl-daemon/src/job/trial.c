/*
 * trial.c - a run without its books. Refuses folders: their files are taken once, and a trial must take nothing.
 */
#include "job/trial.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cell/cell.h"
#include "job/fetch.h"
#include "job/message.h"
#include "map/contract.h"
#include "map/map.h"
#include "row/mask.h"
#include "row/row.h"
#include "secret/seal.h"
#include "source/paging.h"
#include "validate/validate.h"

typedef struct {
    const job_task *task;
    cell reader;
    FILE *out;
    int shown;
    int64_t records, taken;
    civil_date today;
    contract_watch promises;
    map_scratch scratch;
    mapped_record mapped;
    registry_row row;
} trial;

/* Where a field's value comes from, as the definition says it. */
static void print_origin(FILE *out, const source_def *def, target field)
{
    bool first = true;
    for (size_t i = 0; i < def->rules; i++) {
        const map_rule *rule = &def->rule[i];
        if (rule->to != field)
            continue;
        (void)fputs(first ? "" : ", ", out);
        if (rule->paths == 0)
            (void)fprintf(out, "'%s'", rule->literal);
        for (int p = 0; p < rule->paths; p++)
            (void)fprintf(out, "%s%s", p ? " + " : "", rule->path[p]);
        first = false;
    }
}

static void print_fields(trial *t)
{
    char masked[MASK_TEXT];
    for (unsigned field = 0; field < TARGET_COUNT; field++) {
        if (t->mapped.value[field].n == 0)
            continue;
        mask_value((target)field, t->mapped.value[field], masked);
        (void)fprintf(t->out, "field\t%s\t%s\t", target_name((target)field), masked);
        print_origin(t->out, t->task->def, (target)field);
        (void)fputc('\n', t->out);
    }
    wipe(masked, sizeof masked);
}

static void print_reasons(FILE *out, const reason_list *reasons)
{
    for (size_t i = 0; i < reasons->count; i++) {
        const reason *r = &reasons->item[i];
        (void)fprintf(out, "reason\t%s\t%s\t%s\n", reason_name(r->code),
                      r->field == TARGET_COUNT ? "" : target_name(r->field),
                      r->detail ? r->detail : reason_text(r->code));
    }
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    trial *t = context;
    reason_list reasons = *damaged;
    memset(&t->mapped, 0, sizeof t->mapped);
    bool good = damaged->count == 0;
    if (good) {
        contract_see(&t->promises, t->task->def, record);
        map_record(t->task->def, record, &t->scratch, &t->mapped, &reasons);
        good = validate_record(t->task->def, &t->mapped, t->today, &t->row, &reasons);
    }
    t->taken += good;
    if (t->records++ < t->shown) {
        (void)fprintf(t->out, "record\t%" PRId64 "\t%s\n", t->records, good ? "taken" : "quarantined");
        print_fields(t);
        print_reasons(t->out, &reasons);
    }
    row_wipe(&t->row);
    wipe(&t->scratch, sizeof t->scratch);
    return true;
}

static bool read_page(trial *t, span body, const paging *at, failure *f)
{
    const source_def *def = t->task->def;
    const decode_options options = {.format = def->format,
                                    .table = &def->table,
                                    .rows_path = def->rows,
                                    .envelope = {def->total[0] ? def->total : NULL},
                                    .row_bytes = def->row_bytes,
                                    .on_record = on_record,
                                    .context = t};
    char why[DRIFT_TEXT];
    span total = {NULL, 0};
    bool whole =
        cell_decode(&t->reader, &options, body, f) == CELL_WHOLE && message_answers(&t->reader, at, f);
    if (!whole || !cell_envelope(&t->reader, 0, &total) || total.n == 0)
        total = span_of("-1");
    (void)fprintf(t->out, "page\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%.*s\n", t->records, t->taken,
                  t->records - t->taken, (int)total.n, total.p);
    if (!contract_kept(&t->promises, def, why))
        (void)fprintf(t->out, "drift\t%s\n", why);
    return whole;
}

/* As a run does: what is read is what is signed. */
static bool open_page(trial *t, span body, const paging *at, failure *f)
{
    buf payload;
    if (!t->task->signer)
        return read_page(t, body, at, f);
    buf_init(&payload, body.n + 4);
    bool good = message_open(t->task, body, &payload, f) && read_page(t, buf_span(&payload), at, f);
    wipe(payload.data, payload.size);
    buf_free(&payload);
    return good;
}

static bool on_retry(void *context, int milliseconds, failure *why)
{
    (void)context, (void)milliseconds, (void)why;
    return true;
}

static bool fetch_and_read(trial *t, page_memory *body, failure *f)
{
    paging at;
    char url[PAGING_URL_TEXT];
    http_client *client = http_client_new(t->task->identity, f);
    fetcher fetch = {.task = t->task, .client = client, .body = body, .on_retry = on_retry, .at = &at};
    (void)paging_start(&at, t->task->def, NULL);
    bool good = client && (paging_url(&at, url) || fail(f, EXIT_CONFIG, "the source's address is too long"));
    good = good && fetch_page(&fetch, url, f) == FETCH_DONE && open_page(t, page_memory_span(body), &at, f);
    http_client_free(client);
    return good;
}

bool trial_run(const job_task *task, int shown, FILE *out, failure *f)
{
    page_memory body;
    if (task->def->style == PAGING_FILE)
        return fail(f, EXIT_USAGE,
                    "a folder is not tried: its files are taken once; add the definition, run it on a "
                    "copy of a file, and see ekok quarantine list");
    trial *t = calloc(1, sizeof *t);
    if (!t || !page_memory_open(&body, task->pool, task->def->page_bytes, false)) {
        free(t);
        return fail(f, EXIT_INTERNAL, "no memory for a page");
    }
    t->task = task;
    t->out = out;
    t->shown = shown;
    t->today = date_in_dhaka(0);
    contract_begin(&t->promises, NULL);
    bool good = cell_open(&t->reader, task->home, task->def->row_bytes) ||
                fail(f, EXIT_INTERNAL, "no memory for a decoder");
    good = good && fetch_and_read(t, &body, f);
    cell_close(&t->reader);
    page_memory_close(&body);
    free(t);
    return good;
}
