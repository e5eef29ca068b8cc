/*
 * envelope.c - see envelope.h. One function a state; a state that is done with a byte's predecessor hands the
 * byte on.
 */
#include "decode/envelope.h"

#include <stdio.h>

#include "decode/scalar.h"

void envelope_init(envelope *e, const decode_options *options, nest *open)
{
    memset(e, 0, sizeof *e);
    e->options = options;
    e->open = open;
    e->wanted = -1;
}

static envelope_step lost(envelope *e, const char *problem)
{
    e->problem = problem;
    return ENVELOPE_LOST;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool path_is(const envelope *e, const char *path)
{
    return e->lost_at == 0 && span_equals((span){e->path, e->path_length}, path);
}

/* Makes path the name of a member of the innermost container; members that are too deep or long have none. */
static void path_enter(envelope *e, const char *name, size_t count)
{
    size_t depth = e->open->depth;

    if (e->lost_at != 0 && depth > e->lost_at) {
        return;
    }
    e->lost_at = depth;
    if (depth > ENVELOPE_LEVELS_MAX || e->base[depth] + 1 + count > sizeof e->path) {
        return;
    }
    e->path_length = e->base[depth];
    if (e->path_length > 0) {
        e->path[e->path_length++] = '.';
    }
    memcpy(e->path + e->path_length, name, count);
    e->path_length += count;
    e->lost_at = 0;
}

static void path_enter_element(envelope *e)
{
    char name[24] = "";
    size_t depth = e->open->depth;

    if (depth <= ENVELOPE_LEVELS_MAX) {
        int count = snprintf(name, sizeof name, "%zu", e->index[depth]++);
        path_enter(e, name, count > 0 ? (size_t)count : 0);
    } else {
        path_enter(e, "", 0);
    }
}

/* A value is complete: what may follow depends on what is open. */
static envelope_step value_done(envelope *e)
{
    e->wanted = -1;
    e->state = e->open->depth > 0 ? ENVELOPE_NEXT : ENVELOPE_DONE;
    return ENVELOPE_ON;
}

/* Index of the option that asks for the value at the present path, or -1. */
static int wanted_here(const envelope *e)
{
    for (int i = 0; i < ENVELOPE_MAX; i++) {
        if (e->options->envelope[i] != NULL && e->open->depth > 0 && path_is(e, e->options->envelope[i])) {
            return i;
        }
    }
    return -1;
}

static envelope_step open_container(envelope *e, char c)
{
    if (e->wanted >= 0) {
        return lost(e, "a value of the envelope that is asked for is not a scalar");
    }
    if (!nest_open(e->open, c)) {
        return lost(e, "the brackets are nested deeper than row_bytes");
    }
    if (e->open->depth <= ENVELOPE_LEVELS_MAX) {
        e->base[e->open->depth] = e->path_length;
        e->index[e->open->depth] = 0;
    }
    e->state = c == '{' ? ENVELOPE_KEY_OR_CLOSE : ENVELOPE_VALUE_OR_CLOSE;
    return ENVELOPE_ON;
}

static envelope_step rows_begin(envelope *e, char c)
{
    if (e->rows_seen) {
        return lost(e, "the array of records stands twice");
    }
    if (c != '[') {
        return lost(e, "what stands at the path of the records is not an array");
    }
    if (!nest_open(e->open, c)) {
        return lost(e, "the brackets are nested deeper than row_bytes");
    }
    e->rows_seen = true;
    return ENVELOPE_ROWS;
}

static envelope_step token_add(envelope *e, char c)
{
    if (e->token_length >= sizeof e->token) {
        return lost(e, "a key or value of the envelope is too long");
    }
    e->token[e->token_length++] = c;
    return ENVELOPE_ON;
}

static envelope_step value_begin(envelope *e, char c)
{
    bool at_root = e->open->depth == 0;

    if (at_root == (e->options->rows_path[0] == '\0') && path_is(e, e->options->rows_path)) {
        return rows_begin(e, c);
    }
    e->wanted = wanted_here(e);
    e->token_length = 0;
    e->in_key = false;
    if (c == '{' || c == '[') {
        return open_container(e, c);
    }
    if (c == '"') {
        e->state = ENVELOPE_STRING;
        return token_add(e, c);
    }
    if (c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n') {
        e->state = ENVELOPE_TOKEN;
        return token_add(e, c);
    }
    return lost(e, "this is not JSON: a value must stand here");
}

/* Keeps the scalar in token for the one who asked. */
static envelope_step value_keep(envelope *e)
{
    envelope_value *value = &e->value[e->wanted];
    raw_type type;

    if (value->seen) {
        return lost(e, "a value of the envelope that is asked for stands twice");
    }
    if (!scalar_decode((span){e->token, e->token_length}, value->text, sizeof value->text, &type,
                       &value->length)) {
        return lost(e, "a value of the envelope that is asked for can't be read");
    }
    value->seen = true;
    value->is_null = type == RAW_NULL;
    return value_done(e);
}

static envelope_step string_end(envelope *e)
{
    if (!e->in_key) {
        return e->wanted >= 0 ? value_keep(e) : value_done(e);
    }
    char name[ENVELOPE_PATH_MAX];
    raw_type type;
    size_t count;
    if (scalar_decode((span){e->token, e->token_length}, name, sizeof name, &type, &count)) {
        path_enter(e, name, count);
    } else if (e->lost_at == 0 || e->open->depth <= e->lost_at) {
        e->lost_at = e->open->depth; /* a key that can't be read names nothing */
    }
    e->state = ENVELOPE_COLON;
    return ENVELOPE_ON;
}

/* Strings that nobody asked for are not kept, whatever their length. */
static envelope_step string_byte(envelope *e, char c)
{
    bool escaped = e->state == ENVELOPE_ESCAPE;

    if (e->in_key || e->wanted >= 0) {
        envelope_step step = token_add(e, c);
        if (step != ENVELOPE_ON) {
            return step;
        }
    }
    if (!escaped && c == '"') {
        return string_end(e);
    }
    e->state = !escaped && c == '\\' ? ENVELOPE_ESCAPE : ENVELOPE_STRING;
    return ENVELOPE_ON;
}

static envelope_step close_container(envelope *e, char c)
{
    if (!nest_close(e->open, c)) {
        return lost(e, "a bracket is closed that is not open");
    }
    if (e->lost_at > e->open->depth) {
        e->lost_at = 0;
    }
    return value_done(e);
}

static envelope_step next_byte(envelope *e, char c)
{
    if (c == '}' || c == ']') {
        return close_container(e, c);
    }
    if (c != ',') {
        return lost(e, "a comma or a closing bracket must stand here");
    }
    e->state = nest_in_object(e->open) ? ENVELOPE_KEY : ENVELOPE_VALUE;
    return ENVELOPE_ON;
}

static envelope_step key_byte(envelope *e, char c)
{
    if (c == '}' && e->state == ENVELOPE_KEY_OR_CLOSE) {
        return close_container(e, c);
    }
    if (c != '"') {
        return lost(e, "this is not JSON: a key must stand here");
    }
    e->in_key = true;
    e->token_length = 0;
    e->state = ENVELOPE_STRING;
    return token_add(e, c);
}

/* The byte behind a number or a literal ends it and is then read for itself. */
static envelope_step token_byte(envelope *e, char c)
{
    if (!is_space(c) && c != ',' && c != '}' && c != ']') {
        return token_add(e, c);
    }
    if (!scalar_is_bare((span){e->token, e->token_length})) {
        return lost(e, "a value before this place is not JSON");
    }
    envelope_step step = e->wanted >= 0 ? value_keep(e) : value_done(e);
    return step == ENVELOPE_ON ? envelope_byte(e, c) : step;
}

static envelope_step value_byte(envelope *e, char c)
{
    if (c == ']' && e->state == ENVELOPE_VALUE_OR_CLOSE) {
        return close_container(e, c);
    }
    if (e->open->depth > 0 && !nest_in_object(e->open)) {
        path_enter_element(e);
    }
    return value_begin(e, c);
}

/* A byte order mark is read over at the very start, and nowhere else. */
static bool mark_byte(envelope *e, char c)
{
    static const char mark[3] = {'\xEF', '\xBB', '\xBF'};

    if (e->state == ENVELOPE_VALUE && e->open->depth == 0 && e->mark < 3 && c == mark[e->mark]) {
        e->mark++;
        return true;
    }
    if (e->mark == 0) {
        e->mark = 3; /* the first byte was another */
    }
    return false;
}

envelope_step envelope_byte(envelope *e, char c)
{
    if (e->state == ENVELOPE_STRING || e->state == ENVELOPE_ESCAPE) {
        return string_byte(e, c);
    }
    if (e->state == ENVELOPE_TOKEN) {
        return token_byte(e, c);
    }
    if (mark_byte(e, c)) {
        return ENVELOPE_ON;
    }
    if (e->mark < 3) {
        return lost(e, "this is not JSON: a value must stand here");
    }
    if (is_space(c)) {
        return ENVELOPE_ON;
    }
    switch (e->state) {
    case ENVELOPE_VALUE:
    case ENVELOPE_VALUE_OR_CLOSE:
        return value_byte(e, c);
    case ENVELOPE_KEY:
    case ENVELOPE_KEY_OR_CLOSE:
        return key_byte(e, c);
    case ENVELOPE_COLON:
        e->state = ENVELOPE_VALUE;
        return c == ':' ? ENVELOPE_ON : lost(e, "a colon must stand here");
    case ENVELOPE_NEXT:
        return next_byte(e, c);
    default:
        return lost(e, "something follows the end of the page");
    }
}

bool envelope_rows_closed(envelope *e)
{
    if (!nest_close(e->open, ']')) {
        e->problem = "a bracket is closed that is not open";
        return false;
    }
    value_done(e);
    return true;
}

bool envelope_end(envelope *e)
{
    if (e->state != ENVELOPE_DONE) {
        e->problem = "the page ends before its document does";
    } else if (!e->rows_seen && !e->options->rows_optional) {
        e->problem = "there is no array at the path of the records";
    } else {
        return true;
    }
    return false;
}
