/*
 * score.c - levels, scores and verdicts about two persons as SQL functions. No person makes any of them fail: what
 * can't be read is missing. No identifier and no name is ever in what they return or report.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "match/argument.h"
#include "match/person.h"

PG_FUNCTION_INFO_V1(match_levels);
PG_FUNCTION_INFO_V1(match_score);
PG_FUNCTION_INFO_V1(match_bits);
PG_FUNCTION_INFO_V1(match_state);
PG_FUNCTION_INFO_V1(match_twins);
PG_FUNCTION_INFO_V1(match_contradiction);
PG_FUNCTION_INFO_V1(match_prior);
PG_FUNCTION_INFO_V1(match_probability);
PG_FUNCTION_INFO_V1(match_explain);
PG_FUNCTION_INFO_V1(match_weights);

static ekok_levels levels_of(FunctionCallInfo fcinfo)
{
    ekok_levels levels;
    const ekok_person *a = ekok_person_argument(fcinfo, 0);

    ekok_match_levels(a, ekok_person_argument(fcinfo, 1), &levels);
    return levels;
}

Datum match_levels(PG_FUNCTION_ARGS)
{
    ekok_levels levels = levels_of(fcinfo);

    PG_RETURN_DATUM(ekok_levels_array(&levels));
}

Datum match_score(PG_FUNCTION_ARGS)
{
    float weights[EKOK_LEVELS];

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    ekok_weights_argument(fcinfo, 2, weights);
    ekok_levels levels = levels_of(fcinfo);
    PG_RETURN_FLOAT4(ekok_match_score(&levels, weights));
}

Datum match_bits(PG_FUNCTION_ARGS)
{
    float weights[EKOK_LEVELS];

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    ekok_weights_argument(fcinfo, 1, weights);
    ekok_levels levels = ekok_levels_argument(fcinfo, 0);
    PG_RETURN_FLOAT4(ekok_match_score(&levels, weights));
}

/* What is known of both persons' own numbers, by its name; NULL: nothing. */
static ekok_numbers numbers_argument(FunctionCallInfo fcinfo, int n)
{
    static const struct {
        const char *name;
        ekok_numbers numbers;
    } NAMES[] = {{"apart", EKOK_NUMBERS_APART},
                 {"lacking", EKOK_NUMBERS_LACKING},
                 {"together", EKOK_NUMBERS_TOGETHER}};

    if (PG_ARGISNULL(n))
        return EKOK_NUMBERS_NOT_KNOWN;
    ekok_span given = ekok_text_argument(fcinfo, n);
    for (size_t i = 0; i < lengthof(NAMES); i++) {
        if (given.n == strlen(NAMES[i].name) && memcmp(given.p, NAMES[i].name, given.n) == 0)
            return NAMES[i].numbers;
    }
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("numbers: no such relation of two persons' numbers"),
            errhint("There is 'apart', 'lacking' and 'together'; NULL: not known."));
}

Datum match_state(PG_FUNCTION_ARGS)
{
    static const char *const STATES[] = {[EKOK_VERDICT_APART] = "apart",
                                         [EKOK_VERDICT_DIFFERENT] = "different",
                                         [EKOK_VERDICT_PROBABLE] = "probable",
                                         [EKOK_VERDICT_CERTAIN] = "certain"};

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        PG_RETURN_NULL();
    ekok_match_context context = {.numbers = numbers_argument(fcinfo, 3)};
    ekok_levels levels = ekok_levels_argument(fcinfo, 0);
    float4 bits = PG_GETARG_FLOAT4(1) + PG_GETARG_FLOAT4(2);
    PG_RETURN_TEXT_P(cstring_to_text(STATES[ekok_match_verdict_in(&levels, bits, context)]));
}

Datum match_twins(PG_FUNCTION_ARGS)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    ekok_numbers numbers = numbers_argument(fcinfo, 1);
    ekok_levels levels = ekok_levels_argument(fcinfo, 0);
    PG_RETURN_BOOL(ekok_match_twins(&levels, numbers));
}

Datum match_contradiction(PG_FUNCTION_ARGS)
{
    static const char *const REASONS[] = {
        [EKOK_APART_NID] = "nid", [EKOK_APART_SEX] = "sex", [EKOK_APART_TWIN] = "twin"};
    ekok_levels levels = ekok_levels_argument(fcinfo, 0);
    ekok_apart apart = ekok_match_contradiction(&levels);

    if (apart == EKOK_APART_NOT)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(REASONS[apart]));
}

Datum match_prior(PG_FUNCTION_ARGS)
{
    PG_RETURN_FLOAT4(ekok_match_prior((double)PG_GETARG_INT64(0)));
}

Datum match_probability(PG_FUNCTION_ARGS)
{
    double odds = ekok_exp2((double)PG_GETARG_FLOAT4(0) + (double)PG_GETARG_FLOAT4(1));

    PG_RETURN_FLOAT8(odds / (1 + odds));
}

static bool bengali_argument(FunctionCallInfo fcinfo, int n)
{
    text *language = PG_ARGISNULL(n) ? cstring_to_text("en") : PG_GETARG_TEXT_PP(n);
    Size length = VARSIZE_ANY_EXHDR(language);
    bool bengali = length == 2 && memcmp(VARDATA_ANY(language), "bn", 2) == 0;

    if (!bengali && !(length == 2 && memcmp(VARDATA_ANY(language), "en", 2) == 0))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("no explanation in that language"),
                errhint("There is 'en', English, and 'bn', Bengali."));
    return bengali;
}

static const char *apart_text(ekok_apart apart, bool bengali)
{
    switch (apart) {
    case EKOK_APART_NOT:
        return NULL;
    case EKOK_APART_NID:
        return bengali ? "সমান দৈর্ঘ্যের ভিন্ন জাতীয় পরিচয়পত্র নম্বর: ভিন্ন ব্যক্তি"
                       : "different identity numbers of the same length: two persons";
    case EKOK_APART_SEX:
        return bengali ? "লিঙ্গ ভিন্ন: ভিন্ন ব্যক্তি" : "the sex differs: two persons";
    case EKOK_APART_TWIN:
        return bengali ? "একই জন্ম তারিখ ও পিতা-মাতা, ভিন্ন নাম: সম্ভবত যমজ"
                       : "the same birth date and parents, another name: twins, it seems";
    }
    return NULL;
}

static void put_line(ReturnSetInfo *result, const char *field, float4 bits, const char *explanation)
{
    bool nulls[] = {false, false, false};
    Datum values[] = {CStringGetTextDatum(field), Float4GetDatum(bits), CStringGetTextDatum(explanation)};

    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum match_explain(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    float weights[EKOK_LEVELS];

    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        return (Datum)0;
    bool bengali = bengali_argument(fcinfo, 3);
    ekok_weights_argument(fcinfo, 2, weights);
    ekok_levels levels = levels_of(fcinfo);
    for (int field = 0; field < EKOK_FIELDS; field++) {
        uint8_t level = levels.of[field];
        if (level != EKOK_MISSING)
            put_line(result, ekok_field_title((ekok_field)field, bengali), weights[level],
                     ekok_level_text(level, bengali));
    }
    const char *apart = apart_text(ekok_match_contradiction(&levels), bengali);
    if (apart != NULL)
        put_line(result, bengali ? "বিরোধ" : "contradiction", 0, apart);
    return (Datum)0;
}

Datum match_weights(PG_FUNCTION_ARGS)
{
    enum { COLUMNS = 9 /* place, field, level, name, m, u, bits, english, bengali */ };
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    const bool nulls[COLUMNS] = {false};
    float weights[EKOK_LEVELS];

    InitMaterializedSRF(fcinfo, 0);
    ekok_match_standard(weights);
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        ekok_field field = ekok_level_field(level);
        Datum values[COLUMNS] = {Int32GetDatum(level + 1),
                                 CStringGetTextDatum(ekok_field_name(field)),
                                 Int16GetDatum((int16)(level - ekok_field_first((int)field) + 1)),
                                 CStringGetTextDatum(ekok_level_name(level)),
                                 Float4GetDatum((float4)ekok_level_m(level)),
                                 Float4GetDatum((float4)ekok_level_u(level)),
                                 Float4GetDatum(weights[level]),
                                 CStringGetTextDatum(ekok_level_text(level, false)),
                                 CStringGetTextDatum(ekok_level_text(level, true))};
        tuplestore_putvalues(result->setResult, result->setDesc, values, (bool *)nulls);
    }
    return (Datum)0;
}
