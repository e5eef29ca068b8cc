/*
 * soft_token.h - SoftHSM tokens in a folder of the test's own, and keys put into them as no careful person would.
 */
#ifndef TEST_UNIT_SOFT_TOKEN_H
#define TEST_UNIT_SOFT_TOKEN_H

#include <p11-kit/p11-kit.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOFT_MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define SOFT_PIN    "481516"

static inline bool soft_token_add(const char *label)
{
    char command[300];
    (void)snprintf(command, sizeof command,
                   "softhsm2-util --init-token --free --label %s --pin " SOFT_PIN
                   " --so-pin 108108 >/dev/null 2>&1",
                   label);
    return system(command) == 0;
}

/* SOFTHSM2_CONF names it from then on. */
static inline bool soft_token_make(const char *folder)
{
    char name[300];
    (void)snprintf(name, sizeof name, "%s/tokens", folder);
    if (mkdir(name, 0700) != 0)
        return false;
    (void)snprintf(name, sizeof name, "%s/softhsm2.conf", folder);
    FILE *out = fopen(name, "w");
    if (!out)
        return false;
    (void)fprintf(out, "directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n",
                  folder);
    return fclose(out) == 0 && setenv("SOFTHSM2_CONF", name, 1) == 0 && soft_token_add("ekok");
}

typedef struct {
    CK_FUNCTION_LIST *call;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
} soft_session;

/* With token "ekok", as the token's own tool would log in. */
static inline bool soft_token_open(soft_session *s)
{
    CK_SLOT_ID slot[16];
    CK_ULONG count = 16;
    bool good = false;
    s->call = p11_kit_module_load(SOFT_MODULE, P11_KIT_MODULE_UNMANAGED);
    if (!s->call || p11_kit_module_initialize(s->call) != CKR_OK ||
        s->call->C_GetSlotList(CK_TRUE, slot, &count) != CKR_OK)
        return false;
    for (CK_ULONG i = 0; i < count && !good; i++) {
        CK_TOKEN_INFO info;
        good = s->call->C_GetTokenInfo(slot[i], &info) == CKR_OK && memcmp(info.label, "ekok  ", 6) == 0;
        s->slot = slot[i];
    }
    char pin[] = SOFT_PIN;
    return good &&
           s->call->C_OpenSession(s->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s->session) ==
               CKR_OK &&
           s->call->C_Login(s->session, CKU_USER, (CK_UTF8CHAR_PTR)pin, sizeof pin - 1) == CKR_OK;
}

static inline void soft_token_close(soft_session *s)
{
    (void)p11_kit_module_finalize(s->call);
    p11_kit_module_release(s->call);
}

/* A key that is generated, or brought from outside where `value` is given; each flag as it is said. */
typedef struct {
    const char *label;
    CK_ULONG bytes;
    CK_BBOOL extractable, sensitive, private, unwrap, stays;
    CK_BYTE *value;
} soft_key;

static inline bool soft_token_put(const soft_key *key)
{
    soft_session s;
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG bytes = key->bytes;
    CK_OBJECT_HANDLE made;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_BBOOL flag[5] = {key->stays, key->private, key->sensitive, key->extractable, key->unwrap};
    CK_ATTRIBUTE all[] = {{CKA_CLASS, &class, sizeof class},
                          {CKA_KEY_TYPE, &type, sizeof type},
                          {CKA_LABEL, (void *)(uintptr_t)key->label, strlen(key->label)},
                          {CKA_TOKEN, &flag[0], 1},
                          {CKA_PRIVATE, &flag[1], 1},
                          {CKA_SENSITIVE, &flag[2], 1},
                          {CKA_EXTRACTABLE, &flag[3], 1},
                          {CKA_UNWRAP, &flag[4], 1},
                          {CKA_WRAP, &yes, 1},
                          {CKA_VALUE_LEN, &bytes, sizeof bytes}};
    CK_ULONG count = sizeof all / sizeof *all;
    bool good = soft_token_open(&s);
    if (good && key->value) {
        all[count - 1] = (CK_ATTRIBUTE){CKA_VALUE, key->value, key->bytes};
        good = s.call->C_CreateObject(s.session, all, count, &made) == CKR_OK;
    } else if (good) {
        good = s.call->C_GenerateKey(s.session, &generate, all, count, &made) == CKR_OK;
    }
    soft_token_close(&s);
    return good;
}

/* Destroys every key of that label; how many, -1 when the token refuses. */
static inline int soft_token_remove(const char *label)
{
    soft_session s;
    CK_ATTRIBUTE like = {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)};
    CK_OBJECT_HANDLE found[16];
    CK_ULONG count = 0;
    bool good = soft_token_open(&s) && s.call->C_FindObjectsInit(s.session, &like, 1) == CKR_OK &&
                s.call->C_FindObjects(s.session, found, 16, &count) == CKR_OK &&
                s.call->C_FindObjectsFinal(s.session) == CKR_OK;
    for (CK_ULONG i = 0; good && i < count; i++)
        good = s.call->C_DestroyObject(s.session, found[i]) == CKR_OK;
    soft_token_close(&s);
    return good ? (int)count : -1;
}

#endif
