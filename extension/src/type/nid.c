/*
 * nid.c - SQL type ekok.nid: text and binary form, and what a card tells. Comparison is word.c's.
 *
 * Every rule is the core's; nothing is judged here. The binary form is the core's 64 bits, most significant byte
 * first, and is refused unless those bits are what the core makes of their own text.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "identifier.h"
#include "report.h"

enum { MASK_SHOWN = 3 /* digits at the end that mask() leaves readable */ };

PG_FUNCTION_INFO_V1(nid_in);
PG_FUNCTION_INFO_V1(nid_out);
PG_FUNCTION_INFO_V1(nid_recv);
PG_FUNCTION_INFO_V1(nid_send);
PG_FUNCTION_INFO_V1(nid_length);
PG_FUNCTION_INFO_V1(nid_check_digit_ok);
PG_FUNCTION_INFO_V1(nid_birth_year);
PG_FUNCTION_INFO_V1(nid_same_card);
PG_FUNCTION_INFO_V1(nid_mask);

static ekok_nid nid_argument(FunctionCallInfo fcinfo, int n)
{
    return (ekok_nid){(uint64)PG_GETARG_INT64(n)};
}

Datum nid_in(PG_FUNCTION_ARGS)
{
    const char *string = PG_GETARG_CSTRING(0);
    ekok_nid nid;
    ekok_status status = ekok_nid_parse((ekok_span){string, strlen(string)}, &nid);

    if (status.code != EKOK_OK)
        ekok_report_refusal("nid", status);
    PG_RETURN_INT64((int64)nid.bits);
}

Datum nid_out(PG_FUNCTION_ARGS)
{
    char *string = palloc(EKOK_DIGITS_TEXT);

    ekok_nid_format(nid_argument(fcinfo, 0), string);
    PG_RETURN_CSTRING(string);
}

Datum nid_recv(PG_FUNCTION_ARGS)
{
    ekok_nid sent = {(uint64)pq_getmsgint64((StringInfo)PG_GETARG_POINTER(0))};
    ekok_nid read = {0};
    char string[EKOK_DIGITS_TEXT];
    size_t length = ekok_nid_format(sent, string);
    ekok_status status = ekok_nid_parse((ekok_span){string, length}, &read);

    if (status.code != EKOK_OK || read.bits != sent.bits)
        ekok_report_invalid_binary("nid");
    PG_RETURN_INT64((int64)read.bits);
}

Datum nid_send(PG_FUNCTION_ARGS)
{
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendint64(&message, nid_argument(fcinfo, 0).bits);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
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

Datum nid_mask(PG_FUNCTION_ARGS)
{
    char string[EKOK_DIGITS_TEXT];
    size_t length = ekok_nid_format(nid_argument(fcinfo, 0), string);

    memset(string, '*', length - MASK_SHOWN);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(string, (int)length));
}
