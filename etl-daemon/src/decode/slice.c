/* slice.c - see slice.h. Text is looked through for the ends of records first and then read a second time. */
#include "decode/slice.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode/csv_header.h"
#include "decode/xlsx.h"

enum { PIECE = 65536 };

struct slicer {
    int fd;
    const source_def *def;
    int64_t size, at; /* of the file; where the next page begins */
    csv_head head;    /* csv */
    csv_scan scan;    /* csv; jsonl uses its line, length and content alone */
    xlsx *book;
    span row; /* xlsx: read, not handed over yet; n == 0: none */
    bool row_failed;
    failure row_problem;
    char piece[PIECE];
};

static slice_step broken(failure *f, int line, const char *problem)
{
    (void)fail(f, EXIT_PARTIAL, "broken at line %d: %s", line, problem);
    return SLICE_BROKEN;
}

/* A piece of the file from `at`; n == 0 at its end, and false when it can't be read. */
static bool read_piece(slicer *s, int64_t at, span *piece)
{
    ssize_t n = at < s->size ? pread(s->fd, s->piece, PIECE, at) : 0;
    *piece = (span){s->piece, n > 0 ? (size_t)n : 0};
    return n > 0 || at >= s->size;
}

static bool find_line_end(csv_scan *scan, span bytes, size_t *at)
{
    while (*at < bytes.n) {
        char c = bytes.p[(*at)++];
        scan->length++;
        if (c == '\n') {
            scan->line++;
            return true;
        }
        scan->content = scan->content || (c != ' ' && c != '\t' && c != '\r');
    }
    return false;
}

static bool find_end(slicer *s, span bytes, size_t *at)
{
    return s->def->format == FORMAT_CSV ? csv_find_end(&s->scan, bytes, at)
                                        : find_line_end(&s->scan, bytes, at);
}

typedef struct {
    int64_t records_max, bytes_max;
    int64_t records, end; /* found: so many records, and where the last of them ends */
    int end_line;         /* of what follows it */
    bool full;            /* no more fit */
} range;

/* One record ends at `end`; false when it does not belong to the range any more. */
static bool add_record(slicer *s, range *r, int64_t end)
{
    if (end - s->at > r->bytes_max) {
        r->full = true;
        return false;
    }
    r->records += s->scan.content ? 1 : 0;
    r->end = end;
    r->end_line = s->scan.line;
    csv_next(&s->scan);
    r->full = r->records >= r->records_max;
    return !r->full;
}

/* Finds the records of a page from s->at on. False when the file can't be read. */
static bool find_range(slicer *s, range *r)
{
    span piece;
    int64_t at = s->at;

    r->end = s->at;
    r->end_line = s->scan.line;
    while (!r->full && at - s->at <= r->bytes_max) {
        if (!read_piece(s, at, &piece)) {
            return false;
        }
        if (piece.n == 0) {
            if (s->scan.length > 0) {
                (void)add_record(s, r, at); /* the last record has no line end */
            }
            return true;
        }
        for (size_t i = 0; i < piece.n && !r->full;) {
            if (find_end(s, piece, &i)) {
                (void)add_record(s, r, at + (int64_t)i);
            }
        }
        at += (int64_t)piece.n;
    }
    r->full = true;
    return true;
}

static bool copy_range(slicer *s, int64_t end, const slice_sink *sink, bool *readable)
{
    span piece;

    while (s->at < end) {
        *readable = read_piece(s, s->at, &piece);
        if (!*readable) {
            return false;
        }
        piece.n = (int64_t)piece.n < end - s->at ? piece.n : (size_t)(end - s->at);
        if (!sink->add(sink->context, piece)) {
            return false;
        }
        s->at += (int64_t)piece.n;
    }
    return true;
}

static slice_step next_text(slicer *s, const slice_sink *sink, slice *out, failure *f)
{
    range r = {.records_max = s->def->size, .bytes_max = (int64_t)sink->room - (int64_t)s->head.size};
    int line = s->scan.line;
    bool readable = true;

    if (!find_range(s, &r)) {
        return broken(f, line, "the file can't be read any more");
    }
    if (r.end == s->at && s->at < s->size) {
        return broken(f, line, "a record is larger than page_bytes, or a quote is never closed");
    }
    csv_begin(&s->scan, s->scan.delimiter, r.end_line);
    if ((s->head.size > 0 && !sink->add(sink->context, (span){s->head.text, s->head.size})) ||
        !copy_range(s, r.end, sink, &readable)) {
        return readable ? SLICE_NO_ROOM : broken(f, line, "the file can't be read any more");
    }
    *out = (slice){.records = r.records, .last = s->at >= s->size, .line = line};
    return SLICE_PAGE;
}

/* Reads one row ahead, so that the last page is known to be it. */
static void read_row(slicer *s)
{
    s->row = (span){NULL, 0};
    if (!s->row_failed) {
        s->row_failed = xlsx_next(s->book, &s->row, &s->row_problem) == XLSX_BROKEN;
    }
}

static slice_step next_rows(slicer *s, const slice_sink *sink, slice *out, failure *f)
{
    size_t used = 0;

    *out = (slice){.line = 1};
    while (s->row.n > 0 && out->records < s->def->size && s->row.n <= sink->room - used) {
        if (!sink->add(sink->context, s->row)) {
            return SLICE_NO_ROOM;
        }
        used += s->row.n;
        out->records++;
        read_row(s);
    }
    if (s->row_failed && out->records == 0) {
        *f = s->row_problem;
        return SLICE_BROKEN;
    }
    if (s->row.n > 0 && out->records == 0) {
        return broken(f, 1, "a row is larger than page_bytes");
    }
    out->last = s->row.n == 0 && !s->row_failed;
    return SLICE_PAGE;
}

static slice_step next_whole(slicer *s, const slice_sink *sink, slice *out, failure *f)
{
    bool readable = true;

    if (s->size - s->at > (int64_t)sink->room) {
        (void)fail(f, EXIT_PARTIAL, "the file is larger than page_bytes: in this format it is one page");
        return SLICE_BROKEN;
    }
    if (!copy_range(s, s->size, sink, &readable)) {
        return readable ? SLICE_NO_ROOM : broken(f, 1, "the file can't be read any more");
    }
    *out = (slice){.records = -1, .last = true, .line = 1};
    return SLICE_PAGE;
}

slice_step slicer_next(slicer *s, const slice_sink *sink, slice *out, failure *f)
{
    switch (s->def->format) {
    case FORMAT_CSV:
    case FORMAT_JSONL:
        return next_text(s, sink, out, f);
    case FORMAT_XLSX:
        return next_rows(s, sink, out, f);
    default:
        return next_whole(s, sink, out, f);
    }
}

/* Reads the header of a CSV; s->at is then its first record. */
static bool enter_csv(slicer *s, failure *f)
{
    span piece;
    head_step step = HEAD_MORE;

    csv_head_begin(&s->head, &s->def->table, s->def->table.title_rows);
    while (step == HEAD_MORE) {
        size_t at = 0;
        if (!read_piece(s, s->at, &piece)) {
            return fail(f, EXIT_PARTIAL, "the file can't be read");
        }
        bool ended = piece.n == 0;
        if (ended && s->head.size == 0) {
            return fail(f, EXIT_PARTIAL, "the file ends before its header does");
        }
        step = csv_head_feed(&s->head, ended ? (span){"\n", 1} : piece, &at);
        s->at += ended ? 0 : (int64_t)at;
        if (ended && step == HEAD_MORE) {
            return fail(f, EXIT_PARTIAL, "the file ends before its header does");
        }
    }
    if (step == HEAD_LOST) {
        return fail(f, EXIT_PARTIAL, "broken at line %d: %s", s->head.scan.line, s->head.problem);
    }
    csv_begin(&s->scan, s->head.delimiter, s->head.scan.line);
    return true;
}

static bool skip_records(slicer *s, int64_t skip, failure *f)
{
    range r = {.records_max = skip, .bytes_max = INT64_MAX};

    if (skip == 0) {
        return true;
    }
    if (s->def->format == FORMAT_XLSX) {
        while (r.records < skip && s->row.n > 0) {
            r.records++;
            read_row(s);
        }
    } else if (!find_range(s, &r)) {
        return fail(f, EXIT_PARTIAL, "the file can't be read");
    }
    if (s->def->format != FORMAT_XLSX) {
        s->at = r.end;
        csv_begin(&s->scan, s->scan.delimiter, r.end_line);
    }
    return r.records == skip ||
           fail(f, EXIT_PARTIAL,
                "the file holds fewer records than are committed: was its definition changed?");
}

static void skip_mark(slicer *s)
{
    char mark[3];
    bool marked =
        pread(s->fd, mark, sizeof mark, 0) == (ssize_t)sizeof mark && memcmp(mark, "\xEF\xBB\xBF", 3) == 0;
    s->at = marked ? 3 : 0;
}

static bool begin(slicer *s, int64_t skip, failure *f)
{
    struct stat info;

    if (fstat(s->fd, &info) != 0) {
        return fail(f, EXIT_PARTIAL, "the file can't be read");
    }
    s->size = info.st_size;
    csv_begin(&s->scan, ',', 1);
    switch (s->def->format) {
    case FORMAT_CSV:
        skip_mark(s);
        return enter_csv(s, f) && skip_records(s, skip, f);
    case FORMAT_JSONL:
        skip_mark(s);
        return skip_records(s, skip, f);
    case FORMAT_XLSX:
        s->book = xlsx_open(s->fd, &s->def->table, s->def->row_bytes, f);
        if (s->book == NULL) {
            return false;
        }
        read_row(s);
        return skip_records(s, skip, f);
    default:
        return true;
    }
}

slicer *slicer_open(int fd, const source_def *def, int64_t skip, failure *f)
{
    slicer *s = calloc(1, sizeof *s);

    if (s == NULL) {
        (void)fail(f, EXIT_INTERNAL, "no memory to cut a file into pages");
        return NULL;
    }
    s->fd = fd;
    s->def = def;
    if (!begin(s, skip, f)) {
        slicer_close(s);
        return NULL;
    }
    return s;
}

void slicer_close(slicer *s)
{
    if (s != NULL) {
        xlsx_close(s->book);
        explicit_bzero(s->piece, sizeof s->piece);
        free(s);
    }
}
