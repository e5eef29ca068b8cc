/*
 * trail.c - see trail.h. COPY takes no parameters: what stands in its text is numbers of our own, nothing else.
 */
#include "trace/trail.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/copy_escape.h"

const char trail_columns[] =
    "xact, id, at, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, old, new";

enum { TRAIL_COLUMNS = 13 };

bool trail_prepare(pg_session *pg, failure *f)
{
    static const char *const setting[] = {"SET TimeZone = 'UTC'", "SET DateStyle = 'ISO, YMD'",
                                          "SET bytea_output = 'hex'", "SET search_path = pg_catalog",
                                          "SET max_parallel_workers_per_gather = 0"};
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++)
        if (!pg_run(pg, setting[i], 0, NULL, f))
            return false;
    return true;
}

bool trail_number(const char *text, uint64_t *out)
{
    *out = 0;
    if (!text || !*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || *out > UINT64_MAX / 10 - 1)
            return false;
        *out = *out * 10 + (uint64_t)(*text - '0');
    }
    return true;
}

bool trail_line(const pg_rows *rows, int row, buf *out)
{
    bool good = pg_rows_columns(rows) >= TRAIL_COLUMNS;
    for (int i = 0; good && i < TRAIL_COLUMNS; i++) {
        const char *value = pg_rows_get(rows, row, i);
        good = (i == 0 || buf_add_char(out, '\t')) &&
               (value ? copy_escape(out, span_of(value)) : buf_add_text(out, "\\N"));
    }
    return good;
}

typedef struct {
    trail_fn take;
    void *context;
} reader;

static bool read_field(span *line, uint64_t *out)
{
    char text[24];
    const char *tab = line->n ? memchr(line->p, '\t', line->n) : NULL;
    size_t n = tab ? (size_t)(tab - line->p) : 0;
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, line->p, n);
    text[n] = '\0';
    *line = (span){tab + 1, line->n - n - 1};
    return trail_number(text, out);
}

static bool on_line(void *context, span line, failure *f)
{
    const reader *r = context;
    trail_entry entry = {.line = line};
    if (!read_field(&line, &entry.key.xact) || !read_field(&line, &entry.key.id))
        return fail(f, EXIT_DATABASE, "an audit entry came without its transaction and number");
    return r->take(r->context, &entry, f);
}

bool trail_read(pg_session *pg, const trail_part *part, trail_fn take, void *context, failure *f)
{
    char sql[600];
    reader r = {take, context};
    int n = snprintf(sql, sizeof sql,
                     "COPY (SELECT %s FROM audit.entry WHERE (xact, id) > ('%" PRIu64 "'::xid8, %" PRIu64 ")",
                     trail_columns, part->after.xact, part->after.id);
    if (part->upto.xact)
        n +=
            snprintf(sql + n, sizeof sql - (size_t)n, " AND (xact, id) <= ('%" PRIu64 "'::xid8, %" PRIu64 ")",
                     part->upto.xact, part->upto.id);
    if (part->below)
        n += snprintf(sql + n, sizeof sql - (size_t)n, " AND xact < '%" PRIu64 "'::xid8", part->below);
    n += snprintf(sql + n, sizeof sql - (size_t)n, " ORDER BY xact, id");
    if (part->most)
        n += snprintf(sql + n, sizeof sql - (size_t)n, " LIMIT %" PRIu64, part->most);
    (void)snprintf(sql + n, sizeof sql - (size_t)n, ") TO STDOUT");
    return pg_copy_out(pg, sql, on_line, &r, f);
}
