/* judge.c - see judge.h. */
#include "validate/judge.h"

#include "validate/text.h"

static bool reported(const reason_list *reasons, target field)
{
    for (size_t i = 0; i < reasons->count; i++) {
        if (reasons->item[i].field == field) {
            return true;
        }
    }
    return false;
}

static void prepare_field(judge *j, target field, span value)
{
    span text = text_trim(value);
    bool refused = reported(j->reasons, field);

    j->given[field] = refused || text.n > 0;
    if (!j->given[field] && target_required(field)) {
        reason_add(j->reasons, REASON_MISSING, field, NULL, 0);
    } else if (!refused && text.n > target_ceiling(field)) {
        reason_add(j->reasons, REASON_TOO_LONG, field, NULL, 0);
    } else if (!refused && text_check(text, field, j->reasons)) {
        j->text[field] = text;
    }
}

void judge_prepare(judge *j, const mapped_record *in)
{
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
