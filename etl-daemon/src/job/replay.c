/*
 * replay.c - a batch of quarantined records is opened, judged one by one, and written as a page of its own, which goes
 * through page_work like any other. Clear records live in one batch's memory and are wiped.
 */
#include "job/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "job/page_work.h"
#include "load/load_row.h"
#include "load/load_run.h"
#include "secret/seal.h"
#include "validate/validate.h"

enum { BATCH = 500, LIST_TEXT = BATCH * 40 + 8, BATCH_BYTES = 2 << 20, ARENA = 4 << 20 };

/* $1 source, $2 after this number, $3 reason, $4 since, $5 until, $6 most bytes (the first record always fits) */
static const char NEXT[] =
    "SELECT id, encode(row_mac, 'hex'), sealed, at, reasons -> 0 ->> 'line' FROM ("
    "SELECT q.*, sum(octet_length(sealed)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS n "
    "FROM etl.quarantine q WHERE source = $1 AND id > $2::bigint AND resolved_run IS NULL "
    "AND ($3::text IS NULL OR jsonb_path_exists(reasons, '$[*].reason ? (@ == $r)', jsonb_build_object('r', "
    "$3::text))) "
    "AND ($4::date IS NULL OR at >= $4::date) AND ($5::date IS NULL OR at < $5::date)) x "
    "WHERE n = 1 OR n <= 500 AND bytes <= $6::bigint ORDER BY id";

typedef enum { LEFT_OUT, STILL_BAD, GOOD, SUPERSEDED } fate;

typedef struct {
    char id[24], at[40], uuid[LOAD_UUID];
    span bytes; /* in the batch's memory */
    int line;   /* of its file, 1 where it has none */
    int records;
    fate is;
} item;

typedef struct {
    const job_task *task;
    const replay_filter *filter;
    replay_result *out;
    pg_session *pg;
    cell decoder;
    page_work work;
    source_def def; /* the definition in force, made to read a batch: one list, no contract */
    job_task batch_task;
    char *clear, *body; /* ARENA bytes each: the opened records, and the page made of them */
    size_t clear_size, body_size;
    item item[BATCH];
    int items;
    char after[24];
    char ids[LIST_TEXT], uuids[LIST_TEXT], superseded[LIST_TEXT]; /* array literals for the database */

    /* of the record that is judged */
    item *judged;
    registry_row row;
    mapped_record mapped;
    map_scratch scratch;
} replay;

/* Opens one sealed record behind those before it. */
static bool open_item(replay *r, const char *mac, const char *hex, item *to, failure *f)
{
    size_t n = strlen(hex) / 2;
    uint8_t *sealed = malloc(n + 1);
    if (!sealed || r->clear_size + n > ARENA) {
        free(sealed);
        return fail(f, EXIT_INTERNAL, "no memory for a batch of quarantined records");
    }
    n = hex_read_bytea(hex, sealed, n);
    opened_value opened = {(uint8_t *)r->clear + r->clear_size, n, 0};
    const sealed_value value = {{"etl.quarantine", "sealed", span_of(mac)},
                                {(const char *)sealed, n},
                                {"replay of quarantined records", NULL}};
    bool good = sealer_unseal(r->task->keys, &value, &opened, f);
    free(sealed);
    to->bytes = (span){r->clear + r->clear_size, opened.size};
    r->clear_size += opened.size;
    return good;
}

/* A line of CSV is a page of its own, with the header that it came under; of all others a batch makes one page. */
static bool one_a_page(const replay *r)
{
    return r->def.format == FORMAT_CSV;
}

static bool read_batch(replay *r, failure *f)
{
    char most[16];
    (void)snprintf(most, sizeof most, "%d", one_a_page(r) ? 0 : BATCH_BYTES);
    const char *param[] = {r->task->def->name, r->after,         r->filter->reason,
                           r->filter->since,   r->filter->until, most};
    pg_rows *rows = pg_query(r->pg, NEXT, 6, param, f);
    if (!rows)
        return false;
    bool good = true;
    r->clear_size = 0;
    r->items = 0;
    for (int row = 0; good && row < pg_rows_count(rows) && row < BATCH; row++) {
        item *to = &r->item[r->items++];
        *to = (item){.is = LEFT_OUT};
        (void)snprintf(to->id, sizeof to->id, "%s", pg_rows_get(rows, row, 0));
        (void)snprintf(to->at, sizeof to->at, "%s", pg_rows_get(rows, row, 3));
        const char *line = pg_rows_get(rows, row, 4);
        to->line = line && atoi(line) > 0 ? atoi(line) : 1;
        good = open_item(r, pg_rows_get(rows, row, 1), pg_rows_get(rows, row, 2), to, f);
    }
    pg_rows_free(rows);
    if (r->items > 0)
        memcpy(r->after, r->item[r->items - 1].id, sizeof r->after);
    r->out->looked_at += r->items;
    return good;
}

static void add_body(replay *r, span part)
{
    memcpy(r->body + r->body_size, part.p, part.n);
    r->body_size += part.n;
}

/* What stands around a record so that it is a page, or a part of one: a list, or a numbered row of a workbook. */
static void add_record(replay *r, const item *one, bool first)
{
    char number[16];
    bool row = r->def.format == FORMAT_XLSX;
    (void)snprintf(number, sizeof number, "%d\t", one->line);
    if (row)
        add_body(r, span_of(number));
    else if (!one_a_page(r))
        add_body(r, span_of(first ? "[" : ","));
    add_body(r, one->bytes);
    if (row)
        add_body(r, span_of("\n"));
}

static void end_page(replay *r)
{
    if (r->def.format == FORMAT_JSON)
        add_body(r, span_of("]"));
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    replay *r = context;
    reason_list reasons = *damaged;
    r->judged->is = STILL_BAD;
    r->judged->records++;
    if (damaged->count > 0)
        return true;
    map_record(&r->def, record, &r->scratch, &r->mapped, &reasons);
    if (validate_record(&r->def, &r->mapped, r->work.today, &r->row, &reasons) && load_row_fits(&r->row) &&
        row_uuid(span_of(r->def.name), span_of(r->row.record_id), r->judged->uuid))
        r->judged->is = GOOD;
    row_wipe(&r->row);
    wipe(&r->scratch, sizeof r->scratch);
    return true;
}

/*
 * A record whose framing is lost would break the page it stands on: it stays out. So does a line of CSV under a header
 * of more or fewer rows than are declared now.
 */
static bool judge(replay *r, item *one, failure *f)
{
    const decode_options options = {.format = r->def.format,
                                    .table = &r->def.table,
                                    .first_line = one->line,
                                    .rows_path = "",
                                    .row_bytes = r->def.row_bytes,
                                    .on_record = on_record,
                                    .context = r};
    failure lost;
    r->judged = one;
    r->body_size = 0;
    add_record(r, one, true);
    end_page(r);
    cell_answer answer = cell_decode(&r->decoder, &options, (span){r->body, r->body_size}, &lost);
    if (answer == CELL_FAILED)
        return fail(f, EXIT_INTERNAL, "%s", lost.text);
    if (answer != CELL_WHOLE || one->records != 1)
        one->is = LEFT_OUT;
    r->out->unreadable += one->is == LEFT_OUT;
    return true;
}

/* Of two good records with one id the later counts. */
static void leave_out_earlier(replay *r)
{
    for (int i = 0; i < r->items; i++)
        for (int later = i + 1; r->item[i].is == GOOD && later < r->items; later++)
            if (r->item[later].is == GOOD && strcmp(r->item[later].uuid, r->item[i].uuid) == 0)
                r->item[i].is = SUPERSEDED;
}

typedef const char *(*item_text)(const item *one);

static const char *id_of(const item *one)
{
    return one->id;
}

static const char *uuid_of(const item *one)
{
    return one->uuid;
}

static const char *time_of(const item *one)
{
    return one->at;
}

/* "{a,b}" of the items of that fate; ids, uuids and times hold nothing but a blank that would need quoting. */
static void write_list(const replay *r, fate is, item_text text, char out[LIST_TEXT])
{
    size_t n = 1;
    out[0] = '{';
    for (int i = 0; i < r->items; i++)
        if (r->item[i].is == is)
            n += (size_t)snprintf(out + n, LIST_TEXT - n, "%s\"%s\"", n > 1 ? "," : "", text(&r->item[i]));
    (void)snprintf(out + n, LIST_TEXT - n, "}");
}

static bool leave_out_superseded(replay *r, failure *f)
{
    char times[LIST_TEXT];
    write_list(r, GOOD, uuid_of, r->uuids);
    write_list(r, GOOD, time_of, times);
    const char *param[] = {r->def.name, r->uuids, times};
    pg_rows *rows = pg_query(
        r->pg, "SELECT unnest(etl.list_superseded($1::text, $2::uuid[], $3::timestamptz[]))", 3, param, f);
    if (!rows)
        return false;
    for (int row = 0; row < pg_rows_count(rows); row++)
        for (int i = 0; i < r->items; i++)
            if (r->item[i].is == GOOD && strcmp(r->item[i].uuid, pg_rows_get(rows, row, 0)) == 0)
                r->item[i].is = SUPERSEDED;
    pg_rows_free(rows);
    return true;
}

/* The arena holds two batches, so there is room for what stands around and between 500 records. */
static void write_page(replay *r)
{
    bool first = true;
    r->body_size = 0;
    for (int i = 0; i < r->items; i++) {
        if (r->item[i].is != GOOD && r->item[i].is != STILL_BAD)
            continue;
        add_record(r, &r->item[i], first);
        first = false;
    }
    if (!first)
        end_page(r);
}

/* A page_work's before_commit. */
static bool resolve(void *context, failure *f)
{
    replay *r = context;
    char run[24];
    (void)snprintf(run, sizeof run, "%" PRId64, r->out->run_id);
    const char *param[] = {run, r->ids, r->uuids, r->superseded};
    return pg_run(r->pg,
                  r->def.records == RECORDS_MEMBERS
                      ? "SELECT etl.resolve_members($1::bigint, $2::bigint[], $3::uuid[], $4::bigint[])"
                      : "SELECT etl.resolve_quarantined($1::bigint, $2::bigint[], $3::uuid[], $4::bigint[])",
                  4, param, f);
}

static void count(replay *r, const page_report *page)
{
    replay_result *o = r->out;
    o->fetched += page->records;
    o->inserted += page->counts.inserted;
    o->updated += page->counts.updated;
    o->unchanged += page->counts.unchanged;
    o->quarantined += page->counts.quarantined;
    o->refused += page->counts.refused;
    for (int i = 0; i < r->items; i++)
        o->superseded += r->item[i].is == SUPERSEDED;
}

static bool load_batch(replay *r, int page_number, failure *f)
{
    uint8_t sha256[SHA256_BYTES];
    page_report page = {.total = -1};
    const source_format format = r->def.format;
    paging at;
    write_page(r);
    write_list(r, GOOD, id_of, r->ids);
    write_list(r, GOOD, uuid_of, r->uuids);
    write_list(r, SUPERSEDED, id_of, r->superseded);
    if (r->body_size == 0) {
        add_body(r, span_of("[]"));
        r->def.format = FORMAT_JSON; /* a page without records, as any format could write it */
    }
    const span body = {r->body, r->body_size};
    if (!sha256_of(body, sha256))
        return fail(f, EXIT_INTERNAL, "a batch could not be hashed");
    page_mark mark = {
        .run_id = r->out->run_id, .number = page_number, .sha256 = sha256, .bytes = (int64_t)body.n};
    (void)paging_start(&at, &r->def, NULL);
    at.line = r->item[0].line;
    at.slice = -1;
    at.last = true;
    page_outcome outcome = page_work_load(&r->work, body, &mark, &at, &page);
    r->def.format = format;
    if (outcome != PAGE_LOADED) {
        *f = page.why;
        return false;
    }
    count(r, &page);
    return true;
}

static bool next_batch(replay *r, int page_number, bool *more, failure *f)
{
    bool good = read_batch(r, f);
    *more = r->items > 0;
    for (int i = 0; good && i < r->items; i++)
        good = judge(r, &r->item[i], f);
    if (good && *more) {
        leave_out_earlier(r);
        good = leave_out_superseded(r, f) && load_batch(r, page_number, f);
    }
    wipe(r->clear, r->clear_size);
    wipe(r->body, r->body_size);
    return good;
}

/* What a batch is read by: the mapping in force, one list, neither pages nor a contract. */
static void make_definition(replay *r)
{
    r->def = *r->task->def;
    r->def.style =
        r->def.format == FORMAT_CSV ? PAGING_FILE : PAGING_WHOLE; /* a line has its place in a file */
    r->def.rows[0] = r->def.total[0] = '\0';
    r->def.fields = 0;
    if (r->def.format != FORMAT_XLSX && r->def.format != FORMAT_CSV)
        r->def.format = FORMAT_JSON;
    r->batch_task = *r->task;
    r->batch_task.def = &r->def;
    r->batch_task.signer = NULL;
}

static bool open_replay(replay *r, failure *f)
{
    r->pg = pg_open(r->task->conninfo, "ekok-etld", f);
    if (!r->pg || !cell_open(&r->decoder, r->task->home, r->def.row_bytes) ||
        !page_work_open(&r->work, &r->batch_task, &r->decoder, r->pg, f))
        return false;
    r->work.before_commit = resolve;
    r->work.context = r;
    (void)snprintf(r->after, sizeof r->after, "0");
    return load_run_open_replay(r->pg, r->task->def, r->task->lease_seconds, &r->out->run_id, f);
}

static bool run_batches(replay *r, failure *f)
{
    failure closing;
    bool more = true, good = true, held;
    for (int page = 1; good && more; page++)
        good = next_batch(r, page, &more, f);
    const run_end end = {good ? "finished" : "failed", good ? NULL : f->text, -1};
    if (pg_lost(r->pg) || !load_run_close(r->pg, r->out->run_id, &end, &held, &closing))
        return good && fail(f, EXIT_DATABASE, "the replay's run could not be closed");
    return good;
}

bool replay_run(const job_task *task, const replay_filter *filter, replay_result *out, failure *f)
{
    *out = (replay_result){.run_id = 0};
    replay *r = calloc(1, sizeof *r);
    if (!r)
        return fail(f, EXIT_INTERNAL, "no memory for a replay");
    r->task = task;
    r->filter = filter;
    r->out = out;
    make_definition(r);
    r->decoder.fd = -1;
    r->clear = malloc(ARENA);
    r->body = malloc(ARENA);
    bool good = (r->clear && r->body) || fail(f, EXIT_INTERNAL, "no memory for a replay");
    good = good && open_replay(r, f) && run_batches(r, f);
    page_work_close(&r->work);
    cell_close(&r->decoder);
    pg_close(r->pg);
    free(r->clear);
    free(r->body);
    free(r);
    return good;
}
