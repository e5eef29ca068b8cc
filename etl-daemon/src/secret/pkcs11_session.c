/*
 * pkcs11_session.c - see pkcs11_session.h.
 */
#include "secret/pkcs11_session.h"

#include <stdatomic.h>
#include <stdio.h>

#include "secret/kept_text.h"
#include "secret/locked.h"

enum { SLOTS_MAX = 64 };

/* All that the URI says of module, slot and token. A slot's number may change at any start, so it only narrows. */
static bool fits(const pkcs11_session *s, CK_SLOT_ID slot, CK_TOKEN_INFO *token)
{
    CK_INFO module;
    CK_SLOT_INFO place;
    CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(s->uri.parts);
    CK_FUNCTION_LIST *call = s->module.call;
    return (wanted == (CK_SLOT_ID)-1 || wanted == slot) && call->C_GetInfo(&module) == CKR_OK &&
           call->C_GetSlotInfo(slot, &place) == CKR_OK && call->C_GetTokenInfo(slot, token) == CKR_OK &&
           (token->flags & CKF_TOKEN_INITIALIZED) != 0 &&
           p11_kit_uri_match_module_info(s->uri.parts, &module) &&
           p11_kit_uri_match_slot_info(s->uri.parts, &place) &&
           p11_kit_uri_match_token_info(s->uri.parts, token);
}

/* The one token that the URI's words fit; slots without a token, and tokens that are not set up, do not count. */
static bool find_token(pkcs11_session *s, CK_TOKEN_INFO *info, failure *f)
{
    CK_SLOT_ID slot[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    size_t found = 0;
    CK_RV rv = s->module.call->C_GetSlotList(CK_TRUE, slot, &count);
    if (rv != CKR_OK)
        return pkcs11_failed(&s->module, "its slots cannot be listed", rv, f);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO one;
        if (!fits(s, slot[i], &one))
            continue;
        s->slot = slot[i];
        *info = one;
        found++;
    }
    if (found == 0)
        return fail(
            f, EXIT_KEYS,
            "PKCS#11 module %s: has no token like the one that the URI names; is it plugged in and set "
            "up, and may this user reach it?",
            s->module.path);
    return found == 1 ||
           fail(f, EXIT_KEYS,
                "PKCS#11 module %s: %zu tokens are like the one that the URI names; add serial= "
                "to the URI",
                s->module.path, found);
}

/* Set once a token has refused the PIN: nothing unattended may spend the tries that are left. */
static atomic_bool refused_before;

/* Before any try. */
static bool may_try(const pkcs11_session *s, const CK_TOKEN_INFO *info, bool attended, failure *f)
{
    const char *problem = NULL;
    bool wrong_before = (info->flags & CKF_USER_PIN_COUNT_LOW) != 0 || atomic_load(&refused_before);
    if (!(info->flags & CKF_USER_PIN_INITIALIZED))
        problem = "its user PIN was never set";
    else if (info->flags & CKF_USER_PIN_LOCKED)
        problem = "its PIN is locked; the security officer unlocks it by the token's own tool";
    else if (info->flags & CKF_USER_PIN_FINAL_TRY)
        problem = "one more wrong PIN would lock it, so none is tried; log in once by the token's own tool";
    else if (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH)
        problem = "it wants its PIN on a keypad of its own, which nobody is there to press";
    else if (wrong_before && !attended)
        problem = "it was given a wrong PIN before, so none is tried unattended: mend what pin-source names, "
                  "then let a person try: ekok keys upgrade --wrap with the words of the key file";
    return !problem || fail(f, EXIT_KEYS, "PKCS#11 module %s: the token: %s", s->module.path, problem);
}

static bool give_pin(pkcs11_session *s, const char *pin, size_t size, failure *f)
{
    CK_RV rv = s->module.call->C_Login(s->handle, CKU_USER, (CK_UTF8CHAR_PTR)(uintptr_t)pin, size);
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
        atomic_store(&refused_before, false);
        return true;
    }
    if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE) {
        atomic_store(&refused_before, true);
        return fail(f, EXIT_KEYS,
                    "PKCS#11 module %s: the token refuses the PIN; it is not tried again: mend the file or "
                    "credential that pin-source names",
                    s->module.path);
    }
    return rv == CKR_PIN_LOCKED
               ? fail(f, EXIT_KEYS,
                      "PKCS#11 module %s: the token: its PIN is locked; the security officer unlocks it "
                      "by the token's own tool",
                      s->module.path)
               : pkcs11_failed(&s->module, "the token lets nobody log in", rv, f);
}

static bool log_in(pkcs11_session *s, const pkcs11_request *request, failure *f)
{
    failure why = {.code = EXIT_KEYS, .text = ""};
    const kept_text place = {s->uri.pin_credential, s->uri.pin, request->key_path, "PIN"};
    char *pin = locked_new(KEPT_TEXT, f);
    size_t size = 0;
    if (!pin)
        return false;
    bool good = kept_text_read(&place, pin, &size, &why);
    if (!good)
        (void)fail(f, EXIT_KEYS, "PIN of the PKCS#11 token: %.330s", why.text);
    else if (size == 0)
        good = fail(f, EXIT_KEYS, "PIN of the PKCS#11 token: %.330s is empty", s->uri.pin);
    good = good && give_pin(s, pin, size, f);
    locked_free(pin, KEPT_TEXT);
    return good;
}

bool pkcs11_session_open(const pkcs11_request *request, pkcs11_session *out, failure *f)
{
    CK_TOKEN_INFO info = {.flags = 0};
    *out = (pkcs11_session){.open = false};
    if (!pkcs11_uri_read(request->uri, &out->uri, f) || !pkcs11_module_load(&out->uri, &out->module, f) ||
        !find_token(out, &info, f) || !may_try(out, &info, request->attended, f))
        return false;
    CK_FLAGS flags = CKF_SERIAL_SESSION | (request->make ? CKF_RW_SESSION : 0);
    CK_RV rv = out->module.call->C_OpenSession(out->slot, flags, NULL, NULL, &out->handle);
    out->open = rv == CKR_OK;
    return out->open ? log_in(out, request, f)
                     : pkcs11_failed(&out->module, "no session can be opened with the token", rv, f);
}

void pkcs11_session_close(pkcs11_session *s)
{
    if (s->open) {
        (void)s->module.call->C_Logout(s->handle); /* CKR_USER_NOT_LOGGED_IN is fine */
        (void)s->module.call->C_CloseSession(s->handle);
    }
    pkcs11_module_release(&s->module);
    if (s->uri.parts)
        pkcs11_uri_free(&s->uri);
    s->open = false;
}
