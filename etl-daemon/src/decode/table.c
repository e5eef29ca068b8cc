/* table.c - see table.h. */
#include "decode/table.h"

#include <stdio.h>
#include <strings.h>

void table_begin(table_header *t)
{
    t->columns = 0;
    t->problem[0] = '\0';
    for (size_t i = 0; i < RAW_FIELDS_MAX; i++) {
        t->header[i][0] = t->path[i][0] = '\0';
    }
}

static bool refuse(table_header *t, const char *problem)
{
    (void)snprintf(t->problem, sizeof t->problem, "%s", problem);
    return false;
}

/* Bytes of a blank at text.p[at], 0 when it is none: ASCII blanks and line ends, NBSP. */
static size_t blank_at(span text, size_t at)
{
    if (strchr(" \t\r\n", text.p[at]) != NULL && text.p[at] != '\0') {
        return 1;
    }
    return at + 1 < text.n && memcmp(text.p + at, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

/* Copies text with single blanks inside and none around; the length, or room when it does not fit. */
static size_t squeeze(span text, char *out, size_t room)
{
    size_t n = 0, blank;

    for (size_t at = 0; at<text.n; at += blank> 0 ? blank : 1) {
        blank = blank_at(text, at);
        if (blank > 0 && (n == 0 || out[n - 1] == ' ')) {
            continue;
        }
        if (n >= room) {
            return room;
        }
        out[n++] = blank > 0 ? ' ' : text.p[at];
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    return n;
}

/* The last of the joined texts, for comparing with the next. */
static const char *last_text(const char *header)
{
    const char *at = header, *next;

    while ((next = strstr(at, " / ")) != NULL) {
        at = next + 3;
    }
    return at;
}

bool table_add_row(table_header *t, const span *cell, size_t cells)
{
    char text[TABLE_HEADER_TEXT];

    if (cells > RAW_FIELDS_MAX) {
        return refuse(t, "the header has more than 256 columns");
    }
    for (size_t i = 0; i < cells; i++) {
        size_t n = squeeze(cell[i], text, sizeof text - 1), have = strlen(t->header[i]);
        if (n >= sizeof text - 1 || n + have + 4 > TABLE_HEADER_TEXT) {
            return refuse(t, "the header of a column is longer than 250 bytes");
        }
        text[n] = '\0';
        if (n == 0 || (have > 0 && strcmp(last_text(t->header[i]), text) == 0)) {
            continue;
        }
        if (have > 0) {
            memcpy(t->header[i] + have, " / ", 3);
            have += 3;
        }
        memcpy(t->header[i] + have, text, n + 1);
    }
    t->columns = cells > t->columns ? cells : t->columns;
    return true;
}

static bool is_empty(span cell)
{
    for (size_t at = 0; at < cell.n; at++) {
        if (blank_at(cell, at) == 0) {
            return false;
        }
    }
    return true;
}

void table_spread(span *upper, const span *lower, size_t cells)
{
    for (size_t i = 1; i < cells; i++) {
        if (is_empty(upper[i]) && !is_empty(lower[i]) && !is_empty(lower[i - 1])) {
            upper[i] = upper[i - 1];
        }
    }
}

static bool refuse_declared(table_header *t, const source_column *column, const char *problem)
{
    (void)snprintf(t->problem, sizeof t->problem, "the declared column \"%.200s\" %s",
                   column->number > 0 ? column->field : column->header, problem);
    return false;
}

static bool resolve_one(table_header *t, const source_column *column)
{
    size_t found = t->columns;

    if (column->number > 0) {
        found = (size_t)column->number - 1;
    }
    for (size_t i = 0; i < t->columns && column->number == 0; i++) {
        if (strcasecmp(t->header[i], column->header) != 0) {
            continue;
        }
        if (found < t->columns) {
            return refuse_declared(t, column, "stands twice in the header");
        }
        found = i;
    }
    if (found >= t->columns) {
        return refuse_declared(t, column, "is not in the header");
    }
    if (t->path[found][0] != '\0') {
        return refuse_declared(t, column, "is declared as two fields");
    }
    (void)snprintf(t->path[found], sizeof t->path[found], "%s", column->field);
    return true;
}

/* The header as a path: runs of ASCII that a path may not hold become '_'. */
static void path_of_header(const char *header, char out[RAW_PATH_MAX + 1])
{
    size_t n = 0;

    for (const char *c = header; *c != '\0' && n < RAW_PATH_MAX; c++) {
        bool fits = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                    *c == '-' || (unsigned char)*c >= 0x80;
        if (fits || (n > 0 && out[n - 1] != '_')) {
            out[n++] = fits ? *c : '_';
        }
    }
    while (n > 0 && out[n - 1] == '_') {
        n--;
    }
    out[n] = '\0';
}

static bool resolve_all(table_header *t)
{
    for (size_t i = 0; i < t->columns; i++) {
        path_of_header(t->header[i], t->path[i]);
        for (size_t k = 0; k < i && t->path[i][0] != '\0'; k++) {
            if (strcmp(t->path[i], t->path[k]) == 0) {
                (void)snprintf(t->problem, sizeof t->problem,
                               "columns %zu and %zu have the same header: declare [columns]", k + 1, i + 1);
                return false;
            }
        }
    }
    return true;
}

bool table_resolve(table_header *t, const source_table *declared)
{
    if (t->columns == 0) {
        return refuse(t, "the header is empty");
    }
    if (declared->columns == 0) {
        return resolve_all(t);
    }
    for (size_t i = 0; i < declared->columns; i++) {
        if (!resolve_one(t, &declared->column[i])) {
            return false;
        }
    }
    return true;
}
