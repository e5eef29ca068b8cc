/*
 * nid.c - SQL type ekok.nid beyond text_io.c and word.c: the modifier `strict`, and what a card tells.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "explain.h"
#include "identifier.h"
#include "text_io.h"

PG_FUNCTION_INFO_V1(nid_typmod_in);
PG_FUNCTION_INFO_V1(nid_typmod_out);
PG_FUNCTION_INFO_V1(nid_coerce);
PG_FUNCTION_INFO_V1(nid_length);
PG_FUNCTION_INFO_V1(nid_check_digit_ok);
PG_FUNCTION_INFO_V1(nid_birth_year);
PG_FUNCTION_INFO_V1(nid_same_card);
PG_FUNCTION_INFO_V1(nid_core13);
PG_FUNCTION_INFO_V1(nid_district);
PG_FUNCTION_INFO_V1(nid_rmo);
PG_FUNCTION_INFO_V1(nid_upazila);
PG_FUNCTION_INFO_V1(nid_union);
PG_FUNCTION_INFO_V1(nid_serial);
PG_FUNCTION_INFO_V1(nid_explain);

static ekok_nid nid_argument(FunctionCallInfo fcinfo, int n)
{
    return (ekok_nid){(uint64)PG_GETARG_INT64(n)};
}

Datum nid_typmod_in(PG_FUNCTION_ARGS)
{
    Datum *words = NULL;
    int count = 0;

    deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), CSTRINGOID, -2, false, TYPALIGN_CHAR, &words, NULL, &count);
    if (count != 1 || strcmp(DatumGetCString(words[0]), "strict") != 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid type modifier for type nid"),
                errdetail("The only modifier is strict, which refuses a failing check digit."),
                errhint("Write nid or nid(strict)."));
    PG_RETURN_INT32(EKOK_TYPMOD_STRICT);
}

Datum nid_typmod_out(PG_FUNCTION_ARGS)
{
    PG_RETURN_CSTRING(pstrdup(PG_GETARG_INT32(0) == EKOK_TYPMOD_STRICT ? "(strict)" : ""));
}

/* The cast that PostgreSQL applies where a nid meets a column or a cast with a modifier. */
Datum nid_coerce(PG_FUNCTION_ARGS)
{
    uint64 word = (uint64)PG_GETARG_INT64(0);

    PG_RETURN_INT64((int64)ekok_hold_typmod(ekok_kind_of(EKOK_KIND_NID), word, PG_GETARG_INT32(1)));
}

Datum nid_length(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(ekok_nid_length(nid_argument(fcinfo, 0)));
}

/* NULL where there is no check digit to judge. */
Datum nid_check_digit_ok(PG_FUNCTION_ARGS)
{
    bool ok = false;

    if (!ekok_nid_check_digit(nid_argument(fcinfo, 0), &ok))
        PG_RETURN_NULL();
    PG_RETURN_BOOL(ok);
}

/* NULL where the card does not carry one. */
Datum nid_birth_year(PG_FUNCTION_ARGS)
{
    int year = ekok_nid_birth_year(nid_argument(fcinfo, 0));

    if (year == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32(year);
}

Datum nid_same_card(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_nid_same_card(nid_argument(fcinfo, 0), nid_argument(fcinfo, 1)));
}

/* NULL for 10 digits; 13 and 17 end with it. */
Datum nid_core13(PG_FUNCTION_ARGS)
{
    ekok_nid nid = nid_argument(fcinfo, 0);
    char digits[EKOK_DIGITS_TEXT];
    size_t length = ekok_nid_format(nid, digits);

    if (length == 10)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(digits + length - 13));
}

/* One member of ekok_origin, given by its offset; NULL for 10 digits. */
static Datum origin_part(FunctionCallInfo fcinfo, size_t member)
{
    ekok_origin origin;

    if (!ekok_nid_origin(nid_argument(fcinfo, 0), &origin))
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text((const char *)&origin + member));
}

Datum nid_district(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, district));
}

Datum nid_rmo(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, rmo));
}

Datum nid_upazila(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, upazila));
}

Datum nid_union(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, union_or_ward));
}

Datum nid_serial(PG_FUNCTION_ARGS)
{
    return origin_part(fcinfo, offsetof(ekok_origin, serial));
}

Datum nid_explain(PG_FUNCTION_ARGS)
{
    char sentence[EKOK_EXPLAIN_TEXT];
    ekok_language language = EKOK_ENGLISH;

    if (!ekok_language_parse(ekok_span_argument(fcinfo, 1), &language))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("language of an explanation is not known"),
                errdetail("Sentences are written in English and in Bengali."), errhint("Give 'en' or 'bn'."));
    size_t length = ekok_nid_explain(nid_argument(fcinfo, 0), language, sentence);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(sentence, (int)length));
}
