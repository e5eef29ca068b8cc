/*
 * table.c - columns as wide as their widest cell, two spaces between.
 */
#include "cli/table.h"

#include <stdlib.h>

#include "cli/text.h"

enum { GAP = 2, CELL_TEXT = 512 };

void table_init(table *t)
{
    *t = (table){0};
}

void table_free(table *t)
{
    for (size_t i = 0; i < t->rows * t->columns; i++)
        free(t->cell[i]);
    free(t->cell);
    *t = (table){0};
}

void table_column(table *t, const char *heading, table_align align)
{
    if (t->columns >= TABLE_COLUMNS)
        return;
    t->heading[t->columns] = heading;
    t->align[t->columns++] = align;
}

static bool make_room(table *t)
{
    if (t->rows < t->room)
        return true;
    size_t room = t->room ? 2 * t->room : 32;
    char **cell = t->rows < TABLE_ROWS_MAX ? realloc(t->cell, room * t->columns * sizeof *cell) : NULL;
    if (!cell)
        return false;
    t->cell = cell;
    t->room = room;
    return true;
}

bool table_row(table *t, const char *const *cell)
{
    if (!make_room(t))
        return false;
    char **row = t->cell + t->rows * t->columns;
    for (size_t i = 0; i < t->columns; i++) {
        row[i] = strdup(cell[i] ? cell[i] : "-");
        if (!row[i]) {
            while (i-- > 0)
                free(row[i]);
            return false;
        }
    }
    t->rows++;
    return true;
}

typedef struct {
    size_t width[TABLE_COLUMNS];
    size_t last; /* characters that the last column may have */
} layout;

static void measure(const table *t, layout *l)
{
    size_t used = 0;
    for (size_t i = 0; i < t->columns; i++) {
        l->width[i] = text_columns(t->heading[i]);
        for (size_t r = 0; r < t->rows; r++) {
            size_t columns = text_columns(t->cell[r * t->columns + i]);
            l->width[i] = columns > l->width[i] ? columns : l->width[i];
        }
        if (i + 1 < t->columns)
            used += l->width[i] + GAP;
    }
    size_t *last = &l->width[t->columns - 1];
    size_t least = text_columns(t->heading[t->columns - 1]);
    l->last = used + least < SCREEN_COLUMNS ? SCREEN_COLUMNS - used : least;
    *last = *last > l->last ? l->last : *last;
}

static void print_spaces(size_t count, FILE *to)
{
    while (count-- > 0)
        (void)fputc(' ', to);
}

static void print_row(const table *t, const layout *l, const char *const *cell, FILE *to)
{
    for (size_t i = 0; i < t->columns; i++) {
        char text[CELL_TEXT];
        bool last = i + 1 == t->columns;
        text_cut(cell[i], last ? l->last : CELL_TEXT, text, sizeof text);
        size_t columns = text_columns(text), fill = columns < l->width[i] ? l->width[i] - columns : 0;
        if (t->align[i] == TABLE_RIGHT)
            print_spaces(fill, to);
        (void)fputs(text, to);
        if (t->align[i] == TABLE_LEFT && !last)
            print_spaces(fill, to);
        if (!last)
            print_spaces(GAP, to);
    }
    (void)fputc('\n', to);
}

static void print_rule(const table *t, const layout *l, FILE *to)
{
    for (size_t i = 0; i < t->columns; i++) {
        for (size_t n = 0; n < l->width[i]; n++)
            (void)fputc('-', to);
        if (i + 1 < t->columns)
            print_spaces(GAP, to);
    }
    (void)fputc('\n', to);
}

void table_print(const table *t, FILE *to)
{
    layout l;
    if (t->columns == 0)
        return;
    measure(t, &l);
    print_row(t, &l, t->heading, to);
    print_rule(t, &l, to);
    for (size_t r = 0; r < t->rows; r++) {
        if (t->total && r + 1 == t->rows)
            print_rule(t, &l, to);
        print_row(t, &l, (const char *const *)(t->cell + r * t->columns), to);
    }
}
