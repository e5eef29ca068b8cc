/*
 * load_definition.c - reads etl.definition_in_force. Refuses nothing but a database that does not answer.
 */
#include "load/load_definition.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { ORIGIN = 80, BLOCK = 4096, APART = 512 << 10 /* bytes from which malloc maps a piece of its own */ };

_Static_assert(sizeof(source_def) <= APART, "a definition fits into its mapping");

/*
 * Most of a definition is room that it does not use. Only the blocks that hold something are written, into memory that
 * is mapped for it alone, so that no other one becomes resident. NULL: no memory. free() it.
 */
static source_def *keep(const source_def *read)
{
    static const char zero[BLOCK];
    char *kept = calloc(1, APART);
    for (size_t at = 0; kept && at < sizeof *read; at += BLOCK) {
        size_t size = sizeof *read - at < BLOCK ? sizeof *read - at : BLOCK;
        if (memcmp((const char *)read + at, zero, size) != 0)
            memcpy(kept + at, (const char *)read + at, size);
    }
    return (source_def *)(void *)kept;
}

typedef struct {
    load_definition_fn take;
    void *context;
    source_def read; /* the one at hand */
} reading;

static bool take_row(const pg_rows *rows, int row, reading *r, failure *f)
{
    char origin[ORIGIN];
    const char *source = pg_rows_get(rows, row, 0);
    (void)snprintf(origin, sizeof origin, "source %s, version %s", source, pg_rows_get(rows, row, 1));
    if (source_def_parse(origin, pg_rows_get(rows, row, 2), &r->read, f)) {
        source_def *def = keep(&r->read);
        if (def)
            return r->take(r->context, def, f);
        source_def_free(&r->read);
        return fail(f, EXIT_INTERNAL, "no memory for a source's definition");
    }
    log_event(LOG_ERROR, source, "definition_refused", "problem=\"%s\"", f->text);
    return false;
}

bool load_definitions(pg_session *pg, load_definition_fn take, void *context, int *wrong, failure *f)
{
    *wrong = 0;
    pg_rows *rows =
        pg_query(pg, "SELECT source, version, definition::text FROM etl.definition_in_force ORDER BY source",
                 0, NULL, f);
    if (!rows)
        return false;
    reading *r = calloc(1, sizeof *r);
    bool good = r || fail(f, EXIT_INTERNAL, "no memory for the definitions of sources");
    if (r)
        r->take = take, r->context = context;
    for (int row = 0; good && row < pg_rows_count(rows); row++) {
        if (take_row(rows, row, r, f))
            continue;
        good = f->code == EXIT_CONFIG;
        *wrong += good;
        if (good)
            *f = (failure){.code = EXIT_DONE, .text = ""};
    }
    free(r);
    pg_rows_free(rows);
    return good;
}
