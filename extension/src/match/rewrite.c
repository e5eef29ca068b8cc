/*
 * rewrite.c - names as text: the normal form, and Bijoy to Unicode. What can't be rewritten is an error that tells
 * the place and never repeats the text.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "argument.h"
#include "bijoy.h"
#include "report.h"

PG_FUNCTION_INFO_V1(bn_normalize);
PG_FUNCTION_INFO_V1(is_bijoy);
PG_FUNCTION_INFO_V1(from_bijoy);

Datum bn_normalize(PG_FUNCTION_ARGS)
{
    ekok_span given = ekok_text_argument(fcinfo, 0);
    char normal[EKOK_NAME_TEXT_MAX];
    size_t size = 0;

    if (given.n > EKOK_NAME_BYTES_MAX)
        ekok_report_invalid("name", "it is longer than 1024 bytes", "Give one name at a time.");
    ekok_status status = ekok_bn_normalize(given, normal, sizeof normal, &size);
    if (status.code != EKOK_OK)
        ekok_report_refused_text("name", status);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(normal, (int)size));
}

Datum is_bijoy(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_is_bijoy(ekok_text_argument(fcinfo, 0)));
}

Datum from_bijoy(PG_FUNCTION_ARGS)
{
    ekok_span given = ekok_text_argument(fcinfo, 0);
    size_t room = given.n * EKOK_BIJOY_GROWTH;
    size_t size = 0;

    if (room > MaxAllocSize - VARHDRSZ)
        ekok_report_invalid("text in Bijoy", "it is longer than 113 megabytes", "Convert it in parts.");
    text *unicode = palloc(room + VARHDRSZ);
    ekok_status status = ekok_from_bijoy(given, VARDATA(unicode), room, &size);
    if (status.code != EKOK_OK)
        ekok_report_refused_text("text in Bijoy", status);
    SET_VARSIZE(unicode, size + VARHDRSZ);
    PG_RETURN_TEXT_P(unicode);
}
