/* csv.c - see csv.h. */
#include "decode/csv.h"

void csv_begin(csv_scan *scan, char delimiter, int line)
{
    *scan = (csv_scan){.delimiter = delimiter, .line = line};
}

void csv_next(csv_scan *scan)
{
    csv_begin(scan, scan->delimiter, scan->line);
}

static void inside_quotes(csv_scan *scan, char c)
{
    if (c == '"') {
        scan->in_quotes = false;
        scan->behind_quote = true;
    } else if (c == '\n') {
        scan->quoted_line = true;
        scan->line++;
    } else {
        scan->content = scan->content || (c != ' ' && c != '\t' && c != '\r');
    }
}

static bool is_delimiter(const csv_scan *scan, char c)
{
    return scan->delimiter != CSV_ANY ? c == scan->delimiter : c == ',' || c == ';' || c == '\t' || c == '|';
}

/* A byte outside of quotes that does not end the record. */
static void outside_quotes(csv_scan *scan, char c)
{
    if (c == '"' && scan->behind_quote) {
        scan->in_quotes = true; /* doubled: the field goes on */
        scan->behind_quote = false;
        scan->content = true;
    } else if (c == '"' && !scan->in_field) {
        scan->in_quotes = scan->in_field = true;
    } else if (is_delimiter(scan, c)) {
        scan->in_field = scan->behind_quote = false;
    } else if (scan->behind_quote) {
        scan->malformed = scan->malformed || c != '\r';
        scan->behind_quote = c == '\r'; /* behind other text a quote is a character */
    } else {
        scan->in_field = true;
        scan->content = scan->content || (c != ' ' && c != '\t' && c != '\r');
    }
}

bool csv_find_end(csv_scan *scan, span bytes, size_t *at)
{
    while (*at < bytes.n) {
        char c = bytes.p[(*at)++];
        scan->length++;
        scan->nul = scan->nul || c == '\0';
        if (scan->in_quotes) {
            inside_quotes(scan, c);
        } else if (c == '\n') {
            scan->line++;
            return true;
        } else {
            outside_quotes(scan, c);
        }
    }
    return false;
}

span csv_without_end(span record)
{
    if (record.n > 0 && record.p[record.n - 1] == '\n') {
        record.n--;
    }
    if (record.n > 0 && record.p[record.n - 1] == '\r') {
        record.n--;
    }
    return record;
}

/* Writes one field without its quotes; *at moves to the delimiter behind it or to the end. */
static size_t take_field(char delimiter, span record, size_t *at, char *out)
{
    size_t n = 0;
    bool quoted = *at < record.n && record.p[*at] == '"', inside = quoted;

    *at += quoted ? 1 : 0;
    while (*at < record.n && (inside || record.p[*at] != delimiter)) {
        char c = record.p[(*at)++];
        if (!quoted || c != '"') {
            out[n++] = c;
        } else if (inside && *at < record.n && record.p[*at] == '"') {
            out[n++] = '"';
            (*at)++;
        } else {
            inside = false;
        }
    }
    return n;
}

size_t csv_fields(char delimiter, span record, char *text, span *field, size_t fields_max)
{
    size_t count = 0, at = 0, used = 0;

    for (;;) {
        size_t n = take_field(delimiter, record, &at, text + used);
        if (count < fields_max) {
            field[count] = (span){text + used, n};
        }
        count++;
        used += n;
        if (at >= record.n) {
            return count;
        }
        at++; /* the delimiter: one more field follows, be it empty */
    }
}

char csv_detect(span header)
{
    static const char delimiter[] = {',', ';', '\t', '|'};
    size_t count[sizeof delimiter] = {0}, best = 0, most = 0;
    bool inside = false;

    for (size_t i = 0; i < header.n; i++) {
        inside = inside != (header.p[i] == '"');
        for (size_t d = 0; d < sizeof delimiter && !inside; d++) {
            count[d] += header.p[i] == delimiter[d] ? 1 : 0;
        }
    }
    for (size_t d = 1; d < sizeof delimiter; d++) {
        best = count[d] > count[best] ? d : best;
    }
    for (size_t d = 0; d < sizeof delimiter; d++) {
        most += count[d] == count[best] ? 1 : 0;
    }
    return count[best] == 0 || most > 1 ? '\0' : delimiter[best];
}
