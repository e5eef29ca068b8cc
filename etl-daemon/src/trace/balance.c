/* balance.c - see balance.h. */
#include "trace/balance.h"

#include <stdlib.h>

struct balance {
    row_digester *digester;
    balance_table *last; /* entries of one table mostly follow each other */
    size_t tables;
    balance_table table[BALANCE_TABLES_MAX];
};

balance *balance_new(failure *f)
{
    balance *b = calloc(1, sizeof *b);
    if (b)
        b->digester = row_digester_new();
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

bool balance_add(balance *b, const span value[TRAIL_FIELDS], failure *f)
{
    const span row = value[TRAIL_ROW], old = value[TRAIL_OLD], after = value[TRAIL_NEW];
    balance_table *t = table_of(b, value[TRAIL_TABLE], f);
    if (!t)
        return false;
    if (old.p) {
        t->rows--;
        row_sum_take(b->digester, row, old, &t->sum);
    }
    if (after.p) {
        t->rows++;
        row_sum_add(b->digester, row, after, &t->sum);
    }
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
