/* csv_header.c - see csv_header.h. */
#include "decode/csv_header.h"

#include <stdlib.h>

void csv_head_begin(csv_head *head, const source_table *table, int titles)
{
    static const char declared[] = {CSV_ANY, ',', ';', '\t', '|'};

    head->size = 0;
    head->rows = 0;
    head->problem = NULL;
    head->table = table;
    head->titles = titles;
    head->delimiter = declared[table->delimiter];
    csv_begin(&head->scan, head->delimiter, 1);
}

static head_step lost(csv_head *head, const char *problem)
{
    head->problem = problem;
    return HEAD_LOST;
}

static head_step complete(csv_head *head)
{
    if (head->delimiter == CSV_ANY) {
        head->delimiter = csv_detect((span){head->text, head->size});
    }
    return head->delimiter != CSV_ANY
               ? HEAD_DONE
               : lost(head, "the header does not tell the delimiter: declare [table] delimiter");
}

head_step csv_head_feed(csv_head *head, span bytes, size_t *at)
{
    while (*at < bytes.n) {
        size_t from = *at;
        bool ended = csv_find_end(&head->scan, bytes, at), title = head->titles > 0;
        size_t count = *at - from;
        if (head->scan.nul) {
            return lost(head, "a NUL byte: not text, or UTF-16; save the file as CSV UTF-8");
        }
        if (!title && count > sizeof head->text - head->size) {
            return lost(head, "the header is longer than 65536 bytes, or a quote in it is not closed");
        }
        if (!title) {
            memcpy(head->text + head->size, bytes.p + from, count);
            head->size += count;
        }
        if (!ended) {
            return HEAD_MORE;
        }
        csv_next(&head->scan);
        if (title) {
            head->titles--;
            continue;
        }
        head->end[head->rows++] = head->size;
        if (head->rows == head->table->header_rows) {
            return complete(head);
        }
    }
    return HEAD_MORE;
}

typedef struct {
    span cell[HEADER_ROWS_MAX][RAW_FIELDS_MAX];
    size_t cells[HEADER_ROWS_MAX];
    char text[4 * CSV_HEAD_MAX];
} cut;

static void cut_rows(const csv_head *head, cut *c)
{
    size_t from = 0, used = 0;

    for (int row = 0; row < head->rows; row++) {
        span record = csv_without_end((span){head->text + from, head->end[row] - from});
        char *wide = c->text + used;
        size_t n = record.n;
        from = head->end[row];
        if (head->table->encoding == ENCODING_WINDOWS_1252) {
            n = csv_to_utf8(record, wide);
        } else if (n > 0) {
            memcpy(wide, record.p, n);
        }
        /* fields are never longer than their record: unquoted in place */
        c->cells[row] = csv_fields(head->delimiter, (span){wide, n}, wide, c->cell[row], RAW_FIELDS_MAX);
        used += n;
    }
}

bool csv_head_resolve(const csv_head *head, table_header *t)
{
    bool good = true;
    cut *c = malloc(sizeof *c);

    table_begin(t);
    if (c == NULL) {
        memcpy(t->problem, "out of memory", 14);
        return false;
    }
    memset(c->cell, 0, sizeof c->cell);
    cut_rows(head, c);
    for (int row = 0; row < head->rows && good; row++) {
        if (row + 1 < head->rows) {
            size_t cells = c->cells[row] < c->cells[row + 1] ? c->cells[row] : c->cells[row + 1];
            table_spread(c->cell[row], c->cell[row + 1], cells < RAW_FIELDS_MAX ? cells : RAW_FIELDS_MAX);
        }
        good = table_add_row(t, c->cell[row], c->cells[row]);
    }
    free(c);
    return good && table_resolve(t, head->table);
}

size_t csv_to_utf8(span text, char *out)
{
    /* 0x80 to 0x9F of Windows-1252 (Unicode's own table CP1252.TXT) */
    static const unsigned short high[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                            0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned c = (unsigned char)text.p[i];
        c = c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c;
        if (c < 0x80) {
            out[n++] = (char)c;
        } else if (c < 0x800) {
            out[n++] = (char)(0xC0 | c >> 6);
            out[n++] = (char)(0x80 | (c & 0x3F));
        } else {
            out[n++] = (char)(0xE0 | c >> 12);
            out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
            out[n++] = (char)(0x80 | (c & 0x3F));
        }
    }
    return n;
}
