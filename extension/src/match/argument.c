/*
 * argument.c - see argument.h. What is remembered lives in fn_extra, as long as the call site.
 */
#include "argument.h"

typedef struct {
    bool filled, readable;
    size_t n;
    char bytes[EKOK_NAME_BYTES_MAX];
    ekok_name name;
} remembered;

static remembered *memory_of(FunctionCallInfo fcinfo, int n)
{
    remembered *memory = fcinfo->flinfo->fn_extra;

    if (memory == NULL) {
        memory = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, EKOK_ARGUMENTS_REMEMBERED * sizeof *memory);
        for (int i = 0; i < EKOK_ARGUMENTS_REMEMBERED; i++)
            memory[i].filled = false;
        fcinfo->flinfo->fn_extra = memory;
    }
    return &memory[n];
}

ekok_span ekok_text_argument(FunctionCallInfo fcinfo, int n)
{
    text *given = PG_GETARG_TEXT_PP(n);

    return (ekok_span){VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)};
}

const ekok_name *ekok_name_argument(FunctionCallInfo fcinfo, int n)
{
    ekok_span given = ekok_text_argument(fcinfo, n);
    remembered *known = memory_of(fcinfo, n);

    if (given.n > EKOK_NAME_BYTES_MAX)
        return NULL;
    if (!known->filled || known->n != given.n || memcmp(known->bytes, given.p, given.n) != 0) {
        memcpy(known->bytes, given.p, given.n);
        known->n = given.n;
        known->readable = ekok_name_parse(given, &known->name).code == EKOK_OK;
        known->filled = true;
    }
    return known->readable ? &known->name : NULL;
}
