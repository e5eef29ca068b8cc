/*
 * source_def.c - reads a source's definition: walks the document, hands plain keys to source_key, rules to source_rule,
 * and checks at the end what only the whole shows.
 */
#include "config/source_def.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/source_check.h"
#include "config/source_column.h"
#include "config/source_contract.h"
#include "config/source_rule.h"
#include "config/text_file.h"

enum { PROGRAMMES_MAX = 64 };

static const char SECTIONS[] =
    "source, paging, auth, schedule, limits, deadlines, search, file, table, columns, map, values, "
    "format, contract, programmes";

typedef struct {
    source_def *def;
    source_keys keys;
} reading;

static bool refuse_target(const doc_at *at, failure *f)
{
    char accepted[300] = "";
    size_t n = 0;
    for (int i = 0; i < TARGET_COUNT && n < sizeof accepted - 32; i++)
        n += (size_t)snprintf(accepted + n, sizeof accepted - n, "%s%s", i ? ", " : "",
                              target_name((target)i));
    return doc_wrong(f, at, "there is no such target", accepted);
}

static bool add_rule(source_def *def, const doc_at *at, const doc_value *value, failure *f)
{
    target to;
    if (!target_by_name(span_of(at->key[1]), &to))
        return refuse_target(at, f);
    if (at->depth == 2 && value->type == DOC_ARRAY)
        return true;
    if (value->type != DOC_TEXT)
        return doc_wrong(f, at, "is not a text", SOURCE_RULE_ACCEPTED);
    if (def->rules == MAP_RULES_MAX)
        return doc_wrong(f, at, "there are too many rules", "at most 64 in map");
    map_rule *rule = &def->rule[def->rules];
    const char *problem = source_rule_parse(value->text, rule);
    if (problem)
        return doc_wrong(f, at, problem, SOURCE_RULE_ACCEPTED);
    if (rule->bijoy && to != TARGET_NAME_BN && to != TARGET_FATHER_NAME && to != TARGET_MOTHER_NAME)
        return doc_wrong(f, at, "is not a name in Bengali", "in bijoy for name_bn, father_name, mother_name");
    rule->to = to;
    def->rules++;
    return true;
}

static bool add_value(source_def *def, const doc_at *at, const doc_value *value, failure *f)
{
    static const char accepted[] = "source value: our value, each a text of 1 to 63 bytes";
    target to;
    if (!target_by_name(span_of(at->key[1]), &to))
        return refuse_target(at, f);
    if (at->depth == 2)
        return value->type == DOC_OBJECT || doc_wrong(f, at, "is not an object", accepted);
    if (def->values == VALUE_MAPS_MAX)
        return doc_wrong(f, at, "there are too many values", "at most 128 in all values");
    value_map *map = &def->value[def->values];
    size_t from_size = strlen(at->key[2]), size = strlen(value->text);
    if (value->type != DOC_TEXT || from_size >= sizeof map->from || size == 0 || size >= sizeof map->value)
        return doc_wrong(f, at, "a value is no text, empty or too long", accepted);
    map->to = to;
    memcpy(map->from, at->key[2], from_size + 1);
    memcpy(map->value, value->text, size + 1);
    def->has_values[to] = true;
    def->values++;
    return true;
}

static bool add_contract(reading *r, const doc_at *at, const doc_value *value, failure *f)
{
    if (strcmp(at->key[1], "fields") != 0)
        return source_key_set(&r->keys, r->def, at, value, f);
    if (at->depth == 2)
        return value->type == DOC_OBJECT || doc_wrong(f, at, "is not an object", "path: type");
    return source_contract_add(r->def, at, value, f);
}

/* The codes are the database's to judge; here only their form. */
static bool look_at_programme(const doc_at *at, const doc_value *value, failure *f)
{
    size_t n = strspn(value->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    bool good = value->type == DOC_TEXT && n > 0 && n <= 16 && value->text[n] == '\0' &&
                strtol(at->key[1], NULL, 10) < PROGRAMMES_MAX;
    return good ||
           doc_wrong(f, at, "is not the code of a programme, or one too many", "at most 64 codes, as OAA");
}

static bool begin_section(const doc_at *at, const doc_value *value, failure *f)
{
    static const char *const other[] = {"map", "values", "columns", "contract"};
    const char *name = at->key[0];
    bool list = strcmp(name, "programmes") == 0, known = list || source_key_section(name);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        known = known || strcmp(name, other[i]) == 0;
    if (!known)
        return doc_wrong(f, at, "there is no such section", SECTIONS);
    return value->type == (list ? DOC_ARRAY : DOC_OBJECT) ||
           doc_wrong(f, at, list ? "is not an array" : "is not an object", NULL);
}

static bool on_value(void *context, const doc_at *at, const doc_value *value, failure *f)
{
    reading *r = context;
    if (at->depth == 0)
        return value->type == DOC_OBJECT || doc_wrong(f, at, "is not an object", SECTIONS);
    if (at->depth == 1)
        return begin_section(at, value, f);
    const char *section = at->key[0];
    if (at->depth > 2 && (value->type == DOC_OBJECT || value->type == DOC_ARRAY))
        return doc_wrong(f, at, "is nested too deeply", "a text or a number");
    if (strcmp(section, "map") == 0)
        return add_rule(r->def, at, value, f);
    if (strcmp(section, "values") == 0)
        return add_value(r->def, at, value, f);
    if (strcmp(section, "contract") == 0)
        return add_contract(r, at, value, f);
    if (strcmp(section, "columns") == 0)
        return source_column_add(r->def, at, value, f);
    if (strcmp(section, "programmes") == 0)
        return look_at_programme(at, value, f);
    return source_key_set(&r->keys, r->def, at, value, f);
}

static bool mapped(const source_def *def, target to)
{
    for (size_t i = 0; i < def->rules; i++)
        if (def->rule[i].to == to)
            return true;
    return false;
}

bool source_def_wants(const source_def *def, target field)
{
    if (def->records == RECORDS_ENROLMENTS)
        return target_required(field);
    return field == TARGET_RECORD_ID || field == TARGET_BIRTH_DATE || field == TARGET_HOUSEHOLD ||
           field == TARGET_PMT || field == TARGET_SURVEYED_ON;
}

/* What a member of a household can have beside that; an enrolment has no score. */
static bool belongs(const source_def *def, target field)
{
    static const target of_members[] = {TARGET_NAME_BN, TARGET_NAME_EN, TARGET_SEX,
                                        TARGET_GEO,     TARGET_NID,     TARGET_BRN};
    if (def->records == RECORDS_ENROLMENTS)
        return field != TARGET_PMT && field != TARGET_SURVEYED_ON;
    for (size_t i = 0; i < sizeof of_members / sizeof *of_members; i++)
        if (field == of_members[i])
            return true;
    return source_def_wants(def, field);
}

/* What is mapped needs its format; what is required needs a rule. */
static bool check_mapping(const reading *r, const char *origin, failure *f)
{
    static const struct {
        target to;
        const char *key;
    } formatted[] = {
        {TARGET_ENROLLED_ON, "enrolled_on"}, {TARGET_AMOUNT, "amount"}, {TARGET_SURVEYED_ON, "surveyed_on"}};
    for (int i = 0; i < TARGET_COUNT && r->def->style != PAGING_NONE; i++) {
        bool is = mapped(r->def, (target)i);
        const doc_at at = {origin, 2, {"map", target_name((target)i)}};
        if (!is && source_def_wants(r->def, (target)i))
            return doc_wrong(f, &at, "is missing", SOURCE_RULE_ACCEPTED);
        if (is && !belongs(r->def, (target)i))
            return doc_wrong(f, &at, "does not belong to such records; see source.records", NULL);
    }
    for (size_t i = 0; i < sizeof formatted / sizeof *formatted; i++)
        if (mapped(r->def, formatted[i].to) && !source_key_given(&r->keys, "format", formatted[i].key))
            return source_key_missing("format", formatted[i].key, origin, f);
    return true;
}

/* Takes the text over: it is freed by source_def_free, or here when the definition is refused. */
static bool parse_owned(const char *origin, source_def *out, failure *f)
{
    reading r = {.def = out};
    bool done = doc_walk(origin, (span){out->text, out->text_size}, on_value, &r, f) &&
                source_key_finish(&r.keys, out, origin, f) && check_mapping(&r, origin, f) &&
                source_check(&r.keys, out, origin, f);
    if (!done)
        source_def_free(out);
    return done;
}

bool source_def_read(const char *path, source_def *out, failure *f)
{
    memset(out, 0, sizeof *out); /* too large for a literal on the stack */
    return text_file_read(path, SOURCE_FILE_MAX, &out->text, &out->text_size, f) && parse_owned(path, out, f);
}

bool source_def_parse(const char *origin, const char *text, source_def *out, failure *f)
{
    memset(out, 0, sizeof *out);
    out->text_size = strlen(text);
    out->text = malloc(out->text_size + 1);
    if (!out->text)
        return fail(f, EXIT_INTERNAL, "no memory for a source's definition");
    memcpy(out->text, text, out->text_size + 1);
    return parse_owned(origin, out, f);
}

void source_def_free(source_def *def)
{
    free(def->text);
    def->text = NULL;
    def->text_size = 0;
}
