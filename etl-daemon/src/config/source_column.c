/*
 * source_column.c - declared columns. Promises that a declared header is kept
 * without blanks at its ends and with single ones inside, as headers of files are compared.
 */
#include "config/source_column.h"

#include "config/ini_text.h"
#include "config/source_path.h"

static const char ACCEPTED[] = "the text of the header, or the number of the column";

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

static const char *fill_column(source_column *column, const char *field, const doc_value *value)
{
    long number;
    size_t n = strlen(field);
    if (n >= sizeof column->field || !source_path_valid(span_of(field)))
        return "is not a path of at most 63 bytes";
    memcpy(column->field, field, n + 1);
    if (value->type == DOC_NUMBER) {
        if (!ini_number(value->text, 1, 256, &number))
            return "is not the number of a column, 1 to 256";
        column->number = (int)number;
        return NULL;
    }
    if (value->type != DOC_TEXT)
        return "is neither a text nor a number";
    return copy_squeezed(value->text, column->header, sizeof column->header) ? NULL : "is empty or too long";
}

bool source_column_add(source_def *def, const doc_at *at, const doc_value *value, failure *f)
{
    source_table *table = &def->table;
    if (table->columns == COLUMNS_MAX)
        return doc_wrong(f, at, "there are too many columns", "at most 64 columns");
    source_column *column = &table->column[table->columns];
    *column = (source_column){.number = 0};
    const char *problem = fill_column(column, at->key[1], value);
    if (problem)
        return doc_wrong(f, at, problem, ACCEPTED);
    table->columns++;
    return true;
}
