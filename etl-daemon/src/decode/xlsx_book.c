/* xlsx_book.c - see xlsx_book.h: workbook.xml, its relationships, styles.xml, sharedStrings.xml, in this order. */
#include "decode/xlsx_book.h"

#include <stdio.h>
#include <stdlib.h>

#include "decode/xlsx_xml.h"

enum { SMALL_PART = 8 << 20, STRINGS_PART = 256 << 20, FORMATS_MAX = 512 };

typedef struct {
    xlsx_book *book;
    xlsx_xml xml;
    const char *wanted;      /* the sheet's name */
    char relation[64];       /* its id in the relationships */
    unsigned formats;        /* declared number formats, */
    int format[FORMATS_MAX]; /* those of them that are dates */
    bool in_formats, in_text, in_phonetic;
    size_t style;
} reading;

static bool is_true(const char *text)
{
    return text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static void workbook_start(void *context, const char *name, const char **attribute)
{
    reading *r = context;

    if (strcmp(name, "workbookPr") == 0) {
        r->book->dates_1904 = is_true(xlsx_attribute(attribute, "date1904"));
    }
    if (strcmp(name, "sheet") != 0 || r->relation[0] != '\0') {
        return;
    }
    const char *title = xlsx_attribute(attribute, "name"), *state = xlsx_attribute(attribute, "state");
    const char *id = xlsx_attribute(attribute, "id");
    bool chosen = r->wanted[0] != '\0' ? title != NULL && strcmp(title, r->wanted) == 0
                                       : state == NULL || strcmp(state, "visible") == 0;
    if (chosen && id != NULL) {
        (void)snprintf(r->relation, sizeof r->relation, "%s", id);
    }
}

static void nothing_at_end(void *context, const char *name)
{
    (void)context;
    (void)name;
}

/* "worksheets/sheet1.xml" or "/xl/worksheets/sheet1.xml" as the name of a part; empty when it leads elsewhere. */
static void part_name(const char *target, char out[XLSX_NAME_MAX])
{
    bool rooted = target[0] == '/';

    out[0] = '\0';
    if (strstr(target, "..") == NULL && strlen(target) + 4 < XLSX_NAME_MAX) {
        (void)snprintf(out, XLSX_NAME_MAX, "%s%s", rooted ? "" : "xl/", target + (rooted ? 1 : 0));
    }
}

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), t = strlen(tail);
    return n >= t && strcmp(text + n - t, tail) == 0;
}

static void relations_start(void *context, const char *name, const char **attribute)
{
    reading *r = context;
    const char *id = xlsx_attribute(attribute, "Id"), *type = xlsx_attribute(attribute, "Type");
    const char *target = xlsx_attribute(attribute, "Target");

    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL) {
        return;
    }
    if (strcmp(id, r->relation) == 0) {
        part_name(target, r->book->sheet);
    } else if (ends_with(type, "/sharedStrings")) {
        part_name(target, r->book->strings);
    } else if (ends_with(type, "/styles")) {
        part_name(target, r->book->styles);
    }
}

bool xlsx_format_is_date(const char *format)
{
    bool date = false;

    for (const char *c = format; *c != '\0'; c++) {
        if (*c == '"' || *c == '[') {
            char close = *c == '[' ? ']' : '"';
            const char *end = strchr(c + 1, close);
            if (end == NULL) {
                return false;
            }
            c = end;
        } else if ((*c == '\\' || *c == '_' || *c == '*') && c[1] != '\0') {
            c++;
        } else if (strncmp(c, "General", 7) == 0) {
            c += 6;
        } else if (*c == ';') {
            break;
        } else {
            date = date || strchr("yYdD", *c) != NULL;
            date = date ||
                   ((*c == 'm' || *c == 'M') && (c[1] == 'm' || c[1] == 'M') && (c[2] == 'm' || c[2] == 'M'));
        }
    }
    return date;
}

static bool is_date_id(const reading *r, int id)
{
    /* ECMA-376 part 1, 18.8.30: 14 to 17 and 22 are dates; 27 to 36 and 50 to 58 in East Asian locales */
    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
        (id >= 57 && id <= 58)) {
        return true;
    }
    for (unsigned i = 0; i < r->formats; i++) {
        if (r->format[i] == id) {
            return true;
        }
    }
    return false;
}

static void styles_start(void *context, const char *name, const char **attribute)
{
    reading *r = context;
    const char *id = xlsx_attribute(attribute, "numFmtId"), *code = xlsx_attribute(attribute, "formatCode");

    if (strcmp(name, "cellXfs") == 0) {
        r->in_formats = true;
    } else if (strcmp(name, "numFmt") == 0 && id != NULL && code != NULL && xlsx_format_is_date(code)) {
        if (r->formats == FORMATS_MAX) {
            xlsx_xml_refuse(&r->xml, "the workbook has more than 512 date formats");
            return;
        }
        r->format[r->formats++] = atoi(id);
    } else if (strcmp(name, "xf") == 0 && r->in_formats) {
        if (r->style >= XLSX_STYLES_MAX) {
            xlsx_xml_refuse(&r->xml, "the workbook has more than 65536 cell formats");
            return;
        }
        if (id != NULL && is_date_id(r, atoi(id))) {
            r->book->date_style[r->style / 8] |= (uint8_t)(1U << (r->style % 8));
        }
        r->style++;
    }
}

static void styles_end(void *context, const char *name)
{
    reading *r = context;
    r->in_formats = r->in_formats && strcmp(name, "cellXfs") != 0;
}

static void strings_start(void *context, const char *name, const char **attribute)
{
    reading *r = context;
    (void)attribute;
    r->in_phonetic = r->in_phonetic || strcmp(name, "rPh") == 0;
    r->in_text = strcmp(name, "t") == 0 && !r->in_phonetic;
}

static void strings_end(void *context, const char *name)
{
    reading *r = context;
    uint32_t end = (uint32_t)r->book->text.size;

    r->in_text = false;
    r->in_phonetic = r->in_phonetic && strcmp(name, "rPh") != 0;
    if (strcmp(name, "si") == 0 && (r->book->text.size + r->book->ends.size > XLSX_STRINGS_MAX ||
                                    !buf_add(&r->book->ends, &end, sizeof end))) {
        xlsx_xml_refuse(&r->xml,
                        "the workbook has more than 8 MiB of shared text: split it, or save it as CSV UTF-8");
    }
}

static void strings_text(void *context, const char *text, int count)
{
    reading *r = context;
    if (r->in_text && !buf_add(&r->book->text, text, (size_t)count)) {
        xlsx_xml_refuse(&r->xml,
                        "the workbook has more than 8 MiB of shared text: split it, or save it as CSV UTF-8");
    }
}

static bool read_part(reading *r, xlsx_zip *z, const char *name, const xlsx_handlers *handlers)
{
    uint64_t ceiling = handlers->text != NULL ? STRINGS_PART : SMALL_PART;
    bool good = xlsx_xml_open(&r->xml, z, name, ceiling, handlers) && xlsx_xml_run(&r->xml) == XML_END;

    xlsx_xml_close(&r->xml);
    return good;
}

static bool read_all(reading *r, xlsx_zip *z)
{
    const xlsx_handlers workbook = {workbook_start, nothing_at_end, NULL, r};
    const xlsx_handlers relations = {relations_start, nothing_at_end, NULL, r};
    const xlsx_handlers styles = {styles_start, styles_end, NULL, r};
    const xlsx_handlers strings = {strings_start, strings_end, strings_text, r};

    if (!xlsx_part_exists(z, "xl/workbook.xml")) {
        r->xml.problem = xlsx_part_exists(z, "xl/workbook.bin")
                             ? "a binary workbook (.xlsb): save it as .xlsx"
                             : "not an Excel workbook: the archive holds no xl/workbook.xml";
        return false;
    }
    if (!read_part(r, z, "xl/workbook.xml", &workbook)) {
        return false;
    }
    if (r->relation[0] == '\0') {
        r->xml.problem = r->wanted[0] != '\0' ? "the workbook has no sheet of the name in [table] sheet"
                                              : "the workbook has no sheet that is not hidden";
        return false;
    }
    if (!read_part(r, z, "xl/_rels/workbook.xml.rels", &relations)) {
        return false;
    }
    if (r->book->sheet[0] == '\0') {
        r->xml.problem = "the workbook does not say where its sheet is";
        return false;
    }
    return (r->book->styles[0] == '\0' || read_part(r, z, r->book->styles, &styles)) &&
           (r->book->strings[0] == '\0' || read_part(r, z, r->book->strings, &strings));
}

bool xlsx_book_read(xlsx_book *book, xlsx_zip *z, const char *sheet, const char **problem)
{
    reading *r = calloc(1, sizeof *r);

    memset(book, 0, sizeof *book);
    buf_init(&book->text, XLSX_STRINGS_MAX);
    buf_init(&book->ends, XLSX_STRINGS_MAX);
    *problem = "out of memory";
    if (r == NULL) {
        return false;
    }
    r->book = book;
    r->wanted = sheet;
    bool good = read_all(r, z);
    *problem = good ? NULL : r->xml.problem;
    free(r);
    return good;
}

void xlsx_book_free(xlsx_book *book)
{
    if (book->text.data != NULL) {
        explicit_bzero(book->text.data, book->text.room);
    }
    buf_free(&book->text);
    buf_free(&book->ends);
}

bool xlsx_book_string(const xlsx_book *book, size_t index, span *text)
{
    uint32_t end, begin = 0;

    if (index >= book->ends.size / sizeof end) {
        return false;
    }
    memcpy(&end, book->ends.data + index * sizeof end, sizeof end);
    if (index > 0) {
        memcpy(&begin, book->ends.data + (index - 1) * sizeof end, sizeof begin);
    }
    *text = (span){book->text.data != NULL ? book->text.data + begin : "", end - begin};
    return true;
}
