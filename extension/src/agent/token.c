/*
 * token.c - SQL functions ekok.agent_token(identifier, purpose, case), the token that the daemon would make of this
 * identifier, and ekok.agent_tokens, all under which it may stand while keys are rotated. Asked of the key agent, which
 * counts and writes down who asked for what. The subjects are those of core/subject.c. Refuses to be asked without a
 * purpose.
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

PG_FUNCTION_INFO_V1(agent_token_nid);
PG_FUNCTION_INFO_V1(agent_tokens_nid);
PG_FUNCTION_INFO_V1(agent_token_brn);
PG_FUNCTION_INFO_V1(agent_tokens_brn);
PG_FUNCTION_INFO_V1(agent_token_msisdn);
PG_FUNCTION_INFO_V1(agent_tokens_msisdn);
PG_FUNCTION_INFO_V1(agent_token_wallet);
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

/* What the token of an identifier is made of; no kind: null. */
typedef struct {
    const char *kind;
    char text[EKOK_SUBJECT_TEXT];
    size_t size;
} subject;

/* Who asks: the user of the session, whatever functions of others lie between; and as what. */
static size_t ask_for(FunctionCallInfo fcinfo, subject *of, uint8 token[EKOK_AGENT_TOKENS][EKOK_AGENT_TOKEN])
{
    ekok_agent_question question = {EKOK_AGENT_DO_FIND, EKOK_AGENT_SAYS_TOKEN, {0}};
    uint8 request[EKOK_AGENT_SMALL], answer[EKOK_AGENT_SMALL];
    ekok_agent_out to = ekok_agent_write(request, sizeof request);
    size_t size;

    ekok_agent_put_text(&to, name_span(of->kind));
    ekok_agent_put_text(&to, (ekok_span){of->text, of->size});
    explicit_bzero(of->text, sizeof of->text);
    ekok_agent_put_text(&to, name_span(GetUserNameFromId(GetSessionUserId(), false)));
    ekok_agent_put_text(&to, name_span(GetUserNameFromId(GetUserId(), false)));
    ekok_agent_put_text(&to, text_argument(fcinfo, 1, "purpose"));
    ekok_agent_put_text(&to, text_argument(fcinfo, 2, "case"));
    if (!to.whole)
        elog(ERROR, "a request of fixed size does not fit");
    question.payload = (ekok_span){(char *)request, to.size};
    size = ekok_agent_ask(&question, answer);
    if (size == 0 || size % EKOK_AGENT_TOKEN != 0 || size > EKOK_AGENT_TOKENS * EKOK_AGENT_TOKEN)
        ekok_agent_report_other();
    memcpy(token, answer, size);
    explicit_bzero(answer, size);
    return size / EKOK_AGENT_TOKEN;
}

static Datum token_datum(const uint8 token[EKOK_AGENT_TOKEN])
{
    bytea *one = palloc(VARHDRSZ + EKOK_AGENT_TOKEN);

    memcpy(VARDATA(one), token, EKOK_AGENT_TOKEN);
    SET_VARSIZE(one, VARHDRSZ + EKOK_AGENT_TOKEN);
    return PointerGetDatum(one);
}

/* The active version's, which is the first. */
static Datum one_token(FunctionCallInfo fcinfo, subject of)
{
    uint8 token[EKOK_AGENT_TOKENS][EKOK_AGENT_TOKEN];

    if (of.kind == NULL)
        PG_RETURN_NULL();
    ask_for(fcinfo, &of, token);
    return token_datum(token[0]);
}

static Datum all_tokens(FunctionCallInfo fcinfo, subject of)
{
    uint8 token[EKOK_AGENT_TOKENS][EKOK_AGENT_TOKEN];
    Datum item[EKOK_AGENT_TOKENS];
    size_t count;

    if (of.kind == NULL)
        PG_RETURN_NULL();
    count = ask_for(fcinfo, &of, token);
    for (size_t i = 0; i < count; i++) {
        item[i] = token_datum(token[i]);
    }
    PG_RETURN_ARRAYTYPE_P(construct_array(item, (int)count, BYTEAOID, -1, false, TYPALIGN_INT));
}

static subject nid_subject(FunctionCallInfo fcinfo)
{
    subject of = {0};

    if (!PG_ARGISNULL(0)) {
        of.kind = "token_nid";
        of.size = ekok_nid_subject((ekok_nid){(uint64)PG_GETARG_INT64(0)}, of.text);
    }
    return of;
}

static subject brn_subject(FunctionCallInfo fcinfo)
{
    subject of = {0};

    if (!PG_ARGISNULL(0)) {
        of.kind = "token_brn";
        of.size = ekok_brn_format((ekok_brn){(uint64)PG_GETARG_INT64(0)}, of.text);
    }
    return of;
}

static subject msisdn_subject(FunctionCallInfo fcinfo)
{
    subject of = {0};

    if (!PG_ARGISNULL(0)) {
        of.kind = "token_mobile";
        of.size = ekok_msisdn_format((ekok_msisdn){(uint64)PG_GETARG_INT64(0)}, of.text);
    }
    return of;
}

static subject wallet_subject(FunctionCallInfo fcinfo)
{
    ekok_wallet wallet = {0};
    subject of = {0};

    if (!PG_ARGISNULL(0)) {
        if (!ekok_wallet_unpack((ekok_wallet_word){(uint64)PG_GETARG_INT64(0)}, &wallet))
            ekok_report_invalid_binary("ekok.wallet");
        of.kind = "token_wallet";
        of.size = ekok_wallet_subject(wallet, of.text);
    }
    return of;
}

Datum agent_token_nid(PG_FUNCTION_ARGS)
{
    return one_token(fcinfo, nid_subject(fcinfo));
}

Datum agent_tokens_nid(PG_FUNCTION_ARGS)
{
    return all_tokens(fcinfo, nid_subject(fcinfo));
}

Datum agent_token_brn(PG_FUNCTION_ARGS)
{
    return one_token(fcinfo, brn_subject(fcinfo));
}

Datum agent_tokens_brn(PG_FUNCTION_ARGS)
{
    return all_tokens(fcinfo, brn_subject(fcinfo));
}

Datum agent_token_msisdn(PG_FUNCTION_ARGS)
{
    return one_token(fcinfo, msisdn_subject(fcinfo));
}

Datum agent_tokens_msisdn(PG_FUNCTION_ARGS)
{
    return all_tokens(fcinfo, msisdn_subject(fcinfo));
}

Datum agent_token_wallet(PG_FUNCTION_ARGS)
{
    return one_token(fcinfo, wallet_subject(fcinfo));
}

Datum agent_tokens_wallet(PG_FUNCTION_ARGS)
{
    return all_tokens(fcinfo, wallet_subject(fcinfo));
}
