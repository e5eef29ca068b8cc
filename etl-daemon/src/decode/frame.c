/*
 * frame.c - see frame.h. Outside of the records each byte goes through the grammar in envelope.c; inside a
 * record only quotes, escapes and brackets count, so that a record which yajl will refuse still has an end.
 */
#include "decode/frame.h"

#include <stdlib.h>

bool frame_init(framer *f, const decode_options *options, frame_element_fn on_element, void *context)
{
    memset(f, 0, sizeof *f);
    f->row_bytes = options->row_bytes;
    f->on_element = on_element;
    f->context = context;
    f->carry = malloc(options->row_bytes);
    if (f->carry == NULL || !nest_init(&f->open, options->row_bytes + ENVELOPE_LEVELS_MAX)) {
        frame_free(f);
        return false;
    }
    envelope_init(&f->outside, options, &f->open);
    return true;
}

void frame_free(framer *f)
{
    if (f->carry != NULL) {
        explicit_bzero(f->carry, f->row_bytes);
    }
    free(f->carry);
    f->carry = NULL;
    nest_free(&f->open);
}

static frame_result lost(framer *f, size_t at, const char *problem)
{
    f->problem = problem;
    f->lost_at = at;
    return FRAME_LOST;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

/* Adds the element's bytes of this chunk to what is kept of it, up to row_bytes. */
static void keep(framer *f, const char *p, size_t count)
{
    size_t room = f->row_bytes - f->kept;
    size_t taken = count < room ? count : room;

    if (taken > 0) {
        memcpy(f->carry + f->kept, p, taken);
        f->kept += taken;
    }
    f->kept_some = true;
}

static size_t skip_spaces(const char *p, size_t at, size_t end)
{
    while (at < end && is_space(p[at])) {
        at++;
    }
    return at;
}

/* Is there, inside a string, what stands between two records: a closing brace, a comma, an opening brace? */
static bool string_holds_border(span bytes)
{
    bool inside = false;

    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        if (c == '\\' && inside) {
            i++;
        } else if (c == '"') {
            inside = !inside;
        } else if (c == '}' && inside) {
            size_t comma = skip_spaces(bytes.p, i + 1, bytes.n);
            size_t brace = skip_spaces(bytes.p, comma + 1, bytes.n);
            if (brace < bytes.n && bytes.p[comma] == ',' && bytes.p[brace] == '{') {
                return true;
            }
        }
    }
    return false;
}

/* The element ends before `end` of this chunk: hands it over, unless it may hold its neighbour. */
static frame_result element_end(framer *f, span chunk, size_t end)
{
    size_t here = f->kept_some ? 0 : f->start - f->offset; /* where its bytes of this chunk begin */
    size_t length = f->offset + end - f->start;
    frame_element element = {.offset = f->start, .too_large = length > f->row_bytes};

    if (f->kept_some) {
        keep(f, chunk.p, end);
        element.bytes = (span){f->carry, f->kept};
    } else {
        element.bytes = (span){chunk.p + here, element.too_large ? f->row_bytes : length};
    }
    f->state = FRAME_NEXT;
    f->kept_some = false;
    f->kept = 0;
    if (f->odd_bracket || (f->odd_quotes && (element.too_large || string_holds_border(element.bytes)))) {
        return lost(f, f->start, "a quote or bracket is missing: where the record ends can't be told");
    }
    return f->on_element(f->context, &element) ? FRAME_GOES_ON : FRAME_STOPPED;
}

static frame_result element_begin(framer *f, char c, size_t at)
{
    f->start = f->offset + at;
    f->last = '[';
    f->odd_quotes = f->odd_bracket = false;
    f->kept_some = false;
    f->kept = 0;
    if (c == '"') {
        f->state = FRAME_STRING;
    } else if (c == '{' || c == '[') {
        f->state = FRAME_INSIDE;
        f->last = c;
        if (!nest_open(&f->open, c)) {
            return lost(f, f->start, "the brackets are nested deeper than row_bytes");
        }
    } else if (is_word(c)) {
        f->state = FRAME_WORD;
    } else {
        return lost(f, f->start, "a record must stand here");
    }
    return FRAME_GOES_ON;
}

static frame_result rows_end(framer *f, size_t at)
{
    if (!envelope_rows_closed(&f->outside)) {
        return lost(f, f->offset + at, f->outside.problem);
    }
    f->state = FRAME_ENVELOPE;
    return FRAME_GOES_ON;
}

/* A byte between two records. */
static frame_result between(framer *f, char c, size_t at)
{
    if (is_space(c)) {
        return FRAME_GOES_ON;
    }
    if (c == ']' && f->state != FRAME_ELEMENT) {
        return rows_end(f, at);
    }
    if (f->state != FRAME_NEXT) {
        return element_begin(f, c, at);
    }
    if (c != ',') {
        return lost(f, f->offset + at, "a comma or the end of the records must stand here");
    }
    f->state = FRAME_ELEMENT;
    return FRAME_GOES_ON;
}

static frame_result inside_open(framer *f, char c, size_t at)
{
    bool expected = nest_in_object(&f->open) ? f->last == ':' : f->last == '[' || f->last == ',';

    f->odd_bracket = f->odd_bracket || !expected;
    if (!nest_open(&f->open, c)) {
        return lost(f, f->offset + at, "the brackets are nested deeper than row_bytes");
    }
    f->last = c;
    return FRAME_GOES_ON;
}

static frame_result inside_close(framer *f, span chunk, size_t at)
{
    if (!nest_close(&f->open, chunk.p[at])) {
        return lost(f, f->offset + at, "a record closes a bracket that it did not open");
    }
    f->last = chunk.p[at];
    return f->open.depth == f->base ? element_end(f, chunk, at + 1) : FRAME_GOES_ON;
}

/* Can c not follow what went before it, because a quote is missing or too many? */
static bool quote_is_odd(char last, char c)
{
    bool behind_string = last == '"' && c != ':' && c != ',' && c != '}' && c != ']';
    bool before_string = c == '"' && last != '{' && last != '[' && last != ',' && last != ':';

    return behind_string || before_string;
}

/* Goes through an element's bytes outside of its strings; *at ends behind the last byte looked at. */
static frame_result inside(framer *f, span chunk, size_t *at)
{
    while (*at < chunk.n) {
        char c = chunk.p[(*at)++];
        if (is_space(c)) {
            continue;
        }
        f->odd_quotes = f->odd_quotes || quote_is_odd(f->last, c);
        if (c == '"') {
            f->last = c;
            f->state = FRAME_STRING;
            return FRAME_GOES_ON;
        }
        if (c == '}' || c == ']') {
            frame_result result = inside_close(f, chunk, *at - 1);
            if (result != FRAME_GOES_ON || f->state != FRAME_INSIDE) {
                return result;
            }
        } else if (c == '{' || c == '[') {
            frame_result result = inside_open(f, c, *at - 1);
            if (result != FRAME_GOES_ON) {
                return result;
            }
        }
        f->last = c;
    }
    return FRAME_GOES_ON;
}

static frame_result string(framer *f, span chunk, size_t *at)
{
    size_t i = *at;

    if (f->state == FRAME_ESCAPE && i < chunk.n) {
        i++;
        f->state = FRAME_STRING;
    }
    while (i < chunk.n && chunk.p[i] != '"' && chunk.p[i] != '\\') {
        i++;
    }
    *at = i < chunk.n ? i + 1 : i;
    if (i == chunk.n) {
        return FRAME_GOES_ON;
    }
    if (chunk.p[i] == '\\') {
        f->state = FRAME_ESCAPE;
        return FRAME_GOES_ON;
    }
    if (f->open.depth == f->base) {
        return element_end(f, chunk, *at);
    }
    f->state = FRAME_INSIDE;
    return FRAME_GOES_ON;
}

/* A word ends at the first byte that can't be in one; that byte is left for between(). */
static frame_result word(framer *f, span chunk, size_t *at)
{
    while (*at < chunk.n && is_word(chunk.p[*at])) {
        (*at)++;
    }
    return *at < chunk.n ? element_end(f, chunk, *at) : FRAME_GOES_ON;
}

static frame_result outside(framer *f, char c, size_t at)
{
    switch (envelope_byte(&f->outside, c)) {
    case ENVELOPE_ON:
        return FRAME_GOES_ON;
    case ENVELOPE_ROWS:
        f->state = FRAME_FIRST;
        f->base = f->open.depth;
        return FRAME_GOES_ON;
    default:
        return lost(f, f->offset + at, f->outside.problem);
    }
}

static frame_result step(framer *f, span chunk, size_t *at)
{
    switch (f->state) {
    case FRAME_ENVELOPE:
        (*at)++;
        return outside(f, chunk.p[*at - 1], *at - 1);
    case FRAME_INSIDE:
        return inside(f, chunk, at);
    case FRAME_STRING:
    case FRAME_ESCAPE:
        return string(f, chunk, at);
    case FRAME_WORD:
        return word(f, chunk, at);
    default:
        (*at)++;
        return between(f, chunk.p[*at - 1], *at - 1);
    }
}

static bool in_element(const framer *f)
{
    return f->state == FRAME_INSIDE || f->state == FRAME_STRING || f->state == FRAME_ESCAPE ||
           f->state == FRAME_WORD;
}

frame_result frame_feed(framer *f, span bytes)
{
    size_t at = 0;

    while (at < bytes.n) {
        frame_result result = step(f, bytes, &at);
        if (result != FRAME_GOES_ON) {
            return result;
        }
    }
    if (in_element(f)) {
        size_t here = f->kept_some ? 0 : f->start - f->offset;
        keep(f, bytes.p + here, bytes.n - here);
    }
    f->offset += bytes.n;
    return FRAME_GOES_ON;
}

frame_result frame_end(framer *f)
{
    if (in_element(f)) {
        return lost(f, f->offset, "the page ends inside a record");
    }
    return envelope_end(&f->outside) ? FRAME_GOES_ON : lost(f, f->offset, f->outside.problem);
}
