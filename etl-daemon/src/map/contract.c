/*
 * contract.c - a promise is looked up by its path; a container is known by the fields inside it.
 */
#include "map/contract.h"

#include <inttypes.h>
#include <stdio.h>

#include "config/source_contract.h"

typedef enum { THERE, GONE, RETYPED } kept;

/* The first field below path, NULL when there is none. */
static const raw_field *inside(const raw_record *record, span path)
{
    for (size_t i = 0; i < record->count; i++) {
        span other = record->field[i].path;
        if (other.n > path.n && other.p[path.n] == '.' && memcmp(other.p, path.p, path.n) == 0)
            return &record->field[i];
    }
    return NULL;
}

static bool is_element(const raw_field *field, span container)
{
    return field->path.p[container.n + 1] >= '0' && field->path.p[container.n + 1] <= '9';
}

static bool scalar_fits(field_type promised, raw_type type)
{
    switch (promised) {
    case FIELD_TEXT:
        return type == RAW_STRING || type == RAW_DATE;
    case FIELD_NUMBER:
        return type == RAW_NUMBER || type == RAW_FLOAT;
    case FIELD_BOOLEAN:
        return type == RAW_BOOL;
    default:
        return promised == FIELD_ANY;
    }
}

static kept look(const contract_field *promise, const raw_record *record)
{
    span path = span_of(promise->path);
    const raw_field *field = raw_find(record, path);
    if (field && field->type != RAW_NULL)
        return scalar_fits(promise->type, field->type) ? THERE : RETYPED;
    const raw_field *part = field ? NULL : inside(record, path);
    if (!part)
        return promise->required ? GONE : THERE;
    if (promise->type == FIELD_ANY)
        return THERE;
    return promise->type == (is_element(part, path) ? FIELD_ARRAY : FIELD_OBJECT) ? THERE : RETYPED;
}

/* Is the field promised, or inside something that is? */
static bool promised(const source_def *def, span path)
{
    for (size_t i = 0; i < def->fields; i++) {
        size_t n = strlen(def->field[i].path);
        if (n <= path.n && memcmp(def->field[i].path, path.p, n) == 0 && (n == path.n || path.p[n] == '.'))
            return true;
    }
    return false;
}

/* Did somebody release this drift? */
static bool is_accepted(const contract_watch *w, const char *kind, span path)
{
    size_t n = strlen(kind);
    for (const char *line = w->accepted; line && *line; line += *line == '\n') {
        size_t size = strcspn(line, "\n");
        if (size == n + 1 + path.n && memcmp(line, kind, n) == 0 && line[n] == ' ' &&
            memcmp(line + n + 1, path.p, path.n) == 0)
            return true;
        line += size;
    }
    return false;
}

static void note_strangers(contract_watch *w, const source_def *def, const raw_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        span path = record->field[i].path;
        if (promised(def, path) || is_accepted(w, "strange", path))
            continue;
        if (w->strange++ == 0)
            (void)snprintf(w->stranger, sizeof w->stranger, "%.*s", (int)path.n, path.p);
        return;
    }
}

void contract_begin(contract_watch *w, const char *accepted)
{
    *w = (contract_watch){.accepted = accepted};
}

void contract_see(contract_watch *w, const source_def *def, const raw_record *record)
{
    if (def->fields == 0)
        return;
    w->records++;
    for (size_t i = 0; i < def->fields; i++) {
        kept is = look(&def->field[i], record);
        w->gone[i] += is == GONE;
        w->retyped[i] += is == RETYPED;
    }
    if (def->unknown == UNKNOWN_HELD)
        note_strangers(w, def, record);
}

/* What became of promise i on this page, but for what is accepted: "gone", "retyped" or NULL. */
static const char *broken(const contract_watch *w, const source_def *def, size_t i)
{
    const span path = span_of(def->field[i].path);
    if (w->records > 0 && 2 * w->gone[i] >= w->records)
        return is_accepted(w, "gone", path) ? NULL : "gone";
    if (w->records > 0 && 2 * w->retyped[i] >= w->records)
        return is_accepted(w, "retyped", path) ? NULL : "retyped";
    return NULL;
}

bool contract_kept(const contract_watch *w, const source_def *def, char why[DRIFT_TEXT])
{
    for (size_t i = 0; i < def->fields; i++) {
        const char *how = broken(w, def, i);
        if (!how)
            continue;
        bool gone = *how == 'g';
        (void)snprintf(why, DRIFT_TEXT, "the promised field %s is %s%s in %" PRId64 " of %" PRId64 " records",
                       def->field[i].path, gone ? "gone" : "no longer ",
                       gone ? "" : source_contract_type(def->field[i].type),
                       gone ? w->gone[i] : w->retyped[i], w->records);
        return false;
    }
    if (w->strange == 0)
        return true;
    (void)snprintf(why, DRIFT_TEXT,
                   "the field %s, of which nothing is promised, stands in %" PRId64 " of %" PRId64 " records",
                   w->stranger, w->strange, w->records);
    return false;
}

/* A line that does not fit whole is left out: what is released is named in full. */
static size_t add_line(char lines[DRIFT_LINES], size_t n, const char *how, const char *path)
{
    size_t size = strlen(how) + 1 + strlen(path) + (n > 0);
    if (n + size >= DRIFT_LINES)
        return n;
    (void)snprintf(lines + n, DRIFT_LINES - n, "%s%s %s", n > 0 ? "\n" : "", how, path);
    return n + size;
}

void contract_drift(const contract_watch *w, const source_def *def, char lines[DRIFT_LINES])
{
    size_t n = 0;
    lines[0] = '\0';
    for (size_t i = 0; i < def->fields; i++) {
        const char *how = broken(w, def, i);
        if (how)
            n = add_line(lines, n, how, def->field[i].path);
    }
    if (w->strange > 0)
        (void)add_line(lines, n, "strange", w->stranger);
}
