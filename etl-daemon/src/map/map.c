/*
 * map.c - the declared mapping, applied. Promises that a value is the source's own text, trimmed, or the one
 * its value map gives, and that a value found unfit is reported and left out. Refuses to judge meaning: that
 * is validate's.
 */
#include "map/map.h"

typedef struct {
    const source_def *def;
    const raw_record *raw;
    map_scratch *scratch;
    mapped_record *out;
    reason_list *reasons;
} mapping;

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static span trimmed(span text)
{
    while (text.n > 0 && is_space(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && is_space(text.p[text.n - 1])) {
        text.n--;
    }
    return text;
}

/* Adds a reason once a field, however many rules stumble over the same value. */
static void note(mapping *m, reason_code code, target field, const char *detail)
{
    for (size_t i = 0; i < m->reasons->count; i++) {
        if (m->reasons->item[i].code == code && m->reasons->item[i].field == field) {
            return;
        }
    }
    reason_add(m->reasons, code, field, detail, 0);
}

/* Does the path name an object or array that holds something? */
static bool is_container(const raw_record *raw, span path)
{
    for (size_t i = 0; i < raw->count; i++) {
        span other = raw->field[i].path;
        if (other.n > path.n && other.p[path.n] == '.' && memcmp(other.p, path.p, path.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_name(target to)
{
    return to == TARGET_NAME_BN || to == TARGET_NAME_EN || to == TARGET_FATHER_NAME ||
           to == TARGET_MOTHER_NAME;
}

static bool is_date(target to)
{
    return to == TARGET_BIRTH_DATE || to == TARGET_ENROLLED_ON;
}

/* What a source writes instead of text, for a person; NULL where it fits. */
static const char *misfit(const source_def *def, target to, raw_type type)
{
    bool number = type == RAW_NUMBER || type == RAW_FLOAT;

    if (type == RAW_STRING || def->has_values[to] || (number && !is_name(to)) ||
        (type == RAW_DATE && is_date(to))) {
        return NULL;
    }
    return type == RAW_BOOL   ? "true or false stands where text is expected"
           : type == RAW_DATE ? "a date stands where text is expected"
                              : "a number stands where text is expected";
}

/* The field's text, trimmed; empty when it is absent, null, blank or of a wrong type (which is noted). */
static span field_text(mapping *m, target to, const char *name)
{
    span path = span_of(name);
    const raw_field *field = raw_find(m->raw, path);

    if (field == NULL) {
        if (is_container(m->raw, path)) {
            note(m, REASON_WRONG_TYPE, to, "an object or array stands where a single value is expected");
        }
        return (span){NULL, 0};
    }
    if (field->type == RAW_NULL) {
        return (span){NULL, 0};
    }
    if (field->type == RAW_ERROR) {
        note(m, REASON_CELL_ERROR, to, NULL);
        return (span){NULL, 0};
    }
    const char *why = misfit(m->def, to, field->type);
    if (why != NULL) {
        note(m, REASON_WRONG_TYPE, to, why);
        return (span){NULL, 0};
    }
    m->out->from_float[to] |= field->type == RAW_FLOAT;
    m->out->from_date[to] = field->type == RAW_DATE;
    return trimmed(field->text);
}

static bool rule_applies(const mapping *m, const map_rule *rule)
{
    if (rule->when_path[0] == '\0') {
        return true;
    }
    const raw_field *field = raw_find(m->raw, span_of(rule->when_path));
    return field != NULL && field->type != RAW_NULL && span_equals(trimmed(field->text), rule->when_value);
}

/*
 * Appends to a joined text; what passes its room is cut, and the length alone then makes the value too long.
 */
static void join_add(char text[MAP_JOINED_MAX], size_t *size, span part)
{
    size_t room = MAP_JOINED_MAX - *size;
    size_t taken = part.n < room ? part.n : room;

    if (taken > 0) {
        memcpy(text + *size, part.p, taken);
        *size += taken;
    }
}

/* A part of one digit, ASCII or Bengali (three bytes, U+09E6 to U+09EF), wants a zero before it. */
static bool is_one_digit(span part)
{
    if (part.n == 1) {
        return part.p[0] >= '0' && part.p[0] <= '9';
    }
    return part.n == 3 && memcmp(part.p, "\xE0\xA7", 2) == 0 && (unsigned char)part.p[2] >= 0xA6 &&
           (unsigned char)part.p[2] <= 0xAF;
}

static size_t join_geo(const span *part, int parts, char text[MAP_JOINED_MAX])
{
    size_t size = 0;
    int given = parts;

    while (given > 0 && part[given - 1].n == 0) {
        given--;
    }
    for (int i = 0; i < given; i++) {
        if (is_one_digit(part[i])) {
            join_add(text, &size, span_of("0"));
        }
        join_add(text, &size, part[i].n > 0 ? part[i] : span_of("-"));
    }
    return size;
}

static size_t join_key(const span *part, int parts, char text[MAP_JOINED_MAX])
{
    size_t size = 0;

    for (int i = 0; i < parts; i++) {
        if (part[i].n == 0) {
            return 0;
        }
        if (i > 0) {
            join_add(text, &size, span_of("-"));
        }
        join_add(text, &size, part[i]);
    }
    return size;
}

static size_t join_words(const span *part, int parts, char text[MAP_JOINED_MAX])
{
    size_t size = 0;

    for (int i = 0; i < parts; i++) {
        if (size > 0 && part[i].n > 0) {
            join_add(text, &size, span_of(" "));
        }
        join_add(text, &size, part[i]);
    }
    return size;
}

static span joined(mapping *m, const map_rule *rule)
{
    char *text = m->scratch->text[rule->to];
    span part[MAP_PATHS_MAX];
    size_t size;

    for (int i = 0; i < rule->paths; i++) {
        part[i] = field_text(m, rule->to, rule->path[i]);
    }
    if (rule->to == TARGET_GEO) {
        size = join_geo(part, rule->paths, text);
    } else if (rule->to == TARGET_RECORD_ID || rule->to == TARGET_HOUSEHOLD) {
        size = join_key(part, rule->paths, text);
    } else {
        size = join_words(part, rule->paths, text);
    }
    return (span){text, size};
}

/* Our value for the source's; empty, and noted, when the source's is not declared. */
static span translated(mapping *m, target to, span value)
{
    for (size_t i = 0; i < m->def->values; i++) {
        const value_map *entry = &m->def->value[i];
        if (entry->to == to && span_equals(value, entry->from)) {
            return span_of(entry->value);
        }
    }
    note(m, REASON_UNKNOWN_VALUE, to, "the source's value map does not list it");
    return (span){NULL, 0};
}

static span rule_value(mapping *m, const map_rule *rule)
{
    if (rule->paths == 0) {
        return span_of(rule->literal); /* already ours: no value map */
    }
    span value = rule->paths == 1 ? field_text(m, rule->to, rule->path[0]) : joined(m, rule);
    if (value.n > 0 && m->def->has_values[rule->to]) {
        value = translated(m, rule->to, value);
    }
    if (value.n > target_ceiling(rule->to)) {
        note(m, REASON_TOO_LONG, rule->to, NULL);
        return (span){NULL, 0};
    }
    return value;
}

void map_record(const source_def *def, const raw_record *raw, map_scratch *scratch, mapped_record *out,
                reason_list *reasons)
{
    mapping m = {.def = def, .raw = raw, .scratch = scratch, .out = out, .reasons = reasons};

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < def->rules; i++) {
        const map_rule *rule = &def->rule[i];
        if (out->value[rule->to].n == 0 && rule_applies(&m, rule)) {
            out->from_float[rule->to] = out->from_date[rule->to] = false;
            out->value[rule->to] = rule_value(&m, rule);
            out->bijoy[rule->to] = rule->bijoy;
        }
    }
}
