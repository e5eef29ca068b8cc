/*
 * test_xlsx.c - workbooks, made here by libzip from their XML: every kind of cell, both date systems, merged headers,
 * sparse cells, several sheets, and every refusal: other kinds of Excel files, bombs, missing and disordered parts.
 */
#include "decode/xlsx.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <zip.h>

#include "decode/xlsx_sheet.h"

#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define BOOK(before)                                                                                         \
    "<workbook>" before "<sheets><sheet name='H' state='hidden' r:id='rId7' xmlns:r='" REL "'/>"             \
    "<sheet name='List &amp; more' r:id='rId1' xmlns:r='" REL                                                \
    "'/><sheet name='Two' r:id='rId2' xmlns:r='" REL "'/></sheets></workbook>"
#define RELS                                                                                                 \
    "<Relationships><Relationship Id='rId1' Type='" REL "/worksheet' Target='worksheets/s1.xml'/>"           \
    "<Relationship Id='rId2' Type='" REL "/worksheet' Target='/xl/worksheets/s2.xml'/>"                      \
    "<Relationship Id='rId3' Type='" REL "/sharedStrings' Target='strings.xml'/>"                            \
    "<Relationship Id='rId4' Type='" REL "/styles' Target='styles.xml'/></Relationships>"
#define STYLES                                                                                               \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[$-845]dd/mm/yyyy'/><numFmt numFmtId='165' "    \
    "formatCode='0.0 \"days\"'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf "     \
    "numFmtId='0'/>"                                                                                         \
    "<xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"
#define STRINGS                                                                                              \
    "<sst><si><t>id</t></si><si><r><t>na</t></r><r><t>me</t></r><rPh><t>no</t></rPh></"                      \
    "si><si><t>A&#10;&quot;B&quot;</t></si></sst>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"
#define HEAD        "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>"

static source_table table;
static const char *book, *sheet, *strings;

static int begin(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    table.header_rows = 1;
    book = BOOK("");
    sheet = SHEET(HEAD);
    strings = STRINGS;
    return 0;
}

static void add_part(zip_t *archive, const char *name, const char *text, size_t size)
{
    zip_source_t *source = zip_source_buffer(archive, text, size, 0);
    assert_true(zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8) >= 0);
}

/* The bytes of the archive in a file of memory. */
static int make_book(const char *extra, size_t extra_size)
{
    char path[] = "/tmp/ekok-test-xlsx-XXXXXX";
    int fd = mkstemp(path), error = 0;
    assert_true(fd >= 0);
    close(fd);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
    assert_non_null(archive);
    add_part(archive, "xl/workbook.xml", book, strlen(book));
    add_part(archive, "xl/_rels/workbook.xml.rels", RELS, sizeof RELS - 1);
    add_part(archive, "xl/styles.xml", STYLES, sizeof STYLES - 1);
    add_part(archive, "xl/strings.xml", strings, strlen(strings));
    add_part(archive, "xl/worksheets/s1.xml", extra ? extra : sheet, extra ? extra_size : strlen(sheet));
    add_part(archive, "xl/worksheets/s2.xml",
             SHEET("<row><c t='inlineStr'><is><t>only</t></is></c></row><row><c><v>3</v></c></row>"),
             strlen(SHEET("<row><c t='inlineStr'><is><t>only</t></is></c></row><row><c><v>3</v></c></row>")));
    assert_int_equal(zip_close(archive), 0);
    fd = open(path, O_RDONLY);
    unlink(path);
    return fd;
}

/* All lines of the workbook, or what is wrong with it, at the end of them. */
static void expect_book(int fd, const char *want)
{
    static char seen[8192];
    size_t used = 0;
    failure f = {.text = ""};
    span line;
    xlsx_step step = XLSX_BROKEN;
    xlsx *x = xlsx_open(fd, &table, 400, &f);
    seen[0] = '\0';
    while (x != NULL && (step = xlsx_next(x, &line, &f)) == XLSX_ROW)
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%.*s", (int)line.n, line.p);
    if (step == XLSX_BROKEN)
        (void)snprintf(seen + used, sizeof seen - used, "%s", f.text);
    xlsx_close(x);
    close(fd);
    assert_string_equal(seen, want);
}

static void expect(const char *want)
{
    expect_book(make_book(NULL, 0), want);
}

static void reads_every_kind_of_cell(void **state)
{
    (void)state;
    sheet = SHEET(
        HEAD
        "<row r='2'><c r='A2'><v>1712345678</v></c><c r='B2' t='s'><v>2</v></c><c r='C2'><v>9</v></c></row>"
        "<row r='3'><c r='A3' s='1'><v>33000.75</v></c><c r='B3' s='2'><v>60</v></c></row>"
        "<row r='5'><c r='A5' t='b'><v>1</v></c><c r='B5' t='e'><v>#N/A</v></c></row>"
        "<row r='6'><c r='A6' t='str'><f>B1</f><v>x</v></c></row>"
        "<row r='7'><c r='B7' t='d'><v>1990-05-20T00:00:00</v></c></row>"
        "<row r='8'><c r='A8'><v>1.9712614123456701E+16</v></c><c r='B8' "
        "s='3'><v>5.2000000000000002</v></c></row>"
        "<row r='9'><c r='A9' s='1'/><c r='B9' t='inlineStr'><is><t> </t></is></c></row>"
        "<row r='10'><c r='A10' s='1'><v>-4</v></c><c r='B10'><v>abc</v></c></row>");
    expect("2\t{\"id\":1712345678,\"name\":\"A\\u000a\\\"B\\\"\"}\n"
           "3\t{\"id\":{\"#date\":\"1990-05-07\"},\"name\":{\"#date\":\"1900-02-29\"}}\n"
           "5\t{\"id\":true,\"name\":{\"#error\":true}}\n6\t{\"id\":\"x\"}\n7\t{\"name\":{\"#date\":\"1990-"
           "05-20\"}}\n"
           "8\t{\"id\":19712614123456700,\"name\":5.2}\n10\t{\"id\":{\"#error\":true},\"name\":{\"#error\":"
           "true}}\n");
}

static void knows_both_date_systems(void **state)
{
    (void)state;
    char day[11];
    assert_true(xlsx_day(1, false, day));
    assert_string_equal(day, "1900-01-01");
    assert_true(xlsx_day(59, false, day));
    assert_string_equal(day, "1900-02-28");
    assert_true(xlsx_day(61, false, day));
    assert_string_equal(day, "1900-03-01");
    assert_true(xlsx_day(2958465.99, false, day));
    assert_string_equal(day, "9999-12-31");
    assert_true(xlsx_day(0, true, day));
    assert_string_equal(day, "1904-01-01");
    assert_true(xlsx_day(2957003, true, day));
    assert_string_equal(day, "9999-12-31");
    assert_false(xlsx_day(0, false, day) || xlsx_day(2958466, false, day) || xlsx_day(2957004, true, day) ||
                 xlsx_day(-1, true, day));
    book = BOOK("<workbookPr date1904='1'/>");
    sheet = SHEET(HEAD "<row r='2'><c r='A2' s='1'><v>0</v></c></row>");
    expect("2\t{\"id\":{\"#date\":\"1904-01-01\"}}\n");
}

static void tells_dates_from_numbers(void **state)
{
    (void)state;
    static const char *const dates[] = {"yyyy-mm-dd", "d/m/yy",          "[$-409]mmmm",
                                        "dd\\-mmm",   "General \"x\" d", "[Red]dd;@"};
    static const char *const others[] = {"General",  "0.00", "h:mm:ss", "[h]:mm", "0 \"day\"",
                                         "#,##0\\d", "@",    "mm:ss",   "0;d",    "\"open"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        assert_true(xlsx_format_is_date(dates[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(xlsx_format_is_date(others[i]));
}

static void writes_numbers_as_people_read_them(void **state)
{
    (void)state;
    static const char *const pair[][2] = {{"1990123456789", "1990123456789"},
                                          {"1.990123456789E12", "1990123456789"},
                                          {"0.1", "0.1"},
                                          {"0.10000000000000001", "0.1"},
                                          {"-0", "0"},
                                          {"999999999999999", "999999999999999"},
                                          {"1E+15", "1000000000000000"}};
    char text[40];
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        assert_true(xlsx_number(pair[i][0], text));
        assert_string_equal(text, pair[i][1]);
    }
    assert_false(xlsx_number("", text) || xlsx_number("0x10", text) || xlsx_number("inf", text) ||
                 xlsx_number("1 ", text) || xlsx_number("1e999", text) || xlsx_number("--1", text));
}

static void joins_merged_headers(void **state)
{
    (void)state;
    table.title_rows = 1;
    table.header_rows = 2;
    sheet = "<worksheet><sheetData><row r='1'><c r='A1'><v>2026</v></c></row>"
            "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' t='inlineStr'><is><t>Address</t></is></c></row>"
            "<row r='3'><c r='B3' t='inlineStr'><is><t>District</t></is></c><c r='C3' "
            "t='inlineStr'><is><t>Union</t></is></c>"
            "<c r='D3' t='inlineStr'><is><t>Note</t></is></c></row>"
            "<row r='4'><c r='A4'><v>1</v></c><c r='C4'><v>7</v></c><c r='D4'><v>8</v></c></row></sheetData>"
            "<mergeCells><mergeCell ref='A2:A3'/><mergeCell ref='B2:C2'/><mergeCell "
            "ref='A9:B9'/></mergeCells></worksheet>";
    expect("4\t{\"id\":1,\"Address_Union\":7,\"Note\":8}\n");
}

static void chooses_the_sheet(void **state)
{
    (void)state;
    strcpy(table.sheet, "Two");
    expect("2\t{\"only\":3}\n");
    strcpy(table.sheet, "List & more");
    expect("");
    strcpy(table.sheet, "Three");
    expect("the workbook has no sheet of the name in [table] sheet");
}

static void bounds_a_row(void **state)
{
    (void)state;
    static char rows[2048], text[600];
    memset(text, 'x', sizeof text - 1);
    (void)snprintf(rows, sizeof rows,
                   SHEET(HEAD "<row r='2'><c r='A2' t='inlineStr'><is><t>%s</t></is></c></row>"
                              "<row r='3'><c r='A3'><v>1</v></c></row>"),
                   text);
    sheet = rows;
    expect("2\t#too_large\n3\t{\"id\":1}\n");
}

static void refuses_disorder(void **state)
{
    (void)state;
    sheet = SHEET(HEAD "<row r='3'><c r='A3'><v>1</v></c></row><row r='2'/>");
    expect("3\t{\"id\":1}\nthe rows of the sheet are out of order");
    sheet = SHEET(HEAD "<row r='2'><c r='B2'><v>1</v></c><c r='A2'><v>1</v></c></row>");
    expect("the cells of a row are out of order");
    sheet = SHEET(HEAD "<row r='2'><c r='A2' t='s'><v>3</v></c></row>");
    expect("a cell names a shared text that the workbook does not hold");
    sheet = "<worksheet><sheetData>" HEAD;
    expect("a part of the workbook is not well-formed XML");
    sheet = "<!DOCTYPE w [<!ENTITY a 'b'>]>" SHEET(HEAD);
    expect("a part of the workbook declares a document type, which Excel never does");
    book = "<workbook/>";
    expect("the workbook has no sheet that is not hidden");
}

static void refuses_other_files(void **state)
{
    (void)state;
    static const char ole[] =
        "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 .......E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } other[] = {
        {ole, sizeof ole, "the workbook is protected by a password: save it without one"},
        {ole, 30, "an old Excel file (.xls): save it as .xlsx"},
        {"a,b\n1,2\n", 8, "not an Excel workbook (.xlsx)"},
        {"PK\3\4 cut short, as by a copy that ended", 39,
         "the workbook is cut short: its archive has no directory"},
        {"PK\3\4....PK\5\6........\xFF\xFF............", 30, "the archive has more entries than a workbook"},
        {"PK\3\4....PK\6\7...........................", 38,
         "the archive is in ZIP64: too large for a workbook"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        int fd = memfd_create("other", 0);
        assert_true(write(fd, other[i].bytes, other[i].size) == (ssize_t)other[i].size);
        expect_book(fd, other[i].want);
    }
}

static void refuses_bombs(void **state)
{
    (void)state;
    size_t size = 8 << 20;
    char *bomb = malloc(size);
    assert_non_null(bomb);
    memset(bomb, ' ', size);
    expect_book(make_book(bomb, size),
                "the workbook unpacks to far more than it is: it looks like a compressed bomb");
    bomb[0] = '<'; /* a tag without end, of bytes that do not pack as well */
    for (size_t i = 1; i < size; i++)
        bomb[i] = (char)('a' + (i * 7919 + i / 97) % 26);
    expect_book(make_book(bomb, size), "a part of the workbook is not XML of a bearable size");
    for (size_t i = 0; i + 8 < size; i += 8)
        (void)snprintf(bomb + i, 9, "<a%05zx>", i / 8 % 0xFFFFF);
    expect_book(make_book(bomb, size), "a part of the workbook is not XML of a bearable size");
    free(bomb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_every_kind_of_cell, begin),
        cmocka_unit_test_setup(knows_both_date_systems, begin),
        cmocka_unit_test_setup(tells_dates_from_numbers, begin),
        cmocka_unit_test_setup(writes_numbers_as_people_read_them, begin),
        cmocka_unit_test_setup(joins_merged_headers, begin),
        cmocka_unit_test_setup(chooses_the_sheet, begin),
        cmocka_unit_test_setup(bounds_a_row, begin),
        cmocka_unit_test_setup(refuses_disorder, begin),
        cmocka_unit_test_setup(refuses_other_files, begin),
        cmocka_unit_test_setup(refuses_bombs, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
