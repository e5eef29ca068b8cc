/* jws.c - see jws.h. */
#include "jws.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 4096, SIGNATURE_TEXT = 256 };

char *jws_encode(const void *bytes, size_t size)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)bytes, (unsigned)size}, text = {NULL, 0};
    if (gnutls_base64_encode2(&in, &text) < 0)
        return NULL;
    char *out = calloc(1, text.size + 1);
    for (size_t i = 0; out && i < text.size && text.data[i] != '='; i++)
        out[i] = (char)(text.data[i] == '+' ? '-' : text.data[i] == '/' ? '_' : text.data[i]);
    gnutls_free(text.data);
    return out;
}

static bool decode(const char *text, gnutls_datum_t *out)
{
    char standard[SIGNATURE_TEXT];
    size_t n = 0;
    for (; *text && n + 5 < sizeof standard; text++)
        standard[n++] = *text == '-' ? '+' : *text == '_' ? '/' : *text;
    while (n % 4)
        standard[n++] = '=';
    gnutls_datum_t in = {(unsigned char *)standard, (unsigned)n};
    return gnutls_base64_decode2(&in, out) == 0;
}

static bool read_pem(const char *folder, const char *name, char pem[PEM_MAX], gnutls_datum_t *out)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(pem, 1, PEM_MAX, f) : 0;
    if (f)
        fclose(f);
    *out = (gnutls_datum_t){(unsigned char *)pem, (unsigned)n};
    return n > 0;
}

static bool verify(const gnutls_datum_t *pem, const gnutls_datum_t *what, const char *signature)
{
    gnutls_datum_t bytes = {NULL, 0};
    gnutls_pubkey_t key;
    if (gnutls_pubkey_init(&key) < 0)
        return false;
    bool good = gnutls_pubkey_import(key, pem, GNUTLS_X509_FMT_PEM) == 0 && decode(signature, &bytes) &&
                gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, what, &bytes) >= 0;
    gnutls_free(bytes.data);
    gnutls_pubkey_deinit(key);
    return good;
}

bool jws_verify(const char *folder, const char *key, const char *token, const char *payload, const char *want)
{
    char pem[PEM_MAX];
    gnutls_datum_t in;
    const char *first = strchr(token, '.'), *last = strrchr(token, '.');
    if (!first || first == last || !read_pem(folder, key, pem, &in))
        return false;
    char *part = jws_encode(payload ? payload : want, strlen(payload ? payload : want));
    size_t room = part ? strlen(part) + (size_t)(first - token) + 2 : 0;
    char *text = part ? malloc(room) : NULL;
    bool good = text && (payload ? last == first + 1
                                 : strlen(part) == (size_t)(last - first - 1) &&
                                       strncmp(first + 1, part, strlen(part)) == 0);
    if (good) {
        int n = snprintf(text, room, "%.*s.%s", (int)(first - token), token, part);
        gnutls_datum_t what = {(unsigned char *)text, (unsigned)n};
        good = verify(&in, &what, last + 1);
    }
    free(text);
    free(part);
    return good;
}

static char *signature_of(const gnutls_datum_t *pem, const char *text)
{
    gnutls_datum_t what = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)}, bytes = {NULL, 0};
    gnutls_privkey_t key;
    if (gnutls_privkey_init(&key) < 0)
        return NULL;
    bool good = gnutls_privkey_import_x509_raw(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0) == 0 &&
                gnutls_privkey_sign_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, &what, &bytes) >= 0;
    char *out = good ? jws_encode(bytes.data, bytes.size) : NULL;
    gnutls_free(bytes.data);
    gnutls_privkey_deinit(key);
    return out;
}

char *jws_sign(const char *folder, const char *key, const char *payload)
{
    static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"registry-1\"}";
    char pem[PEM_MAX];
    gnutls_datum_t in;
    if (!read_pem(folder, key, pem, &in))
        return NULL;
    char *head = jws_encode(header, sizeof header - 1), *part = jws_encode(payload, strlen(payload));
    size_t room = head && part ? strlen(head) + strlen(part) + SIGNATURE_TEXT : 0;
    char *token = room ? malloc(room) : NULL, *signature = NULL;
    if (token) {
        snprintf(token, room, "%s.%s", head, part);
        signature = signature_of(&in, token);
    }
    if (signature)
        snprintf(token + strlen(token), SIGNATURE_TEXT, ".%s", signature);
    if (!signature) {
        free(token);
        token = NULL;
    }
    free(signature);
    free(head);
    free(part);
    return token;
}
