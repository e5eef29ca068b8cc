/* judge.c - see judge.h. */
#include "validate/judge.h"

#include "core/bijoy.h"
#include "validate/text.h"

bool judge_has_reason(const judge *j, target field)
{
    for (size_t i = 0; i < j->reasons->count; i++) {
        if (j->reasons->item[i].field == field) {
            return true;
        }
    }
    return false;
}

/* Only text that is Bijoy for sure or by declaration comes here: what does not convert is refused, never guessed. */
static span to_unicode(judge *j, target field, span text)
{
    char wide[ROW_NAME * EKOK_BIJOY_GROWTH];
    size_t size = 0;
    ekok_status status = ekok_from_bijoy((ekok_span){text.p, text.n}, wide, sizeof wide, &size);

    if (status.code != EKOK_OK) {
        reason_add(j->reasons, REASON_BAD_BIJOY, field, ekok_code_detail(status.code), status.position);
        size = 0;
    } else if (size > target_ceiling(field) || size > sizeof j->unicode[field]) {
        reason_add(j->reasons, REASON_TOO_LONG, field, NULL, 0);
        size = 0;
    } else {
        memcpy(j->unicode[field], wide, size);
    }
    explicit_bzero(wide, sizeof wide);
    return (span){j->unicode[field], size};
}

static void prepare_field(judge *j, target field, span value)
{
    span text = text_trim(value);
    bool refused = judge_has_reason(j, field);

    j->given[field] = refused || text.n > 0;
    if (!j->given[field] && source_def_wants(j->def, field)) {
        reason_add(j->reasons, REASON_MISSING, field, NULL, 0);
    } else if (!refused && text.n > target_ceiling(field)) {
        reason_add(j->reasons, REASON_TOO_LONG, field, NULL, 0);
    } else if (!refused && j->in->bijoy[field] && text.n > 0) {
        j->text[field] = to_unicode(j, field, text);
    } else if (!refused && text_check(text, field, j->reasons)) {
        j->text[field] = text;
    }
}

void judge_prepare(judge *j, const mapped_record *in)
{
    j->in = in;
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        j->text[i] = (span){NULL, 0};
        prepare_field(j, (target)i, in->value[i]);
    }
}

void judge_copy(const judge *j, target field, char *out, size_t size)
{
    span text = j->text[field];
    size_t count = text.n < size ? text.n : size - 1;

    if (count > 0) {
        memcpy(out, text.p, count);
    }
    out[count] = '\0';
}
