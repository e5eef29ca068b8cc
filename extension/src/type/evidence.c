/*
 * evidence.c - SQL type ekok.evidence: text and binary form, constructors, its two parts. Comparison is word.c's.
 *
 * The text form is the key in 13 hexadecimal digits, a slash, the programme: 0123456789abc/17. A constructor
 * refuses an empty value, since all rows without a value would become one person.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"

#include "evidence.h"
#include "kind.h"
#include "report.h"
#include "text_io.h"

enum { KEY_DIGITS = 13, TEXT_SIZE = KEY_DIGITS + sizeof("/4095"), PROGRAMME_DIGITS_MAX = 4 };

PG_FUNCTION_INFO_V1(evidence_in);
PG_FUNCTION_INFO_V1(evidence_out);
PG_FUNCTION_INFO_V1(evidence_recv);
PG_FUNCTION_INFO_V1(evidence_send);
PG_FUNCTION_INFO_V1(evidence_from_bytes);
PG_FUNCTION_INFO_V1(evidence_from_nid);
PG_FUNCTION_INFO_V1(evidence_from_brn);
PG_FUNCTION_INFO_V1(evidence_from_msisdn);
PG_FUNCTION_INFO_V1(evidence_from_tin);
PG_FUNCTION_INFO_V1(evidence_from_wallet);
PG_FUNCTION_INFO_V1(evidence_from_account);
PG_FUNCTION_INFO_V1(evidence_from_branch_account);
PG_FUNCTION_INFO_V1(evidence_key);
PG_FUNCTION_INFO_V1(evidence_programme);
PG_FUNCTION_INFO_V1(evidence_same);
PG_FUNCTION_INFO_V1(evidence_first);
PG_FUNCTION_INFO_V1(evidence_last);
PG_FUNCTION_INFO_V1(evidence_of_key);

static ekok_evidence evidence_argument(FunctionCallInfo fcinfo, int n)
{
    return (ekok_evidence){(uint64)PG_GETARG_INT64(n)};
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads KEY_DIGITS hexadecimal digits; false at the first byte that is none, so never past the NUL. */
static bool read_key(const char *string, uint64 *key)
{
    *key = 0;
    for (int i = 0; i < KEY_DIGITS; i++) {
        int digit = hex_value(string[i]);
        if (digit < 0)
            return false;
        *key = *key << 4 | (uint64)digit;
    }
    return true;
}

/* Reads one to four digits up to the NUL. */
static bool read_programme(const char *string, uint32 *programme)
{
    size_t length = strlen(string);

    *programme = 0;
    for (size_t i = 0; i < length && i < PROGRAMME_DIGITS_MAX; i++) {
        if (string[i] < '0' || string[i] > '9')
            return false;
        *programme = *programme * 10 + (uint32)(string[i] - '0');
    }
    return length >= 1 && length <= PROGRAMME_DIGITS_MAX && *programme <= EKOK_EVIDENCE_PROGRAMME_MAX;
}

Datum evidence_in(PG_FUNCTION_ARGS)
{
    const char *string = PG_GETARG_CSTRING(0);
    uint64 key = 0;
    uint32 programme = 0;

    if (!read_key(string, &key) || string[KEY_DIGITS] != '/')
        ekok_report_invalid("evidence", "value does not begin with 13 hexadecimal digits and a slash",
                            "Make evidence from a kind, a value and a programme by ekok.evidence().");
    if (!read_programme(string + KEY_DIGITS + 1, &programme))
        ekok_report_invalid("evidence", "value does not end with a programme's number from 0 to 4095",
                            "Make evidence from a kind, a value and a programme by ekok.evidence().");
    PG_RETURN_INT64((int64)(key << EKOK_EVIDENCE_PROGRAMME_BITS | programme));
}

Datum evidence_out(PG_FUNCTION_ARGS)
{
    ekok_evidence evidence = evidence_argument(fcinfo, 0);
    char *string = palloc(TEXT_SIZE);

    snprintf(string, TEXT_SIZE, "%013" INT64_MODIFIER "x/%u", ekok_evidence_key(evidence),
             ekok_evidence_programme(evidence));
    PG_RETURN_CSTRING(string);
}

/* Every pattern of 64 bits is an evidence. */
Datum evidence_recv(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(pq_getmsgint64((StringInfo)PG_GETARG_POINTER(0)));
}

Datum evidence_send(PG_FUNCTION_ARGS)
{
    StringInfoData message;

    pq_begintypsend(&message);
    pq_sendint64(&message, evidence_argument(fcinfo, 0).bits);
    PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

static uint32 checked_programme(int32 programme)
{
    if (programme < 0 || programme > EKOK_EVIDENCE_PROGRAMME_MAX)
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                errmsg("programme number %d is out of range", programme),
                errdetail("An evidence holds programme numbers from 0 to %d.", EKOK_EVIDENCE_PROGRAMME_MAX),
                errhint("Use the number of the programme's row, not its code."));
    return (uint32)programme;
}

static void check_kind_and_value(ekok_span kind, ekok_span value)
{
    if (kind.n < 1 || kind.n > EKOK_EVIDENCE_KIND_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("kind of evidence has %zu bytes", kind.n),
                errdetail("A kind has from 1 to %d bytes.", EKOK_EVIDENCE_KIND_MAX),
                errhint("Use a short word, such as nid or mobile."));
    if (value.n == 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("value of evidence is empty"),
                errdetail("All rows with an empty value would be held to be one person."),
                errhint("Pass NULL where there is no value."));
}

/* (kind text, value text or bytea, programme int): the same bytes give the same evidence either way. */
Datum evidence_from_bytes(PG_FUNCTION_ARGS)
{
    ekok_span kind = ekok_span_argument(fcinfo, 0);
    ekok_span value = ekok_span_argument(fcinfo, 1);

    check_kind_and_value(kind, value);
    PG_RETURN_INT64((int64)ekok_evidence_make(kind, value, checked_programme(PG_GETARG_INT32(2))).bits);
}

/* Evidence of an identifier: its subject under its kind, with the programme of the argument given. */
static Datum evidence_of(FunctionCallInfo fcinfo, const char *kind, ekok_span subject, int programme_argument)
{
    uint32 programme = checked_programme(PG_GETARG_INT32(programme_argument));

    PG_RETURN_INT64((int64)ekok_evidence_make((ekok_span){kind, strlen(kind)}, subject, programme).bits);
}

/* Of a kind whose subject is its canonical text. */
static Datum evidence_of_text(FunctionCallInfo fcinfo, const char *kind, ekok_kind_code code)
{
    char subject[EKOK_KIND_TEXT];
    size_t length = ekok_kind_of(code)->format((uint64)PG_GETARG_INT64(0), subject);

    return evidence_of(fcinfo, kind, (ekok_span){subject, length}, 1);
}

Datum evidence_from_nid(PG_FUNCTION_ARGS)
{
    char subject[EKOK_SUBJECT_TEXT];
    size_t length = ekok_nid_subject((ekok_nid){(uint64)PG_GETARG_INT64(0)}, subject);

    return evidence_of(fcinfo, "nid", (ekok_span){subject, length}, 1);
}

Datum evidence_from_brn(PG_FUNCTION_ARGS)
{
    return evidence_of_text(fcinfo, "brn", EKOK_KIND_BRN);
}

Datum evidence_from_msisdn(PG_FUNCTION_ARGS)
{
    return evidence_of_text(fcinfo, "mobile", EKOK_KIND_MSISDN);
}

Datum evidence_from_tin(PG_FUNCTION_ARGS)
{
    return evidence_of_text(fcinfo, "tin", EKOK_KIND_TIN);
}

Datum evidence_from_wallet(PG_FUNCTION_ARGS)
{
    ekok_wallet wallet = {0};
    char subject[EKOK_SUBJECT_TEXT];

    if (!ekok_wallet_unpack((ekok_wallet_word){(uint64)PG_GETARG_INT64(0)}, &wallet))
        elog(ERROR, "eight bytes are no wallet");
    size_t length = ekok_wallet_subject(wallet, subject);
    return evidence_of(fcinfo, "wallet", (ekok_span){subject, length}, 1);
}

Datum evidence_from_account(PG_FUNCTION_ARGS)
{
    ekok_bank_account account = {(uint64)PG_GETARG_INT64(0)};
    char subject[EKOK_SUBJECT_TEXT];
    size_t length = ekok_bank_account_subject(NULL, account, subject);

    return evidence_of(fcinfo, "account", (ekok_span){subject, length}, 1);
}

/* (routing, account, programme) */
Datum evidence_from_branch_account(PG_FUNCTION_ARGS)
{
    ekok_bank_routing routing = {(uint64)PG_GETARG_INT64(0)};
    ekok_bank_account account = {(uint64)PG_GETARG_INT64(1)};
    char subject[EKOK_SUBJECT_TEXT];
    size_t length = ekok_bank_account_subject(&routing, account, subject);

    return evidence_of(fcinfo, "account", (ekok_span){subject, length}, 2);
}

Datum evidence_key(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)ekok_evidence_key(evidence_argument(fcinfo, 0)));
}

Datum evidence_programme(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32((int32)ekok_evidence_programme(evidence_argument(fcinfo, 0)));
}

Datum evidence_same(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(ekok_evidence_same(evidence_argument(fcinfo, 0), evidence_argument(fcinfo, 1)));
}

Datum evidence_first(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)ekok_evidence_first(evidence_argument(fcinfo, 0)).bits);
}

Datum evidence_last(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)ekok_evidence_last(evidence_argument(fcinfo, 0)).bits);
}

/* (key bigint, programme int) */
Datum evidence_of_key(PG_FUNCTION_ARGS)
{
    int64 key = PG_GETARG_INT64(0);
    uint32 programme = checked_programme(PG_GETARG_INT32(1));

    if (key < 0 || key > EKOK_EVIDENCE_KEY_MAX)
        ereport(ERROR, errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("evidence key is out of range"),
                errdetail("A key has %d bits.", 64 - EKOK_EVIDENCE_PROGRAMME_BITS),
                errhint("Use a key as ekok.evidence_key() or ekok.double_dips() gives it."));
    PG_RETURN_INT64((int64)((uint64)key << EKOK_EVIDENCE_PROGRAMME_BITS | programme));
}
