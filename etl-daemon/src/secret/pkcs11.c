/*
 * pkcs11.c - see pkcs11.h. The keys that are wrapped are session objects, which the token forgets; they are destroyed
 * at once all the same.
 */
#include "secret/pkcs11.h"

#include <pthread.h>
#include <stdlib.h>

#include "secret/pkcs11_session.h"
#include "secret/seal.h"

/* PKCS#11 3.0: RFC 5649, as CKM_AES_KEY_WRAP_PAD is in most tokens of before. */
#define KEY_WRAP_KWP 0x210BUL

struct pkcs11 {
    pkcs11_session session;
    CK_OBJECT_HANDLE kek;
    CK_MECHANISM mechanism;
};

static CK_OBJECT_CLASS secret_key = CKO_SECRET_KEY;
static CK_KEY_TYPE aes = CKK_AES, generic = CKK_GENERIC_SECRET;
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_ULONG key_bytes = KEY_BYTES;

/* PKCS#11 takes no pointers to constants; nothing writes through these. */
static const CK_ATTRIBUTE made_with[] = {
    {CKA_CLASS, &secret_key, sizeof secret_key},
    {CKA_KEY_TYPE, &aes, sizeof aes},
    {CKA_VALUE_LEN, &key_bytes, sizeof key_bytes},
    {CKA_TOKEN, &yes, sizeof yes},
    {CKA_PRIVATE, &yes, sizeof yes},
    {CKA_SENSITIVE, &yes, sizeof yes},
    {CKA_EXTRACTABLE, &no, sizeof no},
    {CKA_WRAP, &yes, sizeof yes},
    {CKA_UNWRAP, &yes, sizeof yes},
    {CKA_ENCRYPT, &no, sizeof no},
    {CKA_DECRYPT, &no, sizeof no},
};

/* What a key must be to wrap ours, and what is said of one that is not. */
static const struct {
    CK_ATTRIBUTE want;
    const char *problem;
} demand[] = {
    {{CKA_KEY_TYPE, &aes, sizeof aes}, "is no AES key"},
    {{CKA_VALUE_LEN, &key_bytes, sizeof key_bytes}, "is not of 256 bits"},
    {{CKA_TOKEN, &yes, sizeof yes}, "does not stay in the token"},
    {{CKA_PRIVATE, &yes, sizeof yes}, "can be used without the PIN (CKA_PRIVATE is false)"},
    {{CKA_SENSITIVE, &yes, sizeof yes}, "can be read (CKA_SENSITIVE is false)"},
    {{CKA_EXTRACTABLE, &no, sizeof no}, "can leave the token (CKA_EXTRACTABLE is true)"},
    {{CKA_LOCAL, &yes, sizeof yes}, "was not made inside the token (CKA_LOCAL is false)"},
    {{CKA_ALWAYS_SENSITIVE, &yes, sizeof yes}, "could be read once (CKA_ALWAYS_SENSITIVE is false)"},
    {{CKA_NEVER_EXTRACTABLE, &yes, sizeof yes},
     "could leave the token once (CKA_NEVER_EXTRACTABLE is false)"},
    {{CKA_WRAP, &yes, sizeof yes}, "may not wrap (CKA_WRAP is false)"},
    {{CKA_UNWRAP, &yes, sizeof yes}, "may not unwrap (CKA_UNWRAP is false)"},
};

static bool check_key(const pkcs11 *p, failure *f)
{
    const pkcs11_module *m = &p->session.module;
    for (size_t i = 0; i < sizeof demand / sizeof *demand; i++) {
        uint8_t value[sizeof(CK_ULONG)] = {0};
        CK_ATTRIBUTE one = {demand[i].want.type, value, sizeof value};
        if (m->call->C_GetAttributeValue(p->session.handle, p->kek, &one, 1) != CKR_OK ||
            one.ulValueLen != demand[i].want.ulValueLen ||
            memcmp(value, demand[i].want.pValue, one.ulValueLen) != 0)
            return fail(f, EXIT_KEYS,
                        "PKCS#11 module %s: the key that the URI names %s; let ekok keys rotate wrap make "
                        "one under another name",
                        m->path, demand[i].problem);
    }
    return true;
}

static bool choose_mechanism(pkcs11 *p, failure *f)
{
    static const CK_MECHANISM_TYPE accepted[] = {KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD};
    const CK_FLAGS both = CKF_WRAP | CKF_UNWRAP;
    const pkcs11_module *m = &p->session.module;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        CK_MECHANISM_INFO info;
        if (m->call->C_GetMechanismInfo(p->session.slot, accepted[i], &info) == CKR_OK &&
            (info.flags & both) == both) {
            p->mechanism = (CK_MECHANISM){accepted[i], NULL, 0};
            return true;
        }
    }
    return fail(f, EXIT_KEYS,
                "PKCS#11 module %s: the token wraps keys neither by CKM_AES_KEY_WRAP_KWP nor by "
                "CKM_AES_KEY_WRAP_PAD; another token is needed",
                m->path);
}

/* The URI's words for the key, behind what `count` attributes say already. */
static CK_ULONG add_names(const pkcs11 *p, CK_ATTRIBUTE *out, CK_ULONG count)
{
    static const CK_ATTRIBUTE_TYPE names[] = {CKA_LABEL, CKA_ID};
    for (size_t i = 0; i < 2; i++) {
        const CK_ATTRIBUTE *given = p11_kit_uri_get_attribute(p->session.uri.parts, names[i]);
        if (given && given->ulValueLen)
            out[count++] = *given;
    }
    return count;
}

static bool make_key(pkcs11 *p, failure *f)
{
    enum { MADE = sizeof made_with / sizeof *made_with };
    CK_ATTRIBUTE all[MADE + 2];
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    memcpy(all, made_with, sizeof made_with);
    CK_ULONG count = add_names(p, all, MADE);
    CK_RV rv = p->session.module.call->C_GenerateKey(p->session.handle, &generate, all, count, &p->kek);
    return rv == CKR_OK ||
           pkcs11_failed(&p->session.module, "the token makes no AES key (CKM_AES_KEY_GEN)", rv, f);
}

static bool find_key(pkcs11 *p, bool make, failure *f)
{
    const pkcs11_module *m = &p->session.module;
    CK_ATTRIBUTE like[3] = {{CKA_CLASS, &secret_key, sizeof secret_key}};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0;
    CK_RV rv = m->call->C_FindObjectsInit(p->session.handle, like, add_names(p, like, 1));
    if (rv == CKR_OK) {
        rv = m->call->C_FindObjects(p->session.handle, found, 2, &count);
        (void)m->call->C_FindObjectsFinal(p->session.handle);
    }
    if (rv != CKR_OK)
        return pkcs11_failed(m, "the token's keys cannot be looked through", rv, f);
    if (count > 1)
        return fail(f, EXIT_KEYS,
                    "PKCS#11 module %s: the token has several keys like the one that the URI names; add id= "
                    "to the URI",
                    m->path);
    if (count == 0 && !make)
        return fail(
            f, EXIT_KEYS,
            "PKCS#11 module %s: the token has no such key as the URI names; is it the token that made "
            "it, or a restored copy of it?",
            m->path);
    p->kek = found[0];
    return count == 1 || make_key(p, f);
}

/* A module is initialised once a process, and logged in for all of its sessions: one user of it at a time. */
static pthread_mutex_t one_at_a_time = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

pkcs11 *pkcs11_open(const pkcs11_request *request, failure *f)
{
    pkcs11 *p = calloc(1, sizeof *p);
    if (!p || pthread_mutex_lock(&one_at_a_time) != 0) {
        (void)fail(f, EXIT_INTERNAL,
                   p ? "a PKCS#11 session within another" : "no memory for a PKCS#11 session");
        free(p);
        return NULL;
    }
    if (pkcs11_session_open(request, &p->session, f) && choose_mechanism(p, f) &&
        find_key(p, request->make, f) && check_key(p, f))
        return p;
    pkcs11_close(p);
    return NULL;
}

void pkcs11_close(pkcs11 *p)
{
    if (!p)
        return;
    pkcs11_session_close(&p->session);
    (void)pthread_mutex_unlock(&one_at_a_time);
    free(p);
}

bool pkcs11_wrap(pkcs11 *p, const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES], failure *f)
{
    CK_FUNCTION_LIST *call = p->session.module.call;
    CK_ATTRIBUTE clear[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_KEY_TYPE, &generic, sizeof generic},
        {CKA_TOKEN, &no, sizeof no},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &yes, sizeof yes},
        {CKA_VALUE, (void *)(uintptr_t)key, KEY_BYTES},
    };
    uint8_t room[2 * WRAPPED_BYTES];
    CK_ULONG size = sizeof room;
    CK_OBJECT_HANDLE object;
    CK_RV rv =
        call->C_CreateObject(p->session.handle, clear, (CK_ULONG)(sizeof clear / sizeof *clear), &object);
    if (rv != CKR_OK)
        return pkcs11_failed(&p->session.module, "the token takes no key to be wrapped", rv, f);
    rv = call->C_WrapKey(p->session.handle, &p->mechanism, p->kek, object, room, &size);
    (void)call->C_DestroyObject(p->session.handle, object);
    if (rv != CKR_OK)
        return pkcs11_failed(&p->session.module, "the token does not wrap", rv, f);
    if (size != WRAPPED_BYTES)
        return fail(f, EXIT_KEYS,
                    "PKCS#11 module %s: what the token calls CKM_AES_KEY_WRAP_PAD is not RFC 5649 (%lu bytes "
                    "instead of %d); another token is needed",
                    p->session.module.path, size, WRAPPED_BYTES);
    memcpy(out, room, WRAPPED_BYTES);
    return true;
}

bool pkcs11_unwrap(pkcs11 *p, const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES], failure *f)
{
    CK_FUNCTION_LIST *call = p->session.module.call;
    CK_ATTRIBUTE like[] = {
        {CKA_CLASS, &secret_key, sizeof secret_key},
        {CKA_KEY_TYPE, &generic, sizeof generic},
        {CKA_TOKEN, &no, sizeof no},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &no, sizeof no},
        {CKA_EXTRACTABLE, &yes, sizeof yes},
    };
    uint8_t in[WRAPPED_BYTES];
    CK_ATTRIBUTE value = {CKA_VALUE, out, KEY_BYTES};
    CK_OBJECT_HANDLE object;
    memcpy(in, wrapped, sizeof in);
    CK_RV rv = call->C_UnwrapKey(p->session.handle, &p->mechanism, p->kek, in, sizeof in, like,
                                 (CK_ULONG)(sizeof like / sizeof *like), &object);
    if (rv == CKR_OK) {
        rv = call->C_GetAttributeValue(p->session.handle, object, &value, 1);
        (void)call->C_DestroyObject(p->session.handle, object);
    }
    if (rv == CKR_OK && value.ulValueLen == KEY_BYTES)
        return true;
    wipe(out, KEY_BYTES);
    return pkcs11_failed(&p->session.module,
                         "it was changed, or another key wrapped it, or the token does not give it out", rv,
                         f);
}
