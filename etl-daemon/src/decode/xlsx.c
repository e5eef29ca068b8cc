/* xlsx.c - see xlsx.h. */
#include "decode/xlsx.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_text.h"
#include "decode/lines.h"
#include "decode/table.h"
#include "decode/xlsx_sheet.h"

struct xlsx {
    const source_table *table;
    size_t row_bytes;
    xlsx_zip *archive;
    xlsx_book book;
    xlsx_sheet *sheet;
    table_header header;
    xlsx_merges merges;
    const xlsx_row *first; /* read past the header, still to be handed over */
    buf line;
};

static const char *broken(const char *problem)
{
    return problem != NULL ? problem : "the workbook can't be read";
}

/* The header row's cells by column; merged ones get the text of the region's first. */
static bool spread_row(const xlsx *x, int row, span (*cell)[RAW_FIELDS_MAX], int top)
{
    bool any = false;

    for (size_t i = 0; i < x->merges.count; i++) {
        const xlsx_merge *m = &x->merges.merge[i];
        if (row < m->first_row || row > m->last_row || m->first_row < top ||
            m->first_column >= RAW_FIELDS_MAX) {
            continue;
        }
        for (int c = m->first_column; c <= m->last_column && c < RAW_FIELDS_MAX; c++) {
            cell[row - top][c] = cell[m->first_row - top][m->first_column];
        }
    }
    for (int c = 0; c < RAW_FIELDS_MAX; c++) {
        any = any || cell[row - top][c].n > 0;
    }
    return any;
}

typedef struct {
    span cell[HEADER_ROWS_MAX][RAW_FIELDS_MAX];
    buf text[HEADER_ROWS_MAX];
} header_cells;

static bool keep_header_row(header_cells *h, int at, const xlsx_row *row)
{
    if (row->too_large || !buf_add(&h->text[at], row->text.data, row->text.size)) {
        return false;
    }
    for (size_t i = 0; i < row->cells; i++) {
        const xlsx_cell *cell = &row->cell[i];
        h->cell[at][cell->column] =
            cell->size > 0 ? (span){h->text[at].data + cell->at, cell->size} : (span){"", 0};
    }
    return true;
}

/* Reads up to the first row behind the header. NULL, or what is wrong. */
static const char *collect_header(xlsx *x, header_cells *h)
{
    const char *problem = NULL;
    int top = x->table->title_rows + 1, behind = top + x->table->header_rows;

    for (;;) {
        const xlsx_row *row;
        xml_step step = xlsx_sheet_next(x->sheet, &row, &problem);
        if (step == XML_BROKEN) {
            return broken(problem);
        }
        if (step == XML_END || row->number >= behind) {
            x->first = step == XML_END ? NULL : row;
            return NULL;
        }
        if (row->number >= top && !keep_header_row(h, row->number - top, row)) {
            return "the header is too large";
        }
    }
}

static const char *read_header(xlsx *x)
{
    int top = x->table->title_rows + 1;
    const char *problem;
    header_cells *h = calloc(1, sizeof *h);

    if (h == NULL) {
        return "out of memory";
    }
    for (int i = 0; i < HEADER_ROWS_MAX; i++) {
        buf_init(&h->text[i], 65536);
    }
    problem = collect_header(x, h);
    table_begin(&x->header);
    for (int i = 0; problem == NULL && i < x->table->header_rows; i++) {
        size_t cells = spread_row(x, top + i, h->cell, top) ? RAW_FIELDS_MAX : 0;
        while (cells > 0 && h->cell[i][cells - 1].n == 0) {
            cells--;
        }
        problem = table_add_row(&x->header, h->cell[i], cells) ? NULL : x->header.problem;
    }
    if (problem == NULL && !table_resolve(&x->header, x->table)) {
        problem = x->header.problem;
    }
    for (int i = 0; i < HEADER_ROWS_MAX; i++) {
        buf_free(&h->text[i]);
    }
    free(h);
    return problem;
}

static const char *open_parts(xlsx *x, int fd)
{
    const char *problem = NULL;
    int last = x->table->title_rows + x->table->header_rows;

    x->archive = xlsx_zip_open(fd, &problem);
    if (x->archive == NULL || !xlsx_book_read(&x->book, x->archive, x->table->sheet, &problem)) {
        return broken(problem);
    }
    if (x->table->header_rows > 1 &&
        !xlsx_sheet_merges(x->archive, x->book.sheet, last, &x->merges, &problem)) {
        return broken(problem);
    }
    x->sheet = xlsx_sheet_open(x->archive, &x->book, x->row_bytes, &problem);
    return x->sheet == NULL ? broken(problem) : read_header(x);
}

xlsx *xlsx_open(int fd, const source_table *table, size_t row_bytes, failure *f)
{
    xlsx *x = calloc(1, sizeof *x);

    if (x == NULL) {
        (void)fail(f, EXIT_INTERNAL, "no memory for a workbook");
        return NULL;
    }
    x->table = table;
    x->row_bytes = row_bytes;
    buf_init(&x->line, row_bytes + 64);
    const char *problem = open_parts(x, fd);
    if (problem != NULL) {
        (void)fail(f, EXIT_PARTIAL, "%s", problem);
        xlsx_close(x);
        return NULL;
    }
    return x;
}

void xlsx_close(xlsx *x)
{
    if (x == NULL) {
        return;
    }
    xlsx_sheet_close(x->sheet);
    xlsx_book_free(&x->book);
    xlsx_zip_close(x->archive);
    if (x->line.data != NULL) {
        explicit_bzero(x->line.data, x->line.room);
    }
    buf_free(&x->line);
    free(x);
}

/* A JSON string of text that may hold anything but NUL. */
static bool add_string(buf *out, span text)
{
    static const char hex[] = "0123456789abcdef";
    bool good = buf_add_char(out, '"');

    for (size_t i = 0; i < text.n && good; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\') {
            good = buf_add_char(out, '\\') && buf_add_char(out, (char)c);
        } else if (c < 0x20) {
            const char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            good = buf_add(out, escape, sizeof escape);
        } else {
            good = buf_add_char(out, (char)c);
        }
    }
    return good && buf_add_char(out, '"');
}

static bool add_cell(buf *out, cell_kind kind, span text)
{
    switch (kind) {
    case CELL_TEXT:
        return add_string(out, text);
    case CELL_NUMBER:
    case CELL_TRUTH:
        return buf_add(out, text.p, text.n);
    case CELL_DAY:
        return buf_add_text(out, "{\"" CELL_DATE "\":") && add_string(out, text) && buf_add_char(out, '}');
    case CELL_FAULT:
        break;
    }
    return buf_add_text(out, "{\"" CELL_ERROR "\":true}");
}

static bool add_object(xlsx *x, const xlsx_row *row)
{
    bool good = buf_add_char(&x->line, '{'), any = false;

    for (size_t i = 0; i < row->cells && good; i++) {
        const xlsx_cell *cell = &row->cell[i];
        const char *path = x->header.path[cell->column];
        if (path[0] == '\0') {
            continue;
        }
        good = (!any || buf_add_char(&x->line, ',')) && json_add_string(&x->line, path) &&
               buf_add_char(&x->line, ':') &&
               add_cell(&x->line, cell->kind, (span){row->text.data + cell->at, cell->size});
        any = true;
    }
    return good && buf_add_char(&x->line, '}');
}

/* Writes the row's line; false only when memory is out. */
static bool write_line(xlsx *x, const xlsx_row *row)
{
    buf_clear(&x->line);
    if (!buf_printf(&x->line, "%d\t", row->number)) {
        return false;
    }
    size_t begin = x->line.size;
    if (row->too_large || !add_object(x, row) || x->line.size - begin > x->row_bytes) {
        x->line.size = begin;
        return buf_add_text(&x->line, ROW_TOO_LARGE "\n");
    }
    return buf_add_char(&x->line, '\n');
}

static bool has_content(const xlsx_row *row)
{
    bool any = row->too_large;

    for (size_t i = 0; i < row->cells && !any; i++) {
        const xlsx_cell *cell = &row->cell[i];
        any = cell->kind != CELL_TEXT;
        for (size_t k = 0; k < cell->size && !any; k++) {
            any = strchr(" \t\r\n", row->text.data[cell->at + k]) == NULL;
        }
    }
    return any;
}

xlsx_step xlsx_next(xlsx *x, span *line, failure *f)
{
    const char *problem = NULL;

    for (;;) {
        const xlsx_row *row = x->first;
        xml_step step = row != NULL ? XML_PAUSED : xlsx_sheet_next(x->sheet, &row, &problem);
        x->first = NULL;
        if (step == XML_BROKEN) {
            (void)fail(f, EXIT_PARTIAL, "%s", broken(problem));
            return XLSX_BROKEN;
        }
        if (step == XML_END) {
            return XLSX_END;
        }
        if (!has_content(row)) {
            continue;
        }
        if (!write_line(x, row)) {
            (void)fail(f, EXIT_INTERNAL, "no memory for a row");
            return XLSX_BROKEN;
        }
        *line = buf_span(&x->line);
        return XLSX_ROW;
    }
}
