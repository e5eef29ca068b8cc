/*
 * balance.c - see balance.h. The fields of a line are taken out of COPY's escapes before they are hashed, since the
 * server hashes what it stores.
 */
#include "trace/balance.h"

#include <stdlib.h>

#include "base/copy_escape.h"
#include "trace/trail.h"

enum { VALUE_MAX_BYTES = 1 << 30 };

struct balance {
    row_digester *digester;
    buf name, image;
    balance_table *last; /* entries of one table mostly follow each other */
    size_t tables;
    balance_table table[BALANCE_TABLES_MAX];
};

balance *balance_new(failure *f)
{
    balance *b = calloc(1, sizeof *b);
    if (b) {
        buf_init(&b->name, VALUE_MAX_BYTES);
        buf_init(&b->image, VALUE_MAX_BYTES);
        b->digester = row_digester_new();
    }
    if (b && b->digester)
        return b;
    balance_free(b);
    (void)fail(f, EXIT_INTERNAL, "no memory to compare tables with the trace");
    return NULL;
}

void balance_free(balance *b)
{
    if (!b)
        return;
    row_digester_free(b->digester);
    buf_free(&b->name);
    buf_free(&b->image);
    free(b);
}

static balance_table *table_of(balance *b, span name, failure *f)
{
    if (b->last && span_equals(name, b->last->name))
        return b->last;
    for (size_t i = 0; i < b->tables; i++)
        if (span_equals(name, b->table[i].name))
            return b->last = &b->table[i];
    if (b->tables == BALANCE_TABLES_MAX || name.n >= BALANCE_NAME_TEXT) {
        (void)fail(f, EXIT_INTERNAL, "the trace speaks of more than %d tables, or of one with a longer name",
                   BALANCE_TABLES_MAX);
        return NULL;
    }
    b->last = &b->table[b->tables++];
    memcpy(b->last->name, name.p, name.n);
    return b->last;
}

static bool count(balance *b, balance_table *t, span field, bool added)
{
    if (trail_is_null(field))
        return true;
    t->rows += added ? 1 : -1;
    if (!copy_unescape(field, &b->image))
        return false;
    return added ? row_sum_add(b->digester, buf_span(&b->name), buf_span(&b->image), &t->sum)
                 : row_sum_take(b->digester, buf_span(&b->name), buf_span(&b->image), &t->sum);
}

bool balance_add(balance *b, span line, failure *f)
{
    span field[TRAIL_FIELDS];
    if (!trail_split(line, field) || !copy_unescape(field[TRAIL_TABLE], &b->name))
        return fail(f, EXIT_DATABASE, "an audit entry came with other columns than it should have");
    balance_table *t = table_of(b, buf_span(&b->name), f);
    if (!t)
        return false;
    if (!copy_unescape(field[TRAIL_ROW], &b->name) || !count(b, t, field[TRAIL_OLD], false) ||
        !count(b, t, field[TRAIL_NEW], true))
        return fail(f, EXIT_INTERNAL, "an audit entry cannot be hashed");
    return true;
}

size_t balance_tables(const balance *b)
{
    return b->tables;
}

const balance_table *balance_table_at(const balance *b, size_t i)
{
    return &b->table[i];
}

const balance_table *balance_find(const balance *b, const char *name)
{
    for (size_t i = 0; i < b->tables; i++)
        if (strcmp(b->table[i].name, name) == 0)
            return &b->table[i];
    return NULL;
}

const uint8_t *balance_secret(const balance *b)
{
    return row_digester_secret(b->digester);
}
