/*
 * key_wrap.c - see key_wrap.h. OpenSSL's "id-aes256-wrap-pad" is RFC 5649; its check value tells a wrong key.
 */
#include "secret/key_wrap.h"

#include <openssl/evp.h>

#include "secret/seal.h"

static bool run_wrap(const uint8_t *kek, span in, uint8_t *out, size_t size, int wrapping)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t whole[WRAPPED_BYTES + 16]; /* OpenSSL rounds up to what it may write */
    int written = 0, rest = 0;
    bool done = cipher && c;
    if (done)
        EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    done = done && EVP_CipherInit_ex2(c, cipher, kek, NULL, wrapping, NULL) == 1 &&
           EVP_CipherUpdate(c, whole, &written, (const uint8_t *)in.p, (int)in.n) == 1 &&
           EVP_CipherFinal_ex(c, whole + written, &rest) == 1 && (size_t)(written + rest) == size;
    if (done)
        memcpy(out, whole, size);
    else
        wipe(out, size);
    wipe(whole, sizeof whole);
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(cipher);
    return done;
}

bool key_wrap(const uint8_t kek[KEY_BYTES], const uint8_t key[KEY_BYTES], uint8_t out[WRAPPED_BYTES])
{
    return run_wrap(kek, (span){(const char *)key, KEY_BYTES}, out, WRAPPED_BYTES, 1);
}

bool key_unwrap(const uint8_t kek[KEY_BYTES], const uint8_t wrapped[WRAPPED_BYTES], uint8_t out[KEY_BYTES])
{
    return run_wrap(kek, (span){(const char *)wrapped, WRAPPED_BYTES}, out, KEY_BYTES, 0);
}
