/*
 * validate.c - judges a mapped record field by field. Promises every reason it can find, each once; refuses
 * to mend a value beyond trimming it and writing its digits in ASCII. A row that did not pass holds what
 * could be read of it, its record_id above all, for the one who sets it aside.
 */
#include "validate/validate.h"

#include <stdio.h>

#include "validate/identify.h"
#include "validate/judge.h"
#include "validate/plain.h"
#include "validate/text.h"

typedef struct {
    const char *read, *written;
} word;

static const word sex_words[] = {{"unknown", "unknown"}, {"male", "male"}, {"female", "female"},
                                 {"other", "other"},     {"m", "male"},    {"f", "female"},
                                 {"o", "other"},         {NULL, NULL}};

static const word status_words[] = {{"active", "active"},
                                    {"inactive", "inactive"},
                                    {"suspended", "suspended"},
                                    {"waiting", "waiting"},
                                    {NULL, NULL}};

/* Our word for the field's text; the list's first when the source gives none. */
static const char *judge_word(const judge *j, target field, const word *words)
{
    if (j->text[field].n == 0) {
        return words[0].written;
    }
    for (size_t i = 0; words[i].read != NULL; i++) {
        if (text_is_word(j->text[field], words[i].read)) {
            return words[i].written;
        }
    }
    reason_add(j->reasons, REASON_UNKNOWN_VALUE, field, NULL, 0);
    return "";
}

static void judge_names(const judge *j)
{
    judge_copy(j, TARGET_NAME_BN, j->row->name_bn, sizeof j->row->name_bn);
    judge_copy(j, TARGET_NAME_EN, j->row->name_en, sizeof j->row->name_en);
    judge_copy(j, TARGET_FATHER_NAME, j->row->father_name, sizeof j->row->father_name);
    judge_copy(j, TARGET_MOTHER_NAME, j->row->mother_name, sizeof j->row->mother_name);
    if (!j->given[TARGET_NAME_BN] && !j->given[TARGET_NAME_EN]) {
        reason_add(j->reasons, REASON_NO_NAME, TARGET_COUNT, NULL, 0);
    }
}

static bool judge_date(const judge *j, target field, const char *pattern, civil_date *out)
{
    const char *form = j->in->from_date[field] ? "yyyy-mm-dd" : pattern;
    date_rule rule = {.pattern = form, .today = j->today, .field = field};

    return j->text[field].n > 0 && plain_date(&rule, j->text[field], out, j->reasons);
}

static void judge_rest(const judge *j)
{
    registry_row *row = j->row;

    judge_copy(j, TARGET_RECORD_ID, row->record_id, sizeof row->record_id);
    judge_copy(j, TARGET_PROGRAMME, row->programme, sizeof row->programme);
    judge_copy(j, TARGET_HOUSEHOLD, row->household, sizeof row->household);
    snprintf(row->status, sizeof row->status, "%s", judge_word(j, TARGET_STATUS, status_words));
    snprintf(row->sex, sizeof row->sex, "%s", judge_word(j, TARGET_SEX, sex_words));
    if (j->text[TARGET_GEO].n > 0) {
        plain_geocode(j->text[TARGET_GEO], row->geo, j->reasons);
    }
    if (j->text[TARGET_AMOUNT].n > 0) {
        row->has_amount =
            plain_amount(j->text[TARGET_AMOUNT], j->def->amount_in_paisa, &row->amount_paisa, j->reasons);
    }
    if (j->text[TARGET_PMT].n > 0) {
        plain_score(j->text[TARGET_PMT], &row->pmt_hundredths, j->reasons);
    }
    judge_date(j, TARGET_SURVEYED_ON, j->def->surveyed_on_format, &row->surveyed_on);
    row->has_enrolled_on = judge_date(j, TARGET_ENROLLED_ON, j->def->enrolled_on_format, &row->enrolled_on);
}

bool validate_record(const source_def *def, const mapped_record *in, civil_date today, registry_row *out,
                     reason_list *reasons)
{
    judge j = {.def = def, .today = today, .row = out, .reasons = reasons};

    memset(out, 0, sizeof *out);
    judge_prepare(&j, in);
    judge_names(&j);
    bool dated = judge_date(&j, TARGET_BIRTH_DATE, def->birth_date_format, &out->birth_date);
    judge_rest(&j);
    identify(&j, dated ? out->birth_date.year : 0);
    explicit_bzero(j.unicode, sizeof j.unicode);
    return reasons->count == 0;
}
