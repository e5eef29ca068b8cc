/*
 * code.c - SQL function ekok.agent_code(login, sealed, code, after): whether a one-time code is right for a sealed
 * second factor, and which time step it is. Asked of the key agent, which alone can open the factor, and counts the
 * tries. Refuses to know which step was used last: that is given. Nothing here ever has the secret.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "agent/exchange.h"

PG_FUNCTION_INFO_V1(agent_code);

static ekok_span name_span(const char *name)
{
    return (ekok_span){name, strlen(name)};
}

/* Codes are six digits: of what is longer so much is asked as shows that it is none. */
static ekok_span code_span(text *code)
{
    size_t size = VARSIZE_ANY_EXHDR(code);

    return (ekok_span){VARDATA_ANY(code), size < 32 ? size : 32};
}

static size_t write_request(FunctionCallInfo fcinfo, uint8 request[EKOK_AGENT_SMALL])
{
    bytea *sealed = PG_GETARG_BYTEA_PP(1);
    int64 after = PG_GETARG_INT64(3);
    ekok_agent_out to = ekok_agent_write(request, EKOK_AGENT_SMALL);

    if (after < 0 || after > PG_UINT32_MAX)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a time step is 0 to 4294967295"),
                errhidestmt(true));
    ekok_agent_put_text(&to, name_span(NameStr(*PG_GETARG_NAME(0))));
    ekok_agent_put_text(&to, name_span(GetUserNameFromId(GetSessionUserId(), false)));
    ekok_agent_put_text(&to, code_span(PG_GETARG_TEXT_PP(2)));
    ekok_agent_put_number(&to, (uint32)after, 4);
    ekok_agent_put_bytes(&to, (ekok_span){VARDATA_ANY(sealed), VARSIZE_ANY_EXHDR(sealed)});
    if (!to.whole)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("this is no sealed second factor"),
                errhidestmt(true));
    return to.size;
}

Datum agent_code(PG_FUNCTION_ARGS)
{
    uint8 request[EKOK_AGENT_SMALL], answer[EKOK_AGENT_SMALL];
    ekok_agent_question question = {EKOK_AGENT_DO_CODE, EKOK_AGENT_SAYS_CODE, {(char *)request, 0}};
    ekok_agent_in in;
    uint32 right, step;

    question.payload.n = write_request(fcinfo, request);
    in = (ekok_agent_in){{(char *)answer, ekok_agent_ask(&question, answer)}, true};
    right = ekok_agent_take_number(&in, 1);
    step = ekok_agent_take_number(&in, 4);
    if (!ekok_agent_taken(&in) || right > 1)
        ekok_agent_report_other();
    if (right == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT64(step);
}
