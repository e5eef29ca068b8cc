/*
 * status.c - the texts of status.def, looked up by code. A code outside the list gets the texts of "unknown".
 */
#include "status.h"

typedef struct {
    const char *name;
    const char *message;
    const char *detail;
    const char *hint;
} code_texts;

static const code_texts TEXTS[EKOK_CODE_COUNT] = {
    [EKOK_OK] = {"ok", "value is accepted", "", ""},
#define X(code, name, message, detail, hint) [EKOK_##code] = {#name, message, detail, hint},
#include "status.def"
#undef X
};

static const code_texts UNKNOWN = {"unknown", "unknown status", "", ""};

static const code_texts *texts_of(ekok_code code)
{
    unsigned index = (unsigned)code;

    return index < EKOK_CODE_COUNT ? &TEXTS[index] : &UNKNOWN;
}

const char *ekok_code_name(ekok_code code)
{
    return texts_of(code)->name;
}

const char *ekok_code_message(ekok_code code)
{
    return texts_of(code)->message;
}

const char *ekok_code_detail(ekok_code code)
{
    return texts_of(code)->detail;
}

const char *ekok_code_hint(ekok_code code)
{
    return texts_of(code)->hint;
}
