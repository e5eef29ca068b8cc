/*
 * code.c - see code.h.
 */
#include "agent/code.h"

#include <time.h>

#include "secret/seal.h"
#include "secret/totp.h"

static const char TABLE[] = "access.factor", COLUMN[] = "sealed";

bool code_is_table(const char *table)
{
    return strcmp(table, TABLE) == 0;
}

static bool add_number(buf *out, size_t number)
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    return buf_add(out, bytes, sizeof bytes);
}

bool code_factor(const asking *a, span payload, buf *out, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    uint8_t secret[TOTP_SECRET];
    span login = span_from(ekok_agent_take_text(&in)), given = span_from(ekok_agent_take_bytes(&in));
    bool made = given.n == 0;
    if (!ekok_agent_taken(&in) || (!made && given.n != TOTP_SECRET))
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    if (!guard_factor(a->guard, a->who, login, made, r))
        return false;
    if (!made)
        memcpy(secret, given.p, TOTP_SECRET);
    const seal_place place = {TABLE, COLUMN, login};
    bool good = (!made || totp_make(secret)) && add_number(out, TOTP_SECRET + SEAL_OVERHEAD) &&
                seal_value(a->ring, &place, (span){(char *)secret, TOTP_SECRET}, out) &&
                add_number(out, made ? TOTP_SECRET : 0) && buf_add(out, secret, made ? TOTP_SECRET : 0);
    wipe(secret, sizeof secret);
    return good || refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
}

typedef struct {
    span sealed, code;
    uint32_t after;
} shown_code;

/* what->step becomes the step that the code is right for, 0: none. False: it cannot be looked at. */
static bool look(const asking *a, const shown_code *shown, guarded_code *what, refusal *r)
{
    uint8_t secret[TOTP_SECRET];
    opened_value opened = {secret, sizeof secret, 0};
    failure f = {.text = ""};
    const seal_place place = {TABLE, COLUMN, what->login};
    if (!open_value(a->ring, &place, shown->sealed, &opened, &f) || opened.size != TOTP_SECRET) {
        wipe(secret, sizeof secret);
        return guard_strange_factor(a->guard, a->who, r);
    }
    const totp_window window = {(uint32_t)(time(NULL) / TOTP_SECONDS), shown->after};
    bool good = totp_check(secret, shown->code, window, &what->step);
    wipe(secret, sizeof secret);
    return good || refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
}

bool code_look(const asking *a, span payload, buf *out, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    guarded_code what = {.who = a->who};
    what.login = span_from(ekok_agent_take_text(&in));
    what.by = span_from(ekok_agent_take_text(&in));
    shown_code shown = {.code = span_from(ekok_agent_take_text(&in))};
    shown.after = ekok_agent_take_number(&in, 4);
    shown.sealed = span_from(ekok_agent_take_bytes(&in));
    if (!ekok_agent_taken(&in) || what.by.n > EKOK_AGENT_WHY)
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    if (!look(a, &shown, &what, r) || !guard_code(a->guard, &what, r))
        return false;
    return (buf_add_char(out, what.step != 0) && add_number(out, what.step)) ||
           refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
}
