/*
 * token.c - SQL functions ekok.agent_tokens(identifier, purpose, case): the tokens under which this identifier may
 * stand, asked of the key agent, which counts and writes down who asked for what. The subjects are those of
 * core/subject.c. Refuses to be asked without a purpose.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "agent/exchange.h"
#include "identifier.h"
#include "report.h"

PG_FUNCTION_INFO_V1(agent_tokens_nid);
PG_FUNCTION_INFO_V1(agent_tokens_brn);
PG_FUNCTION_INFO_V1(agent_tokens_msisdn);
PG_FUNCTION_INFO_V1(agent_tokens_wallet);

static ekok_span text_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
    text *value = PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n);
    ekok_span span = {value == NULL ? "" : VARDATA_ANY(value), value == NULL ? 0 : VARSIZE_ANY_EXHDR(value)};

    if (span.n > EKOK_AGENT_WHY) {
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("the %s is longer than %d bytes", name, EKOK_AGENT_WHY), errhidestmt(true));
    }
    return span;
}

static ekok_span name_span(const char *name)
{
    return (ekok_span){name, strlen(name)};
}

/* Who asks: the user of the session, whatever functions of others lie between; and as what. */
static Datum tokens_of(FunctionCallInfo fcinfo, const char *kind, ekok_span subject)
{
    uint8 request[EKOK_AGENT_SMALL];
    uint8 token[EKOK_AGENT_TOKENS][EKOK_AGENT_TOKEN];
    Datum item[EKOK_AGENT_TOKENS];
    ekok_agent_out to = ekok_agent_write(request, sizeof request);

    ekok_agent_put_text(&to, name_span(kind));
    ekok_agent_put_text(&to, subject);
    ekok_agent_put_text(&to, name_span(GetUserNameFromId(GetSessionUserId(), false)));
    ekok_agent_put_text(&to, name_span(GetUserNameFromId(GetUserId(), false)));
    ekok_agent_put_text(&to, text_argument(fcinfo, 1, "purpose"));
    ekok_agent_put_text(&to, text_argument(fcinfo, 2, "case"));
    explicit_bzero(unconstify(char *, subject.p), subject.n);
    if (!to.whole)
        elog(ERROR, "a request of fixed size does not fit");
    size_t count = ekok_agent_ask(EKOK_AGENT_DO_FIND, (ekok_span){(char *)request, to.size}, token);

    for (size_t i = 0; i < count; i++) {
        bytea *one = palloc(VARHDRSZ + EKOK_AGENT_TOKEN);

        memcpy(VARDATA(one), token[i], EKOK_AGENT_TOKEN);
        SET_VARSIZE(one, VARHDRSZ + EKOK_AGENT_TOKEN);
        item[i] = PointerGetDatum(one);
    }
    PG_RETURN_ARRAYTYPE_P(construct_array(item, (int)count, BYTEAOID, -1, false, TYPALIGN_INT));
}

Datum agent_tokens_nid(PG_FUNCTION_ARGS)
{
    ekok_nid nid = {(uint64)PG_GETARG_INT64(0)};
    char subject[EKOK_SUBJECT_TEXT] = "";

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return tokens_of(fcinfo, "token_nid", (ekok_span){subject, ekok_nid_subject(nid, subject)});
}

Datum agent_tokens_brn(PG_FUNCTION_ARGS)
{
    ekok_brn brn = {(uint64)PG_GETARG_INT64(0)};
    char subject[EKOK_DIGITS_TEXT] = "";

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return tokens_of(fcinfo, "token_brn", (ekok_span){subject, ekok_brn_format(brn, subject)});
}

Datum agent_tokens_msisdn(PG_FUNCTION_ARGS)
{
    ekok_msisdn msisdn = {(uint64)PG_GETARG_INT64(0)};
    char subject[EKOK_DIGITS_TEXT] = "";

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    return tokens_of(fcinfo, "token_mobile", (ekok_span){subject, ekok_msisdn_format(msisdn, subject)});
}

Datum agent_tokens_wallet(PG_FUNCTION_ARGS)
{
    ekok_wallet wallet = {0};
    char subject[EKOK_SUBJECT_TEXT] = "";

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    if (!ekok_wallet_unpack((ekok_wallet_word){(uint64)PG_GETARG_INT64(0)}, &wallet))
        ekok_report_invalid_binary("ekok.wallet");
    return tokens_of(fcinfo, "token_wallet", (ekok_span){subject, ekok_wallet_subject(wallet, subject)});
}
