/*
 * payment.c - the types one can be paid to, beyond text_io.c and word.c: ekok.msisdn, ekok.wallet,
 * ekok.bank_routing, ekok.bank_account and their parts.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "identifier.h"
#include "report.h"
#include "text_io.h"

PG_FUNCTION_INFO_V1(msisdn_operator_prefix);
PG_FUNCTION_INFO_V1(wallet_make);
PG_FUNCTION_INFO_V1(wallet_provider);
PG_FUNCTION_INFO_V1(wallet_msisdn);
PG_FUNCTION_INFO_V1(wallet_number);
PG_FUNCTION_INFO_V1(wallet_same_mobile);
PG_FUNCTION_INFO_V1(bank_routing_pad);
PG_FUNCTION_INFO_V1(bank_routing_bank);
PG_FUNCTION_INFO_V1(bank_routing_district);
PG_FUNCTION_INFO_V1(bank_routing_branch);
PG_FUNCTION_INFO_V1(bank_account_length);

Datum msisdn_operator_prefix(PG_FUNCTION_ARGS)
{
    ekok_msisdn msisdn = {(uint64)PG_GETARG_INT64(0)};
    char prefix[] = "0xx";

    prefix[1] = (char)('0' + ekok_msisdn_series(msisdn) / 10);
    prefix[2] = (char)('0' + ekok_msisdn_series(msisdn) % 10);
    PG_RETURN_TEXT_P(cstring_to_text(prefix));
}

static ekok_wallet wallet_argument(FunctionCallInfo fcinfo, int n)
{
    ekok_wallet wallet = {0};

    if (!ekok_wallet_unpack((ekok_wallet_word){(uint64)PG_GETARG_INT64(n)}, &wallet))
        elog(ERROR, "eight bytes are no wallet");
    return wallet;
}

/* (provider text, number text) */
Datum wallet_make(PG_FUNCTION_ARGS)
{
    ekok_wallet_provider provider = EKOK_WALLET_NONE;
    ekok_wallet wallet = {0};
    ekok_status status = ekok_wallet_provider_parse(ekok_span_argument(fcinfo, 0), &provider);

    if (status.code == EKOK_EMPTY)
        status.code = EKOK_NO_PROVIDER;
    if (status.code == EKOK_OK)
        status = ekok_wallet_parse(provider, ekok_span_argument(fcinfo, 1), &wallet);
    if (status.code != EKOK_OK)
        ekok_report_refusal(ekok_kind_of(EKOK_KIND_WALLET), status);
    PG_RETURN_INT64((int64)ekok_wallet_pack(wallet).bits);
}

Datum wallet_provider(PG_FUNCTION_ARGS)
{
    PG_RETURN_TEXT_P(cstring_to_text(ekok_wallet_provider_name(wallet_argument(fcinfo, 0).provider)));
}

Datum wallet_msisdn(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)wallet_argument(fcinfo, 0).msisdn.bits);
}

Datum wallet_number(PG_FUNCTION_ARGS)
{
    char digits[EKOK_DIGITS_TEXT];

    ekok_wallet_format(wallet_argument(fcinfo, 0), digits);
    PG_RETURN_TEXT_P(cstring_to_text(digits));
}

Datum wallet_same_mobile(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(wallet_argument(fcinfo, 0).msisdn.bits == wallet_argument(fcinfo, 1).msisdn.bits);
}

Datum bank_routing_pad(PG_FUNCTION_ARGS)
{
    ekok_bank_routing routing = {0};
    ekok_status status = ekok_bank_routing_pad(ekok_span_argument(fcinfo, 0), &routing);

    if (status.code != EKOK_OK)
        ekok_report_refusal(ekok_kind_of(EKOK_KIND_BANK_ROUTING), status);
    PG_RETURN_INT64((int64)routing.bits);
}

/* `count` digits of a routing number from index `from`. */
static Datum routing_part(FunctionCallInfo fcinfo, int from, int count)
{
    char digits[EKOK_DIGITS_TEXT];

    ekok_bank_routing_format((ekok_bank_routing){(uint64)PG_GETARG_INT64(0)}, digits);
    PG_RETURN_TEXT_P(cstring_to_text_with_len(digits + from, count));
}

Datum bank_routing_bank(PG_FUNCTION_ARGS)
{
    return routing_part(fcinfo, 0, 3);
}

Datum bank_routing_district(PG_FUNCTION_ARGS)
{
    return routing_part(fcinfo, 3, 2);
}

Datum bank_routing_branch(PG_FUNCTION_ARGS)
{
    return routing_part(fcinfo, 5, 3);
}

Datum bank_account_length(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32(ekok_bank_account_length((ekok_bank_account){(uint64)PG_GETARG_INT64(0)}));
}
