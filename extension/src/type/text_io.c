/*
 * text_io.c - text form, binary form, mask and cast from bigint of every type of kind.def, one way for all.
 *
 * Every rule is the core's; nothing is judged here. The binary form is the core's 64 bits, most significant byte
 * first, and is refused unless the core makes these bits of some text.
 */
#include "text_io.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "report.h"

static uint64 read_span(const ekok_kind *kind, ekok_span given)
{
    uint64 word = 0;
    ekok_status status = kind->parse(given, &word);

    if (status.code != EKOK_OK)
        ekok_report_refusal(kind, status);
    return word;
}

uint64 ekok_hold_typmod(const ekok_kind *kind, uint64 word, int32 typmod)
{
    if (typmod == EKOK_TYPMOD_STRICT && kind->strict != NULL) {
        ekok_status status = kind->strict(word);
        if (status.code != EKOK_OK)
            ekok_report_refusal(kind, status);
    }
    return word;
}

/* Version 0.1.0 declared nid's functions without a modifier. */
static int32 typmod_argument(FunctionCallInfo fcinfo)
{
    return PG_NARGS() > 2 ? PG_GETARG_INT32(2) : -1;
}

static Datum word_in(FunctionCallInfo fcinfo, ekok_kind_code code)
{
    const ekok_kind *kind = ekok_kind_of(code);
    const char *string = PG_GETARG_CSTRING(0);
    uint64 word = read_span(kind, (ekok_span){string, strlen(string)});

    PG_RETURN_INT64((int64)ekok_hold_typmod(kind, word, typmod_argument(fcinfo)));
}

static Datum word_out(FunctionCallInfo fcinfo, ekok_kind_code code)
{
    char *string = palloc(EKOK_KIND_TEXT);

    ekok_kind_of(code)->format((uint64)PG_GETARG_INT64(0), string);
    PG_RETURN_CSTRING(string);
}

static Datum word_recv(FunctionCallInfo fcinfo, ekok_kind_code code)
{
    const ekok_kind *kind = ekok_kind_of(code);
    uint64 word = (uint64)pq_getmsgint64((StringInfo)PG_GETARG_POINTER(0));

    if (!ekok_kind_valid(kind, word))
        ekok_report_invalid_binary(kind->name);
    PG_RETURN_INT64((int64)ekok_hold_typmod(kind, word, typmod_argument(fcinfo)));
}

static Datum word_send(FunctionCallInfo fcinfo)
{
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendint64(&message, (uint64)PG_GETARG_INT64(0));
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static Datum word_mask(FunctionCallInfo fcinfo, ekok_kind_code code)
{
    char masked[EKOK_KIND_TEXT];
    size_t length = ekok_kind_mask(ekok_kind_of(code), (uint64)PG_GETARG_INT64(0), masked);

    PG_RETURN_TEXT_P(cstring_to_text_with_len(masked, (int)length));
}

/* A number's text has no zeros in front, so kinds that may begin with one offer no such cast, or refuse the length. */
static Datum word_of_number(ekok_kind_code code, int64 number)
{
    const ekok_kind *kind = ekok_kind_of(code);
    char digits[MAXINT8LEN + 1];

    if (number < 0)
        ekok_report_refusal(kind, (ekok_status){EKOK_BAD_CHARACTER, 1});
    PG_RETURN_INT64((int64)read_span(kind, (ekok_span){digits, (size_t)pg_lltoa(number, digits)}));
}

ekok_span ekok_span_argument(FunctionCallInfo fcinfo, int n)
{
    struct varlena *bytes = PG_GETARG_VARLENA_PP(n);

    return (ekok_span){VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)};
}

#define X(code, name, type, strict, mark, usual)                                                             \
    PG_FUNCTION_INFO_V1(name##_in);                                                                          \
    PG_FUNCTION_INFO_V1(name##_out);                                                                         \
    PG_FUNCTION_INFO_V1(name##_recv);                                                                        \
    PG_FUNCTION_INFO_V1(name##_send);                                                                        \
    PG_FUNCTION_INFO_V1(name##_mask);                                                                        \
    Datum name##_in(PG_FUNCTION_ARGS)                                                                        \
    {                                                                                                        \
        return word_in(fcinfo, EKOK_KIND_##code);                                                            \
    }                                                                                                        \
    Datum name##_out(PG_FUNCTION_ARGS)                                                                       \
    {                                                                                                        \
        return word_out(fcinfo, EKOK_KIND_##code);                                                           \
    }                                                                                                        \
    Datum name##_recv(PG_FUNCTION_ARGS)                                                                      \
    {                                                                                                        \
        return word_recv(fcinfo, EKOK_KIND_##code);                                                          \
    }                                                                                                        \
    Datum name##_send(PG_FUNCTION_ARGS)                                                                      \
    {                                                                                                        \
        return word_send(fcinfo);                                                                            \
    }                                                                                                        \
    Datum name##_mask(PG_FUNCTION_ARGS)                                                                      \
    {                                                                                                        \
        return word_mask(fcinfo, EKOK_KIND_##code);                                                          \
    }
#include "kind.def"
#undef X

#define FROM_BIGINT(X)                                                                                       \
    X(nid, NID) X(brn, BRN) X(msisdn, MSISDN) X(bank_routing, BANK_ROUTING) X(geocode, GEOCODE) X(tin, TIN)
#define X(name, code)                                                                                        \
    PG_FUNCTION_INFO_V1(name##_from_bigint);                                                                 \
    Datum name##_from_bigint(PG_FUNCTION_ARGS)                                                               \
    {                                                                                                        \
        return word_of_number(EKOK_KIND_##code, PG_GETARG_INT64(0));                                         \
    }
FROM_BIGINT(X)
#undef X

/* Those whose numbers may be small enough for PostgreSQL to take a literal for an integer. */
#define FROM_INTEGER(X) X(nid, NID) X(msisdn, MSISDN) X(bank_routing, BANK_ROUTING) X(geocode, GEOCODE)
#define X(name, code)                                                                                        \
    PG_FUNCTION_INFO_V1(name##_from_integer);                                                                \
    Datum name##_from_integer(PG_FUNCTION_ARGS)                                                              \
    {                                                                                                        \
        return word_of_number(EKOK_KIND_##code, PG_GETARG_INT32(0));                                         \
    }
FROM_INTEGER(X)
#undef X
