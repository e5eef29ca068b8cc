/*
 * json_doc.c - see json_doc.h. A member given twice is found by a 64-bit hash of its pointer: two different ones with
 * the same hash would be refused, not confused.
 */
#include "config/json_doc.h"

#include <stdint.h>
#include <stdio.h>
#include <yajl/yajl_parse.h>

enum { ORIGIN_SHOWN = 120, KEY_SHOWN = 60 };

typedef struct {
    doc_value_fn on_value;
    void *context;
    failure *f;
    doc_at at;
    char key[DOC_DEPTH][DOC_KEY_MAX];
    bool array[DOC_DEPTH + 1]; /* of the open object or array at each depth */
    int index[DOC_DEPTH + 1];
    size_t open; /* objects and arrays that are open */
    uint64_t seen[DOC_VALUES_MAX];
    size_t values;
    bool failed;
} walk;

/* The end of a long path says more than its beginning. */
static const char *tail(const char *text, size_t most)
{
    size_t n = strlen(text);
    if (n <= most)
        return text;
    for (text += n - most; ((unsigned char)*text & 0xC0) == 0x80;)
        text++;
    return text;
}

/* Appends a key as RFC 6901 writes it, cut to what a message has room for. */
static void add_key(char *out, size_t room, const char *key)
{
    size_t n = strlen(out), start = n;
    if (n + 4 > room)
        return;
    out[n++] = '/';
    for (; *key && n + 3 < room && n - start < KEY_SHOWN; key++) {
        bool escaped = *key == '~' || *key == '/';
        out[n++] = escaped ? '~' : *key;
        if (escaped)
            out[n++] = *key == '~' ? '0' : '1';
    }
    while (*key && n > start + 1 && ((unsigned char)*key & 0xC0) == 0x80) { /* not half of a character */
        key--;
        n--;
    }
    out[n] = '\0';
}

bool doc_wrong(failure *f, const doc_at *at, const char *problem, const char *accepted)
{
    char pointer[DOC_DEPTH * (KEY_SHOWN + 4)] = "";
    for (size_t i = 0; i < at->depth; i++)
        add_key(pointer, sizeof pointer, at->key[i]);
    const char *origin = tail(at->origin, ORIGIN_SHOWN);
    return fail(f, EXIT_CONFIG, "%s%s: %s%s%s%s%s", origin == at->origin ? "" : "...", origin, pointer,
                at->depth ? ": " : "", problem, accepted ? "; accepted: " : "", accepted ? accepted : "");
}

static int refuse(walk *w, const char *problem, const char *accepted)
{
    w->failed = true;
    return doc_wrong(w->f, &w->at, problem, accepted);
}

static bool clean(const unsigned char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] == 0x7F)
            return false;
    return true;
}

static uint64_t hash_of(const doc_at *at)
{
    uint64_t hash = 0xCBF29CE484222325U;
    for (size_t i = 0; i < at->depth; i++)
        for (const char *c = at->key[i];; c++) {
            hash = (hash ^ (unsigned char)*c) * 0x100000001B3U;
            if (!*c)
                break;
        }
    return hash;
}

/* Makes w->at the place of the value that begins now. */
static bool enter(walk *w)
{
    w->at.depth = w->open;
    if (w->open > 0 && w->array[w->open])
        (void)snprintf(w->key[w->open - 1], DOC_KEY_MAX, "%d", w->index[w->open]++);
    if (w->values == DOC_VALUES_MAX)
        return refuse(w, "there are too many values", "a document of at most 2000 values");
    uint64_t hash = hash_of(&w->at);
    for (size_t i = 0; i < w->values; i++)
        if (w->seen[i] == hash)
            return refuse(w, "is given twice", "one value");
    w->seen[w->values++] = hash;
    return true;
}

static int on_scalar(walk *w, doc_type type, const void *bytes, size_t n)
{
    char text[DOC_TEXT_MAX + 1];
    if (!enter(w))
        return 0;
    if (n > DOC_TEXT_MAX)
        return refuse(w, "is too long", "at most 4096 bytes");
    if (!clean(bytes, n))
        return refuse(w, "contains a control character", "text in UTF-8");
    memcpy(text, bytes, n);
    text[n] = '\0';
    w->failed = !w->on_value(w->context, &w->at, &(doc_value){type, text}, w->f);
    return !w->failed;
}

static int on_open(walk *w, doc_type type)
{
    if (!enter(w))
        return 0;
    if (w->open == DOC_DEPTH)
        return refuse(w, "is nested too deeply", "a text or a number");
    w->failed = !w->on_value(w->context, &w->at, &(doc_value){type, ""}, w->f);
    w->open++;
    w->array[w->open] = type == DOC_ARRAY;
    w->index[w->open] = 0;
    return !w->failed;
}

static int on_null(void *w)
{
    return on_scalar(w, DOC_NULL, "", 0);
}

static int on_boolean(void *w, int value)
{
    return on_scalar(w, DOC_BOOLEAN, value ? "true" : "false", value ? 4 : 5);
}

static int on_number(void *w, const char *text, size_t n)
{
    return on_scalar(w, DOC_NUMBER, text, n);
}

static int on_string(void *w, const unsigned char *text, size_t n)
{
    return on_scalar(w, DOC_TEXT, text, n);
}

static int on_object(void *w)
{
    return on_open(w, DOC_OBJECT);
}

static int on_array(void *w)
{
    return on_open(w, DOC_ARRAY);
}

static int on_key(void *context, const unsigned char *text, size_t n)
{
    walk *w = context;
    w->at.depth = w->open - 1;
    if (n == 0 || n >= DOC_KEY_MAX || !clean(text, n))
        return refuse(w, "has a member whose name is empty, too long or unprintable",
                      "names of 1 to 159 bytes");
    memcpy(w->key[w->open - 1], text, n);
    w->key[w->open - 1][n] = '\0';
    return 1;
}

static int on_close(void *context)
{
    walk *w = context;
    w->open--;
    return 1;
}

static bool not_json(walk *w, span text, size_t read)
{
    char problem[64];
    int line = 1;
    for (size_t i = 0; i < read && i < text.n; i++)
        line += text.p[i] == '\n';
    (void)snprintf(problem, sizeof problem, "is not JSON in UTF-8, at line %d", line);
    w->at.depth = 0;
    return doc_wrong(w->f, &w->at, problem, "one object, as RFC 8259 has it");
}

bool doc_walk(const char *origin, span text, doc_value_fn on_value, void *context, failure *f)
{
    static const yajl_callbacks callbacks = {.yajl_null = on_null,
                                             .yajl_boolean = on_boolean,
                                             .yajl_number = on_number,
                                             .yajl_string = on_string,
                                             .yajl_start_map = on_object,
                                             .yajl_map_key = on_key,
                                             .yajl_end_map = on_close,
                                             .yajl_start_array = on_array,
                                             .yajl_end_array = on_close};
    walk w = {.on_value = on_value, .context = context, .f = f, .at = {.origin = origin}};
    for (size_t i = 0; i < DOC_DEPTH; i++)
        w.at.key[i] = w.key[i];
    yajl_handle parser = yajl_alloc(&callbacks, NULL, &w);
    if (!parser)
        return fail(f, EXIT_INTERNAL, "no memory to read a document");
    bool done = yajl_parse(parser, (const unsigned char *)text.p, text.n) == yajl_status_ok &&
                yajl_complete_parse(parser) == yajl_status_ok;
    if (!done && !w.failed)
        (void)not_json(&w, text, yajl_get_bytes_consumed(parser));
    yajl_free(parser);
    return done;
}
