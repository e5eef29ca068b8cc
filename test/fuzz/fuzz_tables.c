/*
 * fuzz_tables.c - any bytes as CSV or JSON Lines. The first three bytes choose the format, the header, the page's size
 * and the cut; the same records must come out of the page whole, of the page in pieces, and of the pages into which the
 * file is cut, from the start and from behind some records.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "decode/decode.h"
#include "decode/slice.h"
#include "feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    uint64_t hash; /* of the records from `from` on */
    size_t records, from;
} digest;

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    digest *d = context;
    must(record->count == 0 || damaged->count == 0);
    must(record->count <= RAW_FIELDS_MAX && record->line > 0 && record->bytes.n <= 64);
    if (d->records++ < d->from)
        return true;
    mix(&d->hash, &record->line, sizeof record->line);
    mix(&d->hash, record->bytes.p, record->bytes.n);
    for (size_t i = 0; i < record->count; i++) {
        must(record->field[i].path.n <= RAW_PATH_MAX);
        mix(&d->hash, record->field[i].path.p, record->field[i].path.n);
        mix(&d->hash, record->field[i].text.p, record->field[i].text.n);
    }
    for (size_t i = 0; i < damaged->count; i++)
        mix(&d->hash, &damaged->item[i].code, sizeof damaged->item[i].code);
    return true;
}

static bool read_page(const source_def *def, span page, int line, size_t chunk, digest *d)
{
    const decode_options options = {.format = def->format,
                                    .table = &def->table,
                                    .first_line = line,
                                    .rows_path = "",
                                    .row_bytes = def->row_bytes,
                                    .on_record = on_record,
                                    .context = d};
    failure f;
    decoder *decoder = decoder_new(&options);
    bool good = feed_page(decoder, page, chunk, &f);
    decoder_free(decoder);
    return good;
}

static bool put(void *context, span bytes)
{
    return buf_add(context, bytes.p, bytes.n);
}

/* True when every page was read; counts as the slicer does must be those of the decoder. */
static bool read_cut(const source_def *def, int fd, int64_t skip, size_t room, digest *d)
{
    failure f = {.text = ""};
    slice cut = {.last = false};
    bool good = true;
    slicer *s = slicer_open(fd, def, skip, &f);
    while (s != NULL && good && !cut.last) {
        buf page;
        buf_init(&page, room);
        const slice_sink sink = {put, &page, room};
        size_t before = d->records;
        slice_step step = slicer_next(s, &sink, &cut, &f);
        must(step != SLICE_NO_ROOM);
        good = step == SLICE_PAGE && read_page(def, buf_span(&page), cut.line, page.size + 1, d);
        must(!good || (int64_t)(d->records - before) == cut.records);
        must(step != SLICE_PAGE || cut.records <= def->size);
        buf_free(&page);
    }
    slicer_close(s);
    return s != NULL && good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static source_def def;
    static int fd = -1;
    if (size < 3)
        return 0;
    memset(&def, 0, sizeof def);
    def.style = PAGING_FILE;
    def.format = data[0] & 1 ? FORMAT_JSONL : FORMAT_CSV;
    def.row_bytes = 64;
    def.size = 1 + data[1] % 16;
    def.table = (source_table){.header_rows = 1 + (data[0] >> 1 & 1),
                               .title_rows = data[0] >> 2 & 1,
                               .delimiter = (table_delimiter)((data[0] >> 3) % 5),
                               .encoding = (table_encoding)(data[0] >> 6 & 1)};
    if (data[0] & 128) {
        def.table.columns = 2;
        def.table.column[0] = (source_column){.field = "a", .header = "a"};
        def.table.column[1] = (source_column){.field = "b.c", .number = 1};
    }
    span page = {(const char *)data + 3, size - 3};
    digest whole = {.hash = 1}, bytes = whole, pieces = whole, cut = whole;
    bool good = read_page(&def, page, 0, page.n + 1, &whole);
    must(good == read_page(&def, page, 0, 1, &bytes) && whole.hash == bytes.hash);
    must(good == read_page(&def, page, 0, 2 + data[2] % 61, &pieces) && whole.hash == pieces.hash);
    if (fd < 0)
        fd = memfd_create("table", 0);
    must(ftruncate(fd, 0) == 0 && pwrite(fd, page.p, page.n, 0) == (ssize_t)page.n);
    bool all = read_cut(&def, fd, 0, 1 << 20, &cut);
    must(all == good);
    must(!all || cut.hash == whole.hash);
    if (all) {
        digest late = {.hash = 1, .from = 0}, rest = {.hash = 1, .from = whole.records / 2};
        must(read_cut(&def, fd, (int64_t)(whole.records / 2), 1 << 20, &late));
        must(read_page(&def, page, 0, page.n + 1, &rest));
        must(late.hash == rest.hash);
        digest narrow = {.hash = 1};
        must(!read_cut(&def, fd, 0, 256 + data[2], &narrow) || narrow.hash == whole.hash);
    }
    return 0;
}
