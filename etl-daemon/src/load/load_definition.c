/*
 * load_definition.c - reads etl.definition_in_force. Refuses nothing but a database that does not answer.
 */
#include "load/load_definition.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { ORIGIN = 80 };

static bool take_row(const pg_rows *rows, int row, load_definition_fn take, void *context, failure *f)
{
    char origin[ORIGIN];
    const char *source = pg_rows_get(rows, row, 0);
    (void)snprintf(origin, sizeof origin, "source %s, version %s", source, pg_rows_get(rows, row, 1));
    source_def *def = calloc(1, sizeof *def);
    if (!def)
        return fail(f, EXIT_INTERNAL, "no memory for a source's definition");
    if (source_def_parse(origin, pg_rows_get(rows, row, 2), def, f))
        return take(context, def, f);
    free(def);
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
    bool good = true;
    for (int row = 0; good && row < pg_rows_count(rows); row++) {
        if (take_row(rows, row, take, context, f))
            continue;
        good = f->code == EXIT_CONFIG;
        *wrong += good;
        if (good)
            *f = (failure){.code = EXIT_DONE, .text = ""};
    }
    pg_rows_free(rows);
    return good;
}
