/*
 * source_def.c - reads a source's definition: walks the file, hands plain keys to source_key, rules to source_rule,
 * and checks at the end what only the whole shows.
 */
#include "config/source_def.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/ini_text.h"
#include "config/source_column.h"
#include "config/source_key.h"
#include "config/source_rule.h"

static const char VALUES[] = "values.";

typedef struct {
    source_def *def;
    source_keys keys;
    int last_line;
} reading;

static bool refuse_target(const ini_at *at, const char *problem, failure *f)
{
    char accepted[300] = "";
    size_t n = 0;
    for (int i = 0; i < TARGET_COUNT && n < sizeof accepted - 32; i++)
        n += (size_t)snprintf(accepted + n, sizeof accepted - n, "%s%s", i ? ", " : "",
                              target_name((target)i));
    return ini_wrong(f, at, problem, accepted);
}

static bool values_target(const char *section, target *out)
{
    return target_by_name(span_of(section + sizeof VALUES - 1), out);
}

static bool on_section(void *context, const ini_at *at, failure *f)
{
    reading *r = context;
    target to;
    r->last_line = at->line;
    if (source_key_section(at->section) || strcmp(at->section, "map") == 0 ||
        strcmp(at->section, "columns") == 0)
        return true;
    if (strncmp(at->section, VALUES, sizeof VALUES - 1) != 0)
        return ini_wrong(f, at, "there is no such section",
                         "source, paging, file, table, columns, map, values.TARGET, format");
    return values_target(at->section, &to) || refuse_target(at, "there is no such target", f);
}

static bool add_rule(source_def *def, const ini_at *at, const char *value, failure *f)
{
    target to;
    if (!target_by_name(span_of(at->key), &to))
        return refuse_target(at, "there is no such target", f);
    if (def->rules == MAP_RULES_MAX)
        return ini_wrong(f, at, "there are too many rules", "at most 64 in [map]");
    map_rule *rule = &def->rule[def->rules];
    const char *problem = source_rule_parse(value, rule);
    if (problem)
        return ini_wrong(f, at, problem, SOURCE_RULE_ACCEPTED);
    if (rule->bijoy && to != TARGET_NAME_BN && to != TARGET_FATHER_NAME && to != TARGET_MOTHER_NAME)
        return ini_wrong(f, at, "is not a name in Bengali", "in bijoy for name_bn, father_name, mother_name");
    rule->to = to;
    def->rules++;
    return true;
}

static bool add_value(source_def *def, const ini_at *at, const char *value, failure *f)
{
    static const char accepted[] = "source value = our value, each of 1 to 63 bytes";
    target to;
    if (!values_target(at->section, &to))
        return refuse_target(at, "there is no such target", f);
    if (def->values == VALUE_MAPS_MAX)
        return ini_wrong(f, at, "there are too many values", "at most 128 in all [values.TARGET]");
    value_map *map = &def->value[def->values];
    size_t from_size = strlen(at->key), size = strlen(value);
    if (from_size == 0 || from_size >= sizeof map->from || size == 0 || size >= sizeof map->value)
        return ini_wrong(f, at, "a value is empty or too long", accepted);
    for (size_t i = 0; i < def->values; i++)
        if (def->value[i].to == to && strcmp(def->value[i].from, at->key) == 0)
            return ini_wrong(f, at, "is given twice", "one value");
    map->to = to;
    memcpy(map->from, at->key, from_size + 1);
    memcpy(map->value, value, size + 1);
    def->has_values[to] = true;
    def->values++;
    return true;
}

static bool on_entry(void *context, const ini_at *at, const char *value, failure *f)
{
    reading *r = context;
    r->last_line = at->line;
    if (strcmp(at->section, "map") == 0)
        return add_rule(r->def, at, value, f);
    if (strcmp(at->section, "columns") == 0)
        return source_column_add(r->def, at, value, f);
    if (strncmp(at->section, VALUES, sizeof VALUES - 1) == 0)
        return add_value(r->def, at, value, f);
    return source_key_set(&r->keys, r->def, at, value, f);
}

static bool mapped(const source_def *def, target to)
{
    for (size_t i = 0; i < def->rules; i++)
        if (def->rule[i].to == to)
            return true;
    return false;
}

/* What is mapped needs its format; what is required needs a rule. */
static bool check_whole(reading *r, const char *path, failure *f)
{
    static const struct {
        target to;
        const char *key;
    } formatted[] = {{TARGET_ENROLLED_ON, "enrolled_on"}, {TARGET_AMOUNT, "amount"}};
    for (int i = 0; i < TARGET_COUNT; i++)
        if (target_required((target)i) && !mapped(r->def, (target)i))
            return ini_wrong(f, &(ini_at){path, r->last_line, "map", target_name((target)i)}, "is missing",
                             SOURCE_RULE_ACCEPTED);
    for (size_t i = 0; i < sizeof formatted / sizeof *formatted; i++)
        if (mapped(r->def, formatted[i].to) && !source_key_line(&r->keys, "format", formatted[i].key))
            return source_key_missing("format", formatted[i].key, path, r->last_line, f);
    int line = source_key_line(&r->keys, "source", "row_bytes");
    if (r->def->row_bytes > r->def->page_bytes)
        return ini_wrong(f, &(ini_at){path, line ? line : r->last_line, "source", "row_bytes"},
                         "is more than page_bytes", "at most page_bytes");
    return source_column_finish(&r->keys, r->def, path, r->last_line, f);
}

bool source_def_read(const char *path, source_def *out, failure *f)
{
    memset(out, 0, sizeof *out); /* too large for a literal on the stack */
    if (!ini_text_read(path, SOURCE_FILE_MAX, &out->text, &out->text_size, f))
        return false;
    reading r = {.def = out, .last_line = 1};
    ini_visitor visitor = {on_section, on_entry, &r};
    bool done = ini_text_walk(path, (span){out->text, out->text_size}, &visitor, f) &&
                source_key_finish(&r.keys, out, path, r.last_line, f) && check_whole(&r, path, f);
    if (!done)
        source_def_free(out);
    return done;
}

void source_def_free(source_def *def)
{
    free(def->text);
    def->text = NULL;
    def->text_size = 0;
}
