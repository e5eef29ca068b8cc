/*
 * source_def.h - a source's definition as data: where it is, how it pages, how its fields map to ours.
 *
 * Read from one INI file per source (inih). A wrong file gives one line: file, line, key, what is accepted.
 *
 *   [source]  name, title, url, rows (dotted path of the records), page_bytes, row_bytes, timeout (seconds), retries
 *   [paging]  style = page | offset | cursor | since
 *             size_param, size;  page_param, first (page);  offset_param (offset);  cursor_param, next (cursor);
 *             since_param, since_field, after_param, after_field (since);  total (dotted path, optional)
 *   [map]     target = path                        the field itself
 *             target = path when other = literal   only where another field has that value; the same target may be
 *                                                  given several times, the first that applies and is not empty wins
 *             target = path + path [+ path [+ path]]   joined; geo parts are padded to two digits
 *             target = 'literal'                   a constant
 *   [values.TARGET]  source value = our value      a value that is not listed is the reason unknown_value
 *   [format]  birth_date = dd/mm/yyyy   enrolled_on = ...   amount = taka | paisa
 *
 * How a style starts, goes on and ends:
 *   page    ?page_param=first..&size_param=size; ends at a page with fewer than `size` records. Cursor "page=N".
 *   offset  ?offset_param=0..&size_param=size; ends as above. Cursor "offset=N".
 *   cursor  ?cursor_param=... (absent on the first page)&size_param=size; ends where `next` is absent, null or empty.
 *   since   ?since_param=TIME&after_param=ID&size_param=size (both absent at the very first); records come ordered by
 *           (since_field, after_field); ends at a page with fewer than `size` records; the position is kept for the
 *           next run. Cursor "since=TIME&after=ID", both percent-encoded.
 */
#ifndef ETL_CONFIG_SOURCE_DEF_H
#define ETL_CONFIG_SOURCE_DEF_H

#include <stdint.h>

#include "base/failure.h"
#include "base/span.h"
#include "row/target.h"

enum {
    SOURCE_TEXT = 256,
    MAP_RULES_MAX = 64,
    MAP_PATHS_MAX = 4,
    VALUE_MAPS_MAX = 128,
    SOURCE_FILE_MAX = 65536
};

typedef enum { PAGING_PAGE, PAGING_OFFSET, PAGING_CURSOR, PAGING_SINCE } paging_style;

typedef struct {
    target to;
    int paths; /* 0: `literal` is the value */
    char path[MAP_PATHS_MAX][SOURCE_TEXT];
    char when_path[SOURCE_TEXT]; /* empty: always */
    char when_value[64];
    char literal[64];
} map_rule;

typedef struct {
    target to;
    char from[64];
    char value[64];
} value_map;

typedef struct {
    char name[32]; /* [a-z0-9_]+ */
    char title[SOURCE_TEXT];
    char url[SOURCE_TEXT]; /* https only */
    char rows[SOURCE_TEXT];
    size_t page_bytes, row_bytes;
    int timeout_seconds, retries;

    paging_style style;
    char size_param[32], page_param[32], offset_param[32], cursor_param[32], since_param[32], after_param[32];
    char next[SOURCE_TEXT], total[SOURCE_TEXT], since_field[SOURCE_TEXT], after_field[SOURCE_TEXT];
    int size, first;

    map_rule rule[MAP_RULES_MAX];
    size_t rules;
    value_map value[VALUE_MAPS_MAX];
    size_t values;
    bool has_values[TARGET_COUNT];
    char birth_date_format[32], enrolled_on_format[32];
    bool amount_in_paisa;

    char *text; /* the file as read: its hash is the contract's version; freed by source_def_free */
    size_t text_size;
} source_def;

/* Reads and checks a definition; f.text is "FILE:LINE: [section] key: problem; accepted: ...". Code EXIT_CONFIG. */
MUST_CHECK bool source_def_read(const char *path, source_def *out, failure *f);
void source_def_free(source_def *def);

#endif
