/*
 * reason.c - the list of reasons of one record. Promises the order in which they were found; refuses,
 * silently, the ones past REASONS_MAX, because a record with that many is set aside anyway.
 */
#include "row/reason.h"

static const char *const names[REASON_COUNT] = {
#define X(CODE, code, text) #code,
#include "row/reason.def"
#undef X
};

static const char *const texts[REASON_COUNT] = {
#define X(CODE, code, text) text,
#include "row/reason.def"
#undef X
};

void reason_add(reason_list *list, reason_code code, target field, const char *detail, int position)
{
    if (list->count >= REASONS_MAX) {
        return;
    }
    list->item[list->count++] =
        (reason){.code = code, .field = field, .detail = detail, .position = position};
}

const char *reason_name(reason_code code)
{
    return (unsigned)code < REASON_COUNT ? names[code] : "";
}

const char *reason_text(reason_code code)
{
    return (unsigned)code < REASON_COUNT ? texts[code] : "";
}
