/*
 * page_work.c - the way of each record of a page. A damaged or invalid record is set aside with its reasons
 * and the page goes on; only lost framing, or a decoder that dies of it again and again, breaks a page, and only the
 * database or the crypto library can make it fail.
 */
#include "job/page_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "job/message.h"
#include "job/reading.h"
#include "load/load_bad.h"
#include "load/load_member.h"
#include "load/load_row.h"
#include "load/load_run.h"
#include "secret/seal.h"
#include "source/skew.h"
#include "validate/plain.h"
#include "validate/validate.h"

enum { ENVELOPE_TOTAL, ENVELOPE_NEXT, TRIES = 3, DEATHS = 3 };

/* How one attempt went: as page_outcome, or the decoder died and nothing is known of the page. */
typedef enum {
    TRY_LOADED = PAGE_LOADED,
    TRY_BROKEN = PAGE_BROKEN,
    TRY_FAILED = PAGE_FAILED,
    TRY_DRIFTED = PAGE_DRIFTED,
    TRY_GATHERED = PAGE_GATHERED,
    TRY_ASK_AGAIN = PAGE_ASK_AGAIN,
    TRY_DIED
} try_outcome;

void page_work_today(page_work *w)
{
    w->today = date_in_dhaka(0);
    w->latest = date_in_dhaka(READING_DAYS);
}

bool page_work_open(page_work *w, const job_task *task, cell *reader, pg_session *pg, failure *f)
{
    *w = (page_work){.task = task, .decoder = reader};
    page_work_today(w);
    sealer_look(task->keys); /* so that the reading names the keys by which its pages are sealed */
    w->remembers = load_lists_all(task->def) && !task->signer && task->def->records != RECORDS_MEMBERS &&
                   reading_of(task->def, task->keys, house_program(task->home), w->reading);
    id_set_init(&w->ids);
    load_writer_init(&w->writer, task->keys, task->def->row_bytes);
    load_page_init(&w->load, pg, load_line_max(task->def->row_bytes));
    w->load.seal = &w->writer.seal;
    w->load.members = task->def->records == RECORDS_MEMBERS;
    return load_page_prepare(&w->load, f);
}

void page_work_close(page_work *w)
{
    id_set_free(&w->ids);
    load_writer_free(&w->writer);
    load_page_free(&w->load);
}

/* Remembers a scalar of the record as text; what is missing or too long leaves the last one standing. */
static void note(char out[PAGING_VALUE_TEXT], const raw_record *record, const char *path)
{
    const raw_field *field = raw_find(record, span_of(path));
    if (!field || field->text.n == 0 || field->text.n >= PAGING_VALUE_TEXT)
        return;
    memcpy(out, field->text.p, field->text.n);
    out[field->text.n] = '\0';
}

/*
 * Both or neither: a time of one record with the id of another would be no position. A time in the future is none: such
 * a record is asked for again until its time has come.
 */
static void note_position(page_work *w, const raw_record *record)
{
    char since[PAGING_VALUE_TEXT] = "", after[PAGING_VALUE_TEXT] = "";
    if (w->task->def->style != PAGING_SINCE)
        return;
    note(since, record, w->task->def->since_field);
    note(after, record, w->task->def->after_field);
    if (!since[0] || !after[0])
        return;
    if (skew_ahead(span_of(since), time(NULL))) {
        w->ahead++;
        return;
    }
    memcpy(w->since, since, sizeof since);
    memcpy(w->after, after, sizeof after);
}

static bool failed(page_work *w)
{
    w->failed = true;
    return false;
}

static bool no_room(page_work *w)
{
    *w->why = w->writer.seal.why;
    if (!w->why->text[0])
        (void)fail(w->why, EXIT_INTERNAL, "a record's line is larger than its ceiling");
    return failed(w);
}

static bool set_aside(page_work *w, const raw_record *record, const reason_list *reasons)
{
    buf *out = load_page_bad(&w->load, w->why);
    if (!out)
        return failed(w);
    const bad_record bad = {w->mapped.value[TARGET_RECORD_ID], reasons, record->bytes, record->line};
    return load_bad(&w->writer, &bad, out) || no_room(w);
}

static bool take(page_work *w, const raw_record *record, const char uuid[LOAD_UUID])
{
    buf *out = load_page_rows(&w->load, w->why);
    if (!out)
        return failed(w);
    const span bytes = w->whole ? record->bytes : (span){NULL, 0};
    bool added = w->load.members ? load_member(&w->writer, uuid, &w->row, out)
                                 : load_row(&w->writer, uuid, &w->row, bytes, out);
    return added || no_room(w);
}

/* Will a date that is in range today be too long ago before the page is read anew? */
static bool ages(const page_work *w)
{
    civil_date earliest = w->latest;
    earliest.year -= DATE_YEARS_BACK;
    return date_compare(w->row.birth_date, earliest) < 0 ||
           (w->row.has_enrolled_on && date_compare(w->row.enrolled_on, earliest) < 0);
}

/* Will a record that is set aside for a date in the future be set aside still when the page is read anew? */
static bool ripens(page_work *w, const reason_list *reasons)
{
    size_t i = 0;
    while (i < reasons->count && reasons->item[i].code != REASON_DATE_OUT_OF_RANGE)
        i++;
    if (i == reasons->count)
        return false;
    registry_row row;
    reason_list later = {.count = 0};
    bool valid = validate_record(w->task->def, &w->mapped, w->latest, &row, &later);
    row_wipe(&row);
    return valid || later.count != reasons->count;
}

/* A record that can be read: mapped, validated, compared with those before it, taken or set aside. */
static bool judge(page_work *w, const raw_record *record, reason_list *reasons)
{
    char uuid[LOAD_UUID];
    map_record(w->task->def, record, &w->scratch, &w->mapped, reasons);
    bool valid = validate_record(w->task->def, &w->mapped, w->today, &w->row, reasons);
    w->passing = w->passing || (w->remembers && (valid ? ages(w) : ripens(w, reasons)));
    if (!valid)
        return set_aside(w, record, reasons);
    if (!load_row_fits(&w->row)) {
        reason_add(reasons, REASON_WRONG_ENCODING, TARGET_COUNT, NULL, 0);
        return set_aside(w, record, reasons);
    }
    if (!row_uuid(span_of(w->task->def->name), span_of(w->row.record_id), uuid))
        return no_room(w);
    switch (id_set_add(&w->ids, uuid)) {
    case ID_NEW:
        return take(w, record, uuid);
    case ID_SEEN:
        reason_add(reasons, REASON_DUPLICATE_IN_PAGE, TARGET_RECORD_ID, NULL, 0);
        return set_aside(w, record, reasons);
    case ID_NO_ROOM:
        break;
    }
    return no_room(w);
}

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    page_work *w = context;
    if (++w->records > PAGE_RECORDS_MAX)
        return fail(w->why, EXIT_PARTIAL, "more than %d records on one page; see paging.size",
                    PAGE_RECORDS_MAX);
    memset(&w->mapped, 0, sizeof w->mapped);
    if (damaged->count > 0)
        return set_aside(w, record, damaged);
    note_position(w, record);
    contract_see(&w->promises, w->task->def, record);
    reason_list reasons = {.count = 0};
    bool good = judge(w, record, &reasons);
    row_wipe(&w->row);
    wipe(&w->scratch, sizeof w->scratch);
    return good;
}

static int64_t read_total(const cell *d)
{
    span text;
    char digits[20];
    if (!cell_envelope(d, ENVELOPE_TOTAL, &text) || text.n == 0 || text.n >= sizeof digits)
        return -1;
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    char *end = NULL;
    long long total = strtoll(digits, &end, 10);
    return *end == '\0' && total >= 0 ? total : -1;
}

/* The paging step of a page that was read to its end; *at is moved. */
static void step_on(page_work *w, paging *at, page_report *report)
{
    page_facts facts = {.records = w->records,
                        .total = read_total(w->decoder),
                        .since = span_of(w->since),
                        .after = span_of(w->after)};
    if (!cell_envelope(w->decoder, ENVELOPE_NEXT, &facts.next))
        facts.next = (span){NULL, 0};
    w->passing = w->passing || facts.next.n >= sizeof w->next;
    (void)snprintf(w->next, sizeof w->next, "%.*s", (int)facts.next.n, facts.next.n ? facts.next.p : "");
    report->records = facts.records;
    report->total = facts.total;
    report->step = paging_advance(at, &facts, &report->why);
    if (w->ahead > 0)
        log_event(LOG_WARNING, w->task->def->name, "clock_ahead",
                  "records=%" PRId64 " position=not_moved_by_them", w->ahead);
}

/* Reads the body through to the staging tables' buffers. */
static try_outcome read_body(page_work *w, span body, paging *at, page_report *report)
{
    const source_def *def = w->task->def;
    const decode_options options = {
        .format = def->format,
        .table = &def->table,
        .first_line = def->style == PAGING_FILE ? at->line : 0,
        .rows_path = def->rows,
        .envelope = {def->total[0] ? def->total : NULL, def->style == PAGING_CURSOR ? def->next : NULL},
        .row_bytes = def->row_bytes,
        .on_record = on_record,
        .context = w};
    w->records = w->ahead = 0;
    w->failed = w->passing = false;
    w->since[0] = w->after[0] = '\0';
    id_set_clear(&w->ids);
    contract_begin(&w->promises, w->accepted);
    failure f = {.text = ""};
    switch (cell_decode(w->decoder, &options, body, &f)) {
    case CELL_WHOLE:
        if (!message_answers(w->decoder, at, w->why))
            return TRY_BROKEN;
        step_on(w, at, report);
        return TRY_LOADED;
    case CELL_STOPPED: /* a record could not be taken in, and *w->why says why */
        return w->failed ? TRY_FAILED : TRY_BROKEN;
    case CELL_BROKEN:
        *w->why = f;
        return TRY_BROKEN;
    case CELL_DIED:
        *w->why = f;
        return TRY_DIED;
    case CELL_FAILED:
        break;
    }
    *w->why = f;
    return TRY_FAILED;
}

/* Since when: the last run that went through is the last in which the promises were kept. */
static try_outcome drifted(page_work *w, const char *why, page_report *report)
{
    const char *param[] = {w->task->def->name};
    failure unknown;
    contract_drift(&w->promises, w->task->def, report->drift);
    load_page_abandon(&w->load);
    pg_rows *rows = pg_query(w->load.pg,
                             "SELECT to_char(max(ended_at), 'YYYY-MM-DD HH24:MI') FROM etl.run "
                             "WHERE source = $1 AND kind = 'pull' AND state = 'finished'",
                             1, param, &unknown);
    const char *since = rows && pg_rows_count(rows) == 1 ? pg_rows_get(rows, 0, 0) : NULL;
    (void)fail(w->why, EXIT_PARTIAL, "drift: %s; %s%s; mend the definition, or ask the source's owner", why,
               since ? "it was as promised in the run that ended " : "no run has found it as promised",
               since ? since : "");
    pg_rows_free(rows);
    return TRY_DRIFTED;
}

/* A page that the source sent before is not read. *read: it is. */
static try_outcome meet_known(page_work *w, page_mark *mark, paging *at, page_report *report, bool *read)
{
    known_page page = {.why = w->why};
    known_step met = known_pages_meet(w->known, &w->load, mark, at, &page);
    *read = met == KNOWN_NOT;
    if (*read)
        w->known = NULL; /* also when it has to be read twice */
    if (met == KNOWN_GATHERED)
        *report = (page_report){.records = page.records, .total = page.total, .step = page.step};
    return met == KNOWN_GATHERED ? TRY_GATHERED : met == KNOWN_ASK_AGAIN ? TRY_ASK_AGAIN : TRY_FAILED;
}

static try_outcome load_once(page_work *w, span body, page_mark *mark, paging *at, page_report *report)
{
    failure *f = w->why;
    char cursor[PAGING_CURSOR_TEXT], why[DRIFT_TEXT];
    bool read = true;
    const bool remembers =
        w->remembers && (!w->accepted || !w->accepted[0]); /* a release is for this run alone */
    mark->reading = remembers ? w->reading : NULL;
    const try_outcome met = w->known ? meet_known(w, mark, at, report, &read) : TRY_LOADED;
    if (!read)
        return met;
    paging next = *at;
    if (!load_page_begin(&w->load, f))
        return TRY_FAILED;
    try_outcome outcome = read_body(w, body, &next, report);
    if (outcome != TRY_LOADED)
        return outcome;
    if (!contract_kept(&w->promises, w->task->def, why))
        return drifted(w, why, report);
    paging_cursor(&next, cursor);
    mark->next_cursor = cursor[0] ? cursor : NULL;
    mark->fetched = w->records;
    mark->reading = remembers && !w->passing ? w->reading : NULL;
    mark->total = report->total;
    mark->next = w->next[0] ? w->next : NULL;
    bool good = load_page_staged(&w->load, f) && load_page_merge(&w->load, mark, &report->counts, f) &&
                (!w->before_commit || w->before_commit(w->context, f)) && load_page_commit(&w->load, f);
    mark->next_cursor = mark->next = NULL;
    if (!good)
        return TRY_FAILED;
    *at = next;
    return TRY_LOADED;
}

/* Is the page to be tried again? Counts what went wrong; *outcome is what it comes to when not. */
static bool try_again(page_work *w, try_outcome *outcome, int *tries, int *deaths)
{
    const failure why = *w->why;
    if (*outcome == TRY_FAILED && !w->whole && strcmp(pg_sqlstate(w->load.pg), "EK003") == 0)
        return w->whole = true; /* a record is to be refused, and then kept with its bytes */
    if (*outcome == TRY_FAILED && strcmp(pg_sqlstate(w->load.pg), "EK005") == 0 && ++*tries < TRIES) {
        sealer_look(w->task->keys); /* the key of content MACs is being rotated */
        return true;
    }
    if (*outcome ==
        TRY_FAILED) /* class 40: the server rolled back to resolve a conflict and asks to try again */
        return strncmp(pg_sqlstate(w->load.pg), "40", 2) == 0 && ++*tries < TRIES;
    if (*outcome != TRY_DIED)
        return false;
    if (++*deaths < DEATHS)
        return true;
    *outcome = TRY_BROKEN;
    (void)fail(w->why, EXIT_PARTIAL, "%d decoders ended over this page; the last: %s", *deaths, why.text);
    return false;
}

static page_outcome load_tries(page_work *w, span body, page_mark *mark, paging *at, page_report *report)
{
    int tries = 0, deaths = 0;
    for (;;) {
        try_outcome outcome = load_once(w, body, mark, at, report);
        if (outcome == TRY_LOADED || outcome == TRY_GATHERED || outcome == TRY_ASK_AGAIN)
            return (page_outcome)outcome;
        bool again = try_again(w, &outcome, &tries, &deaths);
        load_page_abandon(&w->load);
        if (!again)
            return (page_outcome)outcome;
        log_event(LOG_WARNING, w->task->def->name, "page_again", "page=%d attempts=%d deaths=%d",
                  mark->number, tries, deaths);
    }
}

page_outcome page_work_load(page_work *w, span body, page_mark *mark, paging *at, page_report *report)
{
    buf payload;
    page_outcome outcome = PAGE_BROKEN;
    w->why = &report->why;
    if (!w->task->signer)
        return load_tries(w, body, mark, at, report);
    buf_init(&payload, body.n + 4);
    if (message_open(w->task, body, &payload, w->why))
        outcome = load_tries(w, buf_span(&payload), mark, at, report);
    wipe(payload.data, payload.size);
    buf_free(&payload);
    return outcome;
}
