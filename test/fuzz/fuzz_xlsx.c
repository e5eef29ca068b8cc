/*
 * fuzz_xlsx.c - a workbook of any bytes: as the archive itself (first byte even), or as the XML of its parts inside of
 * a sound archive, divided by 0xFF (odd). Whatever is read must be within its bounds and readable as a page.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include "decode/decode.h"
#include "decode/xlsx.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROW_BYTES = 512 };

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    must(record->line > 0 && record->bytes.n <= ROW_BYTES);
    /* our own rows are well-formed; a text of the workbook may still repeat what it likes */
    for (size_t i = 0; i < damaged->count; i++)
        must(damaged->item[i].code != REASON_NOT_AN_OBJECT);
    ++*(size_t *)context;
    return true;
}

static void read_line(span line)
{
    size_t records = 0;
    const decode_options options = {.format = FORMAT_XLSX,
                                    .first_line = 1,
                                    .rows_path = "",
                                    .row_bytes = ROW_BYTES,
                                    .on_record = on_record,
                                    .context = &records};
    failure f = {.text = ""};
    decoder *d = decoder_new(&options);
    must(d != NULL && decoder_feed(d, line, &f) && decoder_finish(d, &f) && records == 1);
    decoder_free(d);
}

static void read_book(int fd, const source_table *table)
{
    failure f = {.text = ""};
    span line;
    int rows = 0;
    xlsx *x = xlsx_open(fd, table, ROW_BYTES, &f);
    must((x == NULL) == (f.text[0] != '\0'));
    while (x != NULL && rows++ < 200 && xlsx_next(x, &line, &f) == XLSX_ROW) {
        must(line.n > 2 && line.n <= ROW_BYTES + 64 && line.p[line.n - 1] == '\n');
        must(memchr(line.p, '\n', line.n - 1) == NULL);
        read_line(line);
    }
    xlsx_close(x);
}

static size_t make_archive(const uint8_t *data, size_t size, char *out, size_t room)
{
    static const char *const name[] = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
                                       "xl/workbook.xml", "xl/_rels/workbook.xml.rels"};
    static const char book[] =
        "<workbook><sheets><sheet name='a' r:id='r1' xmlns:r='r'/></sheets></workbook>";
    static const char relations[] = "<Relationships><Relationship Id='r1' Type='x/worksheet' "
                                    "Target='worksheets/sheet1.xml'/><Relationship Id='r2' "
                                    "Type='x/sharedStrings' Target='sharedStrings.xml'/><Relationship "
                                    "Id='r3' Type='x/styles' Target='styles.xml'/>"
                                    "</Relationships>";
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *archive = whole != NULL ? zip_open_from_source(whole, ZIP_TRUNCATE, &error) : NULL;
    size_t used = 0;
    must(archive != NULL);
    zip_source_keep(whole);
    for (int i = 0; i < 5; i++) {
        const uint8_t *end = size > 0 ? memchr(data, 0xFF, size) : NULL;
        size_t n = end != NULL ? (size_t)(end - data) : size;
        const void *text = i == 3 && n == 0   ? (const void *)book
                           : i == 4 && n == 0 ? (const void *)relations
                                              : data;
        size_t count = n > 0 || i < 3 ? n : strlen(text);
        must(zip_file_add(archive, name[i], zip_source_buffer(archive, text, count, 0), 0) >= 0);
        size -= n + (end != NULL ? 1 : 0);
        data += n + (end != NULL ? 1 : 0);
    }
    must(zip_close(archive) == 0 && zip_source_open(whole) == 0);
    zip_int64_t n = zip_source_read(whole, out, room);
    used = n > 0 ? (size_t)n : 0;
    zip_source_close(whole);
    zip_source_free(whole);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char archive[1 << 18];
    static source_table table;
    static int fd = -1;
    if (size < 1)
        return 0;
    table = (source_table){.header_rows = 1 + (data[0] >> 1 & 1), .title_rows = data[0] >> 2 & 1};
    const void *bytes = data + 1;
    size_t count = size - 1;
    if (data[0] & 1) {
        count = make_archive(data + 1, size - 1, archive, sizeof archive);
        bytes = archive;
    }
    if (fd < 0)
        fd = memfd_create("book", 0);
    must(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, count, 0) == (ssize_t)count);
    read_book(fd, &table);
    return 0;
}
