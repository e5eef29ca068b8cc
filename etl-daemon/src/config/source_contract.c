/*
 * source_contract.c - reads the promised fields. Refuses a promise about a field inside a list of numbers of its own:
 * a path is one that a record can have.
 */
#include "config/source_contract.h"

#include "config/source_path.h"

static const char ACCEPTED[] =
    "text, number, boolean, object, array or any, with ? behind it when it may be absent or null";
static const char *const TYPE[] = {"text", "number", "boolean", "object", "array", "any"};

const char *source_contract_type(field_type type)
{
    return TYPE[type];
}

static const char *read_type(const char *text, contract_field *field)
{
    size_t n = strlen(text);
    field->required = n == 0 || text[n - 1] != '?';
    if (!field->required)
        n--;
    for (size_t i = 0; i < sizeof TYPE / sizeof *TYPE; i++) {
        if (strlen(TYPE[i]) != n || memcmp(TYPE[i], text, n) != 0)
            continue;
        field->type = (field_type)i;
        return NULL;
    }
    return "is not a type";
}

bool source_contract_add(source_def *def, const doc_at *at, const doc_value *value, failure *f)
{
    const char *path = at->key[2];
    if (def->fields == CONTRACT_FIELDS_MAX)
        return doc_wrong(f, at, "there are too many fields", "at most 128 promised fields");
    contract_field *field = &def->field[def->fields];
    const char *problem = value->type == DOC_TEXT ? read_type(value->text, field) : "is not a text";
    if (strlen(path) >= sizeof field->path || !source_path_valid(span_of(path)))
        problem = "is not a dotted path of letters, digits, '_' and '-'";
    if (problem)
        return doc_wrong(f, at, problem, ACCEPTED);
    memcpy(field->path, path, strlen(path) + 1);
    def->fields++;
    return true;
}
