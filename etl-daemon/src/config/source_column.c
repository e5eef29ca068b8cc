/*
 * source_column.c - declared columns, and the marriage of format and style. Promises that a declared header is kept
 * without blanks at its ends and with single ones inside, as headers of files are compared.
 */
#include "config/source_column.h"

#include "config/source_path.h"

static const char ACCEPTED[] = "field = text of the header, or field = #number of the column";

/* Copies text with single blanks inside and none around; false when it does not fit. */
static bool copy_squeezed(const char *text, char *out, size_t room)
{
    size_t n = 0;
    for (; *text; text++) {
        bool blank = *text == ' ' || *text == '\t';
        if (blank && (n == 0 || out[n - 1] == ' '))
            continue;
        if (n + 1 >= room)
            return false;
        out[n++] = blank ? ' ' : *text;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return n > 0;
}

static const char *fill_column(source_column *column, const char *field, const char *value)
{
    long number;
    size_t n = strlen(field);
    if (n >= sizeof column->field || !source_path_valid(span_of(field)))
        return "is not a path of at most 63 bytes";
    memcpy(column->field, field, n + 1);
    if (value[0] == '#') {
        if (!ini_number(value + 1, 1, 256, &number))
            return "is not the number of a column, 1 to 256";
        column->number = (int)number;
        return NULL;
    }
    return copy_squeezed(value, column->header, sizeof column->header) ? NULL : "is empty or too long";
}

bool source_column_add(source_def *def, const ini_at *at, const char *value, failure *f)
{
    source_table *table = &def->table;
    if (table->columns == COLUMNS_MAX)
        return ini_wrong(f, at, "there are too many columns", "at most 64 in [columns]");
    source_column *column = &table->column[table->columns];
    *column = (source_column){.number = 0};
    const char *problem = fill_column(column, at->key, value);
    for (size_t i = 0; i < table->columns && !problem; i++)
        if (strcmp(table->column[i].field, column->field) == 0)
            problem = "is given twice";
    if (problem)
        return ini_wrong(f, at, problem, ACCEPTED);
    table->columns++;
    return true;
}

/* Each key of [table] and `signer` only where it says something. */
static bool keys_belong(const source_keys *keys, const source_def *def, const char *path, failure *f)
{
    bool csv = def->format == FORMAT_CSV, sheet = def->format == FORMAT_XLSX;
    const struct {
        const char *key[2];
        bool applies;
    } of_format[] = {{{"table", "title_rows"}, csv || sheet},
                     {{"table", "header_rows"}, csv || sheet},
                     {{"table", "delimiter"}, csv},
                     {{"table", "encoding"}, csv},
                     {{"table", "sheet"}, sheet},
                     {{"source", "rows"}, def->format == FORMAT_JSON},
                     {{"source", "signer"}, def->format == FORMAT_SPDCI}};
    for (size_t i = 0; i < sizeof of_format / sizeof *of_format; i++)
        if (!source_key_only(keys, of_format[i].key, of_format[i].applies, path, f))
            return false;
    return true;
}

bool source_column_finish(const source_keys *keys, const source_def *def, const char *path, int last_line,
                          failure *f)
{
    bool of_table = def->format == FORMAT_CSV || def->format == FORMAT_XLSX;
    int line = source_key_line(keys, "source", "format");
    if (!keys_belong(keys, def, path, f))
        return false;
    if (def->table.columns > 0 && !of_table)
        return ini_wrong(f, &(ini_at){path, last_line, "columns", NULL}, "belongs to csv and xlsx only",
                         NULL);
    if (def->format == FORMAT_XLSX && def->style != PAGING_FILE)
        return ini_wrong(f, &(ini_at){path, line, "source", "format"}, "is read from a folder only",
                         "[paging] style = file with a folder");
    line = source_key_line(keys, "paging", "size");
    if (def->style == PAGING_FILE && def->size > FILE_PAGE_MAX)
        return ini_wrong(f, &(ini_at){path, line, "paging", "size"}, "is too large for files",
                         "records a page, at most 20000");
    return true;
}
