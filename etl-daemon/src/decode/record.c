/*
 * record.c - see record.h. The parser is kept from record to record and made anew after one that it refused.
 * Paths and unescaped texts go to one arena, sized beforehand for the worst record.
 */
#include "decode/record.h"

#include <stdint.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "decode/scalar.h"

enum {
    NODES_MAX = 2 * RAW_FIELDS_MAX, /* scalars, objects and arrays */
    SLOTS = 4 * NODES_MAX           /* of the hash table of paths; a power of two */
};

typedef struct {
    span path;
    bool is_array;
    size_t elements;
} level;

typedef struct {
    unsigned record; /* the slot is empty unless it was filled for the present record */
    unsigned node;
} slot;

struct record_reader {
    yajl_handle parser;
    raw_record *out;
    reason_list *damaged;
    span bytes;
    size_t depth, nodes, roots;
    bool duplicate;
    span key; /* path of the value that follows */
    level open[RAW_DEPTH_MAX + 1];
    span node[NODES_MAX];
    unsigned record;
    slot table[SLOTS];
    size_t used, room;
    char *text;
};

record_reader *record_reader_new(size_t row_bytes)
{
    record_reader *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return NULL;
    }
    r->room = row_bytes + (size_t)NODES_MAX * RAW_PATH_MAX;
    r->text = malloc(r->room);
    if (r->text == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

void record_reader_free(record_reader *r)
{
    if (r == NULL) {
        return;
    }
    if (r->parser != NULL) {
        yajl_free(r->parser);
    }
    explicit_bzero(r->text, r->room);
    free(r->text);
    free(r);
}

/* Ends the parse. A record that is too much is not read further: what else is wrong with it stays unknown. */
static int too_much(record_reader *r, const char *detail)
{
    reason_add(r->damaged, REASON_TOO_MANY_FIELDS, TARGET_COUNT, detail, 0);
    return 0;
}

static char *arena_take(record_reader *r, size_t count)
{
    if (count > r->room - r->used) {
        return NULL;
    }
    char *at = r->text + r->used;
    r->used += count;
    return at;
}

/* Writes parent.name; false when the path is longer than any that is read. */
static bool path_join(record_reader *r, span parent, const void *name, size_t count, span *out)
{
    size_t dot = parent.n > 0 ? 1 : 0;

    if (count > RAW_PATH_MAX || parent.n + dot + count > RAW_PATH_MAX) {
        return false;
    }
    char *at = arena_take(r, parent.n + dot + count);
    if (at == NULL) {
        return false;
    }
    *out = (span){at, parent.n + dot + count};
    if (dot > 0) {
        memcpy(at, parent.p, parent.n);
        at[parent.n] = '.';
    }
    if (count > 0) {
        memcpy(at + parent.n + dot, name, count);
    }
    return true;
}

/* Mixes the length with the first and last bytes: paths of one record seldom share all three. */
static unsigned path_hash(span path)
{
    uint64_t first = 0, last = 0;
    size_t count = path.n < 8 ? path.n : 8;

    if (count > 0) {
        memcpy(&first, path.p, count);
        memcpy(&last, path.p + path.n - count, count);
    }
    uint64_t mixed = (first ^ (last << 1 | last >> 63) ^ path.n) * 0x9E3779B97F4A7C15U;
    return (unsigned)(mixed >> 40);
}

/* Notes that the record holds a value at this path; false when it holds too many. */
static bool node_add(record_reader *r, span path)
{
    unsigned at = path_hash(path) % SLOTS;

    if (r->nodes >= NODES_MAX) {
        return false;
    }
    while (r->table[at].record == r->record) {
        span other = r->node[r->table[at].node];
        if (other.n == path.n && (path.n == 0 || memcmp(other.p, path.p, path.n) == 0)) {
            r->duplicate = true;
            return true;
        }
        at = (at + 1) % SLOTS;
    }
    r->table[at] = (slot){r->record, (unsigned)r->nodes};
    r->node[r->nodes++] = path;
    return true;
}

/* Called as each value begins: finds its path and notes it. */
static int value_begin(record_reader *r, span *path)
{
    level *here = &r->open[r->depth];

    if (r->depth == 0) {
        *path = (span){"", 0}; /* the record itself */
        r->roots++;
        return 1;
    }
    *path = r->key;
    if (here->is_array) {
        char name[24];
        size_t at = sizeof name, index = here->elements++;
        do {
            name[--at] = (char)('0' + index % 10);
            index /= 10;
        } while (index > 0);
        if (!path_join(r, here->path, name + at, sizeof name - at, path)) {
            return too_much(r, "a field's path is too long");
        }
    }
    return node_add(r, *path) ? 1 : too_much(r, "there are too many fields");
}

/* Text of the parser that lies in the record's own bytes is used there, the rest is copied. */
static bool text_keep(record_reader *r, const char *p, size_t count, span *out)
{
    uintptr_t at = (uintptr_t)p, begin = (uintptr_t)r->bytes.p;

    if (at >= begin && at < begin + r->bytes.n) {
        *out = (span){p, count};
        return true;
    }
    char *copy = arena_take(r, count);
    if (copy == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(copy, p, count);
    }
    *out = (span){copy, count};
    return true;
}

static int scalar(record_reader *r, raw_type type, const char *p, size_t count)
{
    span path, text;

    if (!value_begin(r, &path)) {
        return 0;
    }
    if (r->out->count >= RAW_FIELDS_MAX) {
        return too_much(r, "there are too many fields");
    }
    if (!text_keep(r, p, count, &text)) {
        return too_much(r, "the texts of the fields are too long");
    }
    r->out->field[r->out->count++] = (raw_field){.path = path, .type = type, .text = text};
    return 1;
}

static int on_null(void *context)
{
    return scalar(context, RAW_NULL, "", 0);
}

static int on_boolean(void *context, int value)
{
    return scalar(context, RAW_BOOL, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *context, const char *text, size_t count)
{
    return scalar(context, RAW_NUMBER, text, count);
}

static int on_string(void *context, const unsigned char *text, size_t count)
{
    return scalar(context, RAW_STRING, (const char *)text, count);
}

static int container_begin(record_reader *r, bool is_array)
{
    span path;

    if (!value_begin(r, &path)) {
        return 0;
    }
    if (r->depth >= RAW_DEPTH_MAX) {
        return too_much(r, "the record is nested too deeply");
    }
    r->open[++r->depth] = (level){.path = path, .is_array = is_array, .elements = 0};
    return 1;
}

static int on_start_map(void *context)
{
    return container_begin(context, false);
}

static int on_start_array(void *context)
{
    return container_begin(context, true);
}

static int on_end(void *context)
{
    record_reader *r = context;

    r->depth--;
    return 1;
}

static int on_map_key(void *context, const unsigned char *key, size_t count)
{
    record_reader *r = context;

    return path_join(r, r->open[r->depth].path, key, count, &r->key)
               ? 1
               : too_much(r, "a field's path is too long");
}

static yajl_handle parser_new(record_reader *r)
{
    static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                             .yajl_boolean = on_boolean,
                                             .yajl_number = on_number,
                                             .yajl_string = on_string,
                                             .yajl_start_map = on_start_map,
                                             .yajl_map_key = on_map_key,
                                             .yajl_end_map = on_end,
                                             .yajl_start_array = on_start_array,
                                             .yajl_end_array = on_end};
    yajl_handle parser = yajl_alloc(&callbacks, NULL, r);

    if (parser != NULL) {
        yajl_config(parser, yajl_allow_multiple_values, 1); /* one parser, many records */
    }
    return parser;
}

/* Why yajl stopped: bytes that are not UTF-8, or text that is not JSON, with the byte where it saw that. */
static void note_refusal(record_reader *r)
{
    unsigned char *message = yajl_get_error(r->parser, 0, NULL, 0);
    bool encoding = message != NULL && strstr((const char *)message, "UTF8") != NULL;

    if (message != NULL) {
        yajl_free_error(r->parser, message);
    }
    reason_add(r->damaged, encoding ? REASON_WRONG_ENCODING : REASON_MALFORMED, TARGET_COUNT,
               "the position counts the record's bytes", (int)yajl_get_bytes_consumed(r->parser));
}

static void parse(record_reader *r)
{
    yajl_status status = yajl_parse(r->parser, (const unsigned char *)r->bytes.p, r->bytes.n);

    /* The line end makes the parser judge what it may still hold: half a word or text behind the record. */
    if (status == yajl_status_ok) {
        status = yajl_parse(r->parser, (const unsigned char *)"\n", 1);
    }
    if (status == yajl_status_error) {
        note_refusal(r);
    } else if (status == yajl_status_ok && r->depth != 0) {
        reason_add(r->damaged, REASON_MALFORMED, TARGET_COUNT, "the record ends too early", 0);
    } else if (status == yajl_status_ok && r->roots != 1) {
        reason_add(r->damaged, REASON_MALFORMED, TARGET_COUNT,
                   "more than one value stands in the record's place", 0);
    }
    if (status != yajl_status_ok || r->depth != 0 || r->roots != 1) {
        yajl_free(r->parser);
        r->parser = NULL;
    }
}

static void begin(record_reader *r, span bytes, raw_record *out, reason_list *damaged)
{
    r->out = out;
    r->damaged = damaged;
    r->bytes = bytes;
    r->depth = r->nodes = r->roots = r->used = 0;
    r->duplicate = false;
    if (++r->record == 0) { /* the stamps came round: forget them all */
        memset(r->table, 0, sizeof r->table);
        r->record = 1;
    }
    out->count = 0;
    out->bytes = bytes;
}

void record_read(record_reader *r, span bytes, raw_record *out, reason_list *damaged)
{
    begin(r, bytes, out, damaged);
    if (r->parser == NULL) {
        r->parser = parser_new(r);
    }
    if (r->parser == NULL) {
        reason_add(damaged, REASON_MALFORMED, TARGET_COUNT, "out of memory: the record was not read", 0);
        return;
    }
    parse(r);
    if (r->duplicate) {
        reason_add(damaged, REASON_DUPLICATE_FIELD, TARGET_COUNT, NULL, 0);
    }
    if (!scalar_surrogates_paired(bytes)) {
        reason_add(damaged, REASON_WRONG_ENCODING, TARGET_COUNT, "half of a surrogate pair", 0);
    }
    if (damaged->count > 0) {
        out->count = 0;
    }
}
