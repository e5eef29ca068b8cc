/*
 * test_tables.c - JSON Lines, CSV and the cutting of files: what becomes a record, what is set aside with which reason
 * and line, where a page is given up, and that cut pages hold what the whole file holds.
 */
#include "decode/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "decode/slice.h"

static source_def def;
static char seen[16384]; /* a line a record: its line, reasons or fields */
static size_t used;

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    (void)context;
    used += (size_t)snprintf(seen + used, sizeof seen - used, "%d", record->line);
    for (size_t i = 0; i < damaged->count; i++)
        used += (size_t)snprintf(seen + used, sizeof seen - used, " !%s", reason_name(damaged->item[i].code));
    for (size_t i = 0; i < record->count; i++)
        used +=
            (size_t)snprintf(seen + used, sizeof seen - used, " %.*s=%.*s", (int)record->field[i].path.n,
                             record->field[i].path.p, (int)record->field[i].text.n, record->field[i].text.p);
    used += (size_t)snprintf(seen + used, sizeof seen - used, "\n");
    return true;
}

static int begin(void **state)
{
    (void)state;
    memset(&def, 0, sizeof def);
    def.format = FORMAT_CSV;
    def.style = PAGING_FILE;
    def.table.header_rows = 1;
    def.row_bytes = 256;
    def.size = 100;
    used = 0;
    seen[0] = '\0';
    return 0;
}

static bool read_page(span page, int first_line, size_t chunk, failure *f)
{
    const decode_options options = {.format = def.format,
                                    .table = &def.table,
                                    .first_line = first_line,
                                    .rows_path = "",
                                    .row_bytes = def.row_bytes,
                                    .on_record = on_record};
    decoder *d = decoder_new(&options);
    bool good = true;
    *f = (failure){.text = ""};
    assert_non_null(d);
    for (size_t at = 0; at < page.n && good; at += chunk) {
        size_t count = page.n - at < chunk ? page.n - at : chunk;
        good = decoder_feed(d, (span){page.p + at, count}, f);
    }
    good = good && decoder_finish(d, f);
    decoder_free(d);
    return good;
}

/* Reads text whole and byte by byte, and expects `want`. */
static void expect(const char *text, size_t size, const char *want)
{
    for (size_t chunk = size + 1;; chunk = 1) {
        failure f;
        used = 0;
        seen[0] = '\0';
        bool good = read_page((span){text, size}, 0, chunk, &f);
        if (!good)
            (void)snprintf(seen + used, sizeof seen - used, "%s", f.text);
        assert_string_equal(seen, want);
        if (chunk == 1)
            return;
    }
}
#define EXPECT(text, want) expect(text, sizeof text - 1, want)

static void reads_csv(void **state)
{
    (void)state;
    EXPECT("\xEF\xBB\xBFid,name\r\n1,Ann\r\n2,\"A, \"\"B\"\"\"\n\n , \n3,\n",
           "2 id=1 name=Ann\n3 id=2 name=A, \"B\"\n6 id=3 name=\n");
    EXPECT("id;name\n1;\"two\nlines\"\n2;x", "2 id=1 name=two\nlines\n4 id=2 name=x\n");
    EXPECT("NID No.|নাম (বাংলা)\n1|x\n", "2 NID_No=1 নাম_বাংলা=x\n");
    EXPECT("a\tb\n1\t5\" pipe\n", "2 a=1 b=5\" pipe\n");
    EXPECT("\xEF\xBB\xBF", "broken at line 1: the file ends before its header does");
    /* The beginning of a mark is text where the file ends within it. */
    EXPECT("\xEF\xBB", "broken at line 2: the header does not tell the delimiter: declare [table] delimiter");
}

static void sets_bad_rows_aside(void **state)
{
    (void)state;
    EXPECT("a,b\n1\n2,2\n3,3,3\n\"4\"x,4\n5,5\n",
           "2 !ragged_row\n3 a=2 b=2\n4 !ragged_row\n5 !malformed\n6 a=5 b=5\n");
    def.row_bytes = 8;
    EXPECT("a,b\n1,0123456789\n12,45678\n2,2\n", "2 !record_too_large\n3 a=12 b=45678\n4 a=2 b=2\n");
}

static buf last; /* the bytes of the last record */

static bool keep_bytes(void *context, const raw_record *record, const reason_list *damaged)
{
    (void)context, (void)damaged;
    buf_clear(&last);
    return buf_add(&last, record->bytes.p, record->bytes.n);
}

static void expect_bytes(const char *page, const char *want)
{
    failure f = {.text = ""};
    const decode_options options = {.format = FORMAT_CSV,
                                    .table = &def.table,
                                    .rows_path = "",
                                    .row_bytes = def.row_bytes,
                                    .on_record = keep_bytes};
    decoder *d = decoder_new(&options);
    assert_non_null(d);
    assert_true(decoder_feed(d, span_of(page), &f) && decoder_finish(d, &f));
    decoder_free(d);
    assert_true(span_equals(buf_span(&last), want));
}

static void hands_a_record_over_with_its_header(void **state)
{
    (void)state;
    buf_init(&last, 256);
    def.table.title_rows = 1;
    expect_bytes("\xEF\xBB\xBF"
                 "A list,\r\na,\"b\r\nc\"\r\n1,\"2\n3\"\r\n",
                 "a,\"b\r\nc\"\r\n1,\"2\n3\"");
    expect_bytes("A list\na,b\n1\n", "a,b\n1"); /* one that is damaged too */
    def.row_bytes = 8;
    expect_bytes("A list\na,b\n12,34567\n", "12,34567"); /* there is no room for both */
    buf_free(&last);
}

static void gives_up_where_rows_cannot_be_told_apart(void **state)
{
    (void)state;
    EXPECT("a,b\n1,2\n\"3,4\n\"5\",6\n", "2 a=1 b=2\nbroken at line 3: a quote that is missing or too many: "
                                         "rows can't be told apart from here on");
    EXPECT("a,b\n1,\"2\n3,4\n", "broken at line 2: the file ends inside quotes");
    EXPECT("a,b\n1,2\n3\0,4\n",
           "2 a=1 b=2\nbroken at line 3: a NUL byte: not text, or UTF-16; save the file as CSV UTF-8");
    EXPECT("a;b,c\n1\n",
           "broken at line 2: the header does not tell the delimiter: declare [table] delimiter");
    EXPECT("", "broken at line 1: the file ends before its header does");
    EXPECT("a,a\n", "broken at line 1: columns 1 and 2 have the same header: declare [columns]");
}

static void declare(const char *field, const char *header, int number)
{
    source_column *column = &def.table.column[def.table.columns++];
    *column = (source_column){.number = number};
    (void)snprintf(column->field, sizeof column->field, "%s", field);
    (void)snprintf(column->header, sizeof column->header, "%s", header);
}

static void finds_declared_columns(void **state)
{
    (void)state;
    def.table.header_rows = 2;
    def.table.title_rows = 1;
    declare("village", "Address / Village", 0);
    declare("id", "serial no.", 0);
    declare("third", "", 4);
    EXPECT("A title; or two\nSerial\xC2\xA0 No.,Address,,Note\n,District,Village,\n7,Bhola,Char,n\n",
           "4 id=7 village=Char third=n\n");
    EXPECT("t\nserial no.,x\n,y\n1,2\n",
           "broken at line 1: the declared column \"Address / Village\" is not in the header");
}

static void reads_windows_1252(void **state)
{
    (void)state;
    def.table.encoding = ENCODING_WINDOWS_1252;
    EXPECT("a,b\n\x86\xE9,1\n", "2 a=\xE2\x80\xA0\xC3\xA9 b=1\n");
}

static void reads_json_lines(void **state)
{
    (void)state;
    def.format = FORMAT_JSONL;
    EXPECT("{\"a\":1}\r\n\n  {\"a\":{\"b\":\"x\"}} \n[1]\n{\"a\":1\n{\"a\":1}{\"b\":2}\n{\"a\":1} "
           "\"x}\n{\"a\":1} tru\n{\"a\":1}7\n{\"a\":2}",
           "1 a=1\n3 a.b=x\n4 !not_an_object\n5 !malformed\n6 !malformed\n7 !malformed\n8 !malformed\n9 "
           "!malformed\n10 a=2\n");
    def.row_bytes = 10;
    EXPECT("{\"a\":12345}\n{\"a\":1234}\n{\"a\":1}\n", "1 !record_too_large\n2 a=1234\n3 a=1\n");
}

static void reads_rows_of_a_workbook(void **state)
{
    (void)state;
    def.format = FORMAT_XLSX;
    EXPECT("7\t{\"d\":{\"#date\":\"1990-01-02\"},\"e\":{\"#error\":true},\"n\":5}\n9\t#too_large\nx\n",
           "7 d=1990-01-02 e=true n=5\n9 !record_too_large\n3 !malformed !not_an_object\n");
}

static bool add(void *context, span bytes)
{
    buf *page = context;
    return buf_add(page, bytes.p, bytes.n);
}

static int file_of(const char *text, size_t size)
{
    int fd = memfd_create("table", 0);
    assert_true(fd >= 0 && write(fd, text, size) == (ssize_t)size);
    return fd;
}

/* All pages behind `skip` records, read one by one into seen; how many there were. */
static int read_cut(int fd, int64_t skip, size_t room)
{
    failure f = {.text = ""};
    slice cut = {.last = false};
    int pages = 0;
    slicer *s = slicer_open(fd, &def, skip, &f);
    if (s == NULL)
        fail_msg("%s", f.text);
    while (!cut.last) {
        buf page;
        buf_init(&page, room);
        const slice_sink sink = {add, &page, room};
        size_t lines = 0, from = used;
        if (slicer_next(s, &sink, &cut, &f) != SLICE_PAGE)
            fail_msg("%s", f.text);
        assert_true(read_page(buf_span(&page), cut.line, page.size + 1, &f));
        for (size_t i = from; i < used; i++)
            lines += seen[i] == '\n';
        assert_int_equal(lines, cut.records);
        assert_true(cut.records <= def.size);
        buf_free(&page);
        pages++;
    }
    slicer_close(s);
    return pages;
}

static void cuts_files_into_pages(void **state)
{
    (void)state;
    static const char text[] = "t\n\"h\",i\n1,a\n\n2,b\n,\n3\n4,\"c,c\"\n5,e\n\n6,f";
    static const char want[] = "3 h=1 i=a\n5 h=2 i=b\n7 !ragged_row\n8 h=4 i=c,c\n9 h=5 i=e\n11 h=6 i=f\n";
    def.table.title_rows = 1;
    int fd = file_of(text, sizeof text - 1);
    for (int size = 1; size < 8; size++) {
        def.size = size;
        used = 0;
        assert_int_equal(read_cut(fd, 0, 4096), size == 6 || size == 7 ? 1 : (6 + size - 1) / size);
        assert_string_equal(seen, want);
    }
    def.size = 100;
    used = 0;
    assert_true(read_cut(fd, 0, 20) > 2); /* by bytes */
    assert_string_equal(seen, want);
    used = 0;
    (void)read_cut(fd, 4, 4096);
    assert_string_equal(seen, strstr(want, "9 h=5"));
    close(fd);
}

static void cuts_lines(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF{\"a\":1}\n\n{\"a\":2}\r\n \r\n{\"a\":3}\n{\n";
    def.format = FORMAT_JSONL;
    def.size = 2;
    int fd = file_of(text, sizeof text - 1);
    assert_int_equal(read_cut(fd, 0, 4096), 2);
    assert_string_equal(seen, "1 a=1\n3 a=2\n5 a=3\n6 !malformed\n");
    used = 0;
    (void)read_cut(fd, 3, 4096);
    assert_string_equal(seen, "6 !malformed\n");
    close(fd);
    static const char mark[] =
        "{}\n{}\n\xEF\xBB\xBF{}"; /* in the middle it is none, also at the head of a page */
    fd = file_of(mark, sizeof mark - 1);
    used = 0;
    assert_int_equal(read_cut(fd, 0, 4096), 2);
    assert_string_equal(seen, "1\n2\n3 !not_an_object\n");
    close(fd);
}

static void refuses_what_is_no_page(void **state)
{
    (void)state;
    failure f;
    slice cut;
    buf page;
    int fd = file_of("a,b\n1,2\n3,\"4444444444444444444444444\n", 38);
    slicer *s = slicer_open(fd, &def, 0, &f);
    assert_non_null(s);
    buf_init(&page, 24);
    const slice_sink sink = {add, &page, 24};
    assert_int_equal(slicer_next(s, &sink, &cut, &f), SLICE_PAGE);
    assert_int_equal(cut.records, 1);
    assert_false(cut.last);
    assert_int_equal(slicer_next(s, &sink, &cut, &f), SLICE_BROKEN);
    assert_string_equal(f.text,
                        "broken at line 3: a record is larger than page_bytes, or a quote is never closed");
    slicer_close(s);
    assert_null(slicer_open(fd, &def, 9, &f));
    assert_string_equal(f.text,
                        "the file holds fewer records than are committed: was its definition changed?");
    buf_free(&page);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_csv, begin),
        cmocka_unit_test_setup(hands_a_record_over_with_its_header, begin),
        cmocka_unit_test_setup(sets_bad_rows_aside, begin),
        cmocka_unit_test_setup(gives_up_where_rows_cannot_be_told_apart, begin),
        cmocka_unit_test_setup(finds_declared_columns, begin),
        cmocka_unit_test_setup(reads_windows_1252, begin),
        cmocka_unit_test_setup(reads_json_lines, begin),
        cmocka_unit_test_setup(reads_rows_of_a_workbook, begin),
        cmocka_unit_test_setup(cuts_files_into_pages, begin),
        cmocka_unit_test_setup(cuts_lines, begin),
        cmocka_unit_test_setup(refuses_what_is_no_page, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
