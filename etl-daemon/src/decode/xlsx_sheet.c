/* xlsx_sheet.c - see xlsx_sheet.h. ECMA-376 part 1, 18.3.1: row, c, v, is, t; attributes r, t, s. */
#include "decode/xlsx_sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"

enum { VALUE_MAX = 64 };

typedef enum {
    TYPE_NUMBER,
    TYPE_SHARED,
    TYPE_INLINE,
    TYPE_FORMULA_TEXT,
    TYPE_BOOL,
    TYPE_ERROR,
    TYPE_DATE
} cell_type;

struct xlsx_sheet {
    xlsx_xml xml;
    const xlsx_book *book;
    xlsx_row row;
    int last_row, column; /* column: of the cell at hand, -1 before the first */
    cell_type type;
    size_t style;
    bool in_row, in_cell, in_value, in_text, in_phonetic,
        kept;              /* kept: the cell's column is one that is read */
    char value[VALUE_MAX]; /* of <v>, unless it is text */
    size_t value_size;
    bool value_long;
    size_t text_from;
};

bool xlsx_number(const char *text, char *out)
{
    char *end = NULL;

    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') {
        return false;
    }
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value)) {
        return false;
    }
    if (fabs(value) >= 1e15) {
        (void)snprintf(out, 40, "%.17g", value);
    } else if (value == floor(value)) {
        (void)snprintf(out, 40, "%.0f", value == 0 ? 0.0 : value);
    } else {
        (void)snprintf(out, 40, "%.15g", value);
    }
    return true;
}

static void write_day(int64_t since_march_0000, char *out)
{
    const civil_date day = date_since_march_0000(since_march_0000);
    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)day.year % 10000, (unsigned)day.month % 100,
                   (unsigned)day.day % 100);
}

bool xlsx_day(double serial, bool system_1904, char *out)
{
    enum { TO_1899_12_30 = 693899, TO_1904_01_01 = 695361, LAST = 2958466 };

    if (!(serial >= (system_1904 ? 0 : 1)) || serial >= (system_1904 ? LAST - 1462 : LAST)) {
        return false;
    }
    long day = (long)serial;
    if (system_1904) {
        write_day(day + TO_1904_01_01, out);
    } else if (day == 60) {
        memcpy(out, "1900-02-29", 11); /* a day that only the 1900 system has */
    } else {
        write_day(day + TO_1899_12_30 + (day < 60 ? 1 : 0), out);
    }
    return true;
}

/* "BC12" as column 54 and row 12; row 0 when the reference has none. False when it is no reference. */
static bool read_reference(const char *text, int *column, int *row)
{
    int letters = 0, digits = 0;

    *column = *row = 0;
    for (; *text >= 'A' && *text <= 'Z' && letters < 3; text++, letters++) {
        *column = *column * 26 + (*text - 'A' + 1);
    }
    for (; *text >= '0' && *text <= '9' && digits < 7; text++, digits++) {
        *row = *row * 10 + (*text - '0');
    }
    *column -= 1;
    return letters > 0 && *text == '\0';
}

static bool read_whole(const char *text, int most, int *out)
{
    int value = 0;

    if (text == NULL || *text == '\0') {
        return false;
    }
    for (; *text >= '0' && *text <= '9' && value <= most; text++) {
        value = value * 10 + (*text - '0');
    }
    *out = value;
    return *text == '\0' && value <= most;
}

static void begin_row(xlsx_sheet *s, const char **attribute)
{
    const char *text = xlsx_attribute(attribute, "r");
    int number = s->last_row + 1;

    if (text != NULL && !read_whole(text, XLSX_ROWS_MAX, &number)) {
        number = 0;
    }
    if (number <= s->last_row || number > XLSX_ROWS_MAX) {
        xlsx_xml_refuse(&s->xml, "the rows of the sheet are out of order");
        return;
    }
    s->last_row = s->row.number = number;
    s->row.cells = 0;
    s->row.too_large = false;
    buf_clear(&s->row.text);
    s->column = -1;
    s->in_row = true;
}

static cell_type type_of(const char *text)
{
    static const struct {
        const char *name;
        cell_type type;
    } types[] = {{"n", TYPE_NUMBER},         {"s", TYPE_SHARED}, {"inlineStr", TYPE_INLINE},
                 {"str", TYPE_FORMULA_TEXT}, {"b", TYPE_BOOL},   {"d", TYPE_DATE}};

    for (size_t i = 0; text != NULL && i < sizeof types / sizeof *types; i++) {
        if (strcmp(text, types[i].name) == 0) {
            return types[i].type;
        }
    }
    return text == NULL ? TYPE_NUMBER : TYPE_ERROR;
}

static void begin_cell(xlsx_sheet *s, const char **attribute)
{
    const char *reference = xlsx_attribute(attribute, "r");
    int column = s->column + 1, row = s->row.number, style = 0;

    if (reference != NULL && (!read_reference(reference, &column, &row) || row != s->row.number)) {
        column = -1;
    }
    if (column <= s->column) {
        xlsx_xml_refuse(&s->xml, "the cells of a row are out of order");
        return;
    }
    s->column = column;
    s->kept = column < RAW_FIELDS_MAX;
    s->type = type_of(xlsx_attribute(attribute, "t"));
    s->style = read_whole(xlsx_attribute(attribute, "s"), XLSX_STYLES_MAX - 1, &style) ? (size_t)style : 0;
    s->in_cell = true;
    s->value_size = 0;
    s->value_long = false;
    s->text_from = s->row.text.size;
}

static void on_start(void *context, const char *name, const char **attribute)
{
    xlsx_sheet *s = context;

    if (strcmp(name, "row") == 0 && !s->in_row) {
        begin_row(s, attribute);
    } else if (strcmp(name, "c") == 0 && s->in_row && !s->in_cell) {
        begin_cell(s, attribute);
    } else if (s->in_cell && strcmp(name, "v") == 0) {
        s->in_value = true;
    } else if (s->in_cell && strcmp(name, "rPh") == 0) {
        s->in_phonetic = true;
    } else if (s->in_cell && strcmp(name, "t") == 0 && !s->in_phonetic) {
        s->in_text = s->type == TYPE_INLINE;
    }
}

static void add_text(xlsx_sheet *s, const char *text, size_t n)
{
    if (!buf_add(&s->row.text, text, n)) {
        s->row.too_large = true;
    }
}

static void on_text(void *context, const char *text, int count)
{
    xlsx_sheet *s = context;
    size_t n = (size_t)count;

    if (!s->in_cell || !s->kept || (!s->in_value && !s->in_text)) {
        return;
    }
    if (s->in_text || s->type == TYPE_FORMULA_TEXT) {
        add_text(s, text, n);
    } else if (n < VALUE_MAX - s->value_size) {
        memcpy(s->value + s->value_size, text, n);
        s->value_size += n;
    } else {
        s->value_long = true;
    }
}

static void keep_cell(xlsx_sheet *s, cell_kind kind)
{
    size_t size = s->row.text.size - s->text_from;

    if (size > 0 || kind == CELL_FAULT) {
        s->row.cell[s->row.cells++] = (xlsx_cell){s->column, kind, s->text_from, size};
    }
}

static void keep_shared(xlsx_sheet *s)
{
    int index;
    span text;

    if (!read_whole(s->value, 1 << 28, &index) || !xlsx_book_string(s->book, (size_t)index, &text)) {
        xlsx_xml_refuse(&s->xml, "a cell names a shared text that the workbook does not hold");
        return;
    }
    add_text(s, text.p, text.n);
    keep_cell(s, CELL_TEXT);
}

static void keep_number(xlsx_sheet *s)
{
    char text[40];

    if (s->value_long || !xlsx_number(s->value, text)) {
        keep_cell(s, CELL_FAULT);
    } else if (!xlsx_book_is_date(s->book, s->style)) {
        add_text(s, text, strlen(text));
        keep_cell(s, CELL_NUMBER);
    } else if (xlsx_day(strtod(s->value, NULL), s->book->dates_1904, text)) {
        add_text(s, text, strlen(text));
        keep_cell(s, CELL_DAY);
    } else {
        keep_cell(s, CELL_FAULT);
    }
}

/* An ISO 8601 date, with a time or without. */
static void keep_iso(xlsx_sheet *s)
{
    bool shaped = s->value_size >= 10 && s->value[4] == '-' && s->value[7] == '-' &&
                  strspn(s->value, "0123456789-") >= 10 && (s->value_size == 10 || s->value[10] == 'T');

    if (shaped) {
        add_text(s, s->value, 10);
    }
    keep_cell(s, shaped ? CELL_DAY : CELL_FAULT);
}

static void end_cell(xlsx_sheet *s)
{
    s->in_cell = s->in_value = s->in_text = s->in_phonetic = false;
    s->value[s->value_size] = '\0';
    if (!s->kept) {
        return;
    }
    if (s->type == TYPE_INLINE || s->type == TYPE_FORMULA_TEXT) {
        keep_cell(s, CELL_TEXT);
    } else if (s->value_size == 0 && !s->value_long) {
        return; /* an empty cell with a style */
    } else if (s->type == TYPE_SHARED) {
        keep_shared(s);
    } else if (s->type == TYPE_NUMBER) {
        keep_number(s);
    } else if (s->type == TYPE_DATE) {
        keep_iso(s);
    } else if (s->type == TYPE_BOOL && s->value_size == 1 && (s->value[0] == '0' || s->value[0] == '1')) {
        add_text(s, s->value[0] == '1' ? "true" : "false", s->value[0] == '1' ? 4 : 5);
        keep_cell(s, CELL_TRUTH);
    } else {
        keep_cell(s, CELL_FAULT);
    }
}

static void on_end(void *context, const char *name)
{
    xlsx_sheet *s = context;

    if (strcmp(name, "v") == 0) {
        s->in_value = false;
    } else if (strcmp(name, "t") == 0) {
        s->in_text = false;
    } else if (strcmp(name, "rPh") == 0) {
        s->in_phonetic = false;
    } else if (strcmp(name, "c") == 0 && s->in_cell) {
        end_cell(s);
    } else if (strcmp(name, "row") == 0 && s->in_row) {
        s->in_row = false;
        xlsx_xml_pause(&s->xml);
    }
}

xlsx_sheet *xlsx_sheet_open(xlsx_zip *z, const xlsx_book *book, size_t row_bytes, const char **problem)
{
    xlsx_sheet *s = calloc(1, sizeof *s);

    if (s == NULL) {
        *problem = "out of memory";
        return NULL;
    }
    const xlsx_handlers handlers = {on_start, on_end, on_text, s};
    s->book = book;
    buf_init(&s->row.text, row_bytes);
    if (!xlsx_xml_open(&s->xml, z, book->sheet, XLSX_SHEET_MAX, &handlers)) {
        *problem = s->xml.problem;
        xlsx_sheet_close(s);
        return NULL;
    }
    return s;
}

void xlsx_sheet_close(xlsx_sheet *s)
{
    if (s == NULL) {
        return;
    }
    xlsx_xml_close(&s->xml);
    if (s->row.text.data != NULL) {
        explicit_bzero(s->row.text.data, s->row.text.room);
    }
    buf_free(&s->row.text);
    free(s);
}

xml_step xlsx_sheet_next(xlsx_sheet *s, const xlsx_row **row, const char **problem)
{
    xml_step step = xlsx_xml_run(&s->xml);

    *row = &s->row;
    *problem = s->xml.problem;
    return step;
}

typedef struct {
    xlsx_xml xml;
    int last_row;
    xlsx_merges *out;
} merge_reading;

static void merge_start(void *context, const char *name, const char **attribute)
{
    merge_reading *r = context;
    const char *text = strcmp(name, "mergeCell") == 0 ? xlsx_attribute(attribute, "ref") : NULL;
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    char first[16];
    xlsx_merge m;

    if (colon == NULL || (size_t)(colon - text) >= sizeof first) {
        return;
    }
    memcpy(first, text, (size_t)(colon - text));
    first[colon - text] = '\0';
    if (!read_reference(first, &m.first_column, &m.first_row) ||
        !read_reference(colon + 1, &m.last_column, &m.last_row) || m.first_row > r->last_row) {
        return;
    }
    if (r->out->count == XLSX_MERGES_MAX) {
        xlsx_xml_refuse(&r->xml, "the header has more than 256 merged cells");
        return;
    }
    r->out->merge[r->out->count++] = m;
}

static void merge_end(void *context, const char *name)
{
    (void)context;
    (void)name;
}

bool xlsx_sheet_merges(xlsx_zip *z, const char *sheet, int last_row, xlsx_merges *out, const char **problem)
{
    merge_reading r = {.last_row = last_row, .out = out};
    out->count = 0;
    const xlsx_handlers handlers = {merge_start, merge_end, NULL, &r};
    bool good = xlsx_xml_open(&r.xml, z, sheet, XLSX_SHEET_MAX, &handlers) && xlsx_xml_run(&r.xml) == XML_END;

    *problem = r.xml.problem;
    xlsx_xml_close(&r.xml);
    return good;
}
