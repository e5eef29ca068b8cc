/*
 * xaes.c - XAES-256-GCM. The key derivation is CMAC-AES-256 over one full block per half, hence two block encryptions.
 */
#include "secret/xaes.h"

#include <limits.h>
#include <openssl/crypto.h>

#include "secret/algorithm.h"

enum { BLOCK = 16 };

bool xaes_init(xaes *x)
{
    *x = (xaes){.block = EVP_CIPHER_CTX_new(), .gcm = EVP_CIPHER_CTX_new()};
    if (x->block && x->gcm)
        return true;
    xaes_free(x);
    return false;
}

/* OpenSSL wipes the key schedules. */
void xaes_free(xaes *x)
{
    EVP_CIPHER_CTX_free(x->block);
    EVP_CIPHER_CTX_free(x->gcm);
    OPENSSL_cleanse(x, sizeof *x);
}

static bool encrypt_blocks(xaes *x, const uint8_t *in, uint8_t *out, int size)
{
    int written = 0;
    return EVP_EncryptUpdate(x->block, out, &written, in, size) == 1 && written == size;
}

/* Steps 1 and 2: L = AES(0), K1 = L doubled in GF(2^128). */
bool xaes_set_key(xaes *x, const uint8_t key[XAES_KEY_BYTES])
{
    const algorithms *a = algorithms_get();
    static const uint8_t zero[BLOCK];
    uint8_t l[BLOCK];
    if (!a || EVP_EncryptInit_ex2(x->block, a->aes, key, NULL, NULL) != 1)
        return false;
    if (EVP_CIPHER_CTX_set_padding(x->block, 0) != 1 || !encrypt_blocks(x, zero, l, BLOCK))
        return false;
    uint8_t carry = 0;
    for (int i = BLOCK - 1; i >= 0; i--) {
        x->k1[i] = (uint8_t)((l[i] << 1) | carry);
        carry = (uint8_t)(l[i] >> 7);
    }
    x->k1[BLOCK - 1] ^= (uint8_t)(0x87 & -carry);
    OPENSSL_cleanse(l, sizeof l);
    return true;
}

bool xaes_derive(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], uint8_t derived[XAES_KEY_BYTES])
{
    uint8_t m[2 * BLOCK] = {0, 1, 'X', 0};
    m[BLOCK + 1] = 2;
    m[BLOCK + 2] = 'X';
    memcpy(m + 4, nonce, 12);
    memcpy(m + BLOCK + 4, nonce, 12);
    for (int i = 0; i < 2 * BLOCK; i++)
        m[i] ^= x->k1[i % BLOCK];
    return encrypt_blocks(x, m, derived, 2 * BLOCK);
}

/* Begins a message in either direction: derived key, second half of the nonce, associated data. */
static bool begin(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], span aad, int encrypt)
{
    const algorithms *a = algorithms_get();
    uint8_t derived[XAES_KEY_BYTES];
    int ignored;
    bool done =
        a && aad.n <= INT_MAX && xaes_derive(x, nonce, derived) &&
        EVP_CipherInit_ex2(x->gcm, a->gcm, derived, nonce + 12, encrypt, NULL) == 1 &&
        (aad.n == 0 || EVP_CipherUpdate(x->gcm, NULL, &ignored, (const uint8_t *)aad.p, (int)aad.n) == 1);
    OPENSSL_cleanse(derived, sizeof derived);
    return done;
}

static bool update(xaes *x, span in, uint8_t *out)
{
    int written = 0;
    return in.n == 0 || (EVP_CipherUpdate(x->gcm, out, &written, (const uint8_t *)in.p, (int)in.n) == 1 &&
                         written == (int)in.n);
}

bool xaes_seal(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], span aad, span clear, uint8_t *out)
{
    int written = 0;
    return clear.n <= INT_MAX - XAES_TAG_BYTES && begin(x, nonce, aad, 1) && update(x, clear, out) &&
           EVP_CipherFinal_ex(x->gcm, out + clear.n, &written) == 1 && written == 0 &&
           EVP_CIPHER_CTX_ctrl(x->gcm, EVP_CTRL_AEAD_GET_TAG, XAES_TAG_BYTES, out + clear.n) == 1;
}

bool xaes_open(xaes *x, const uint8_t nonce[XAES_NONCE_BYTES], span aad, span sealed, uint8_t *out)
{
    if (sealed.n < XAES_TAG_BYTES || sealed.n > INT_MAX)
        return false;
    span body = {sealed.p, sealed.n - XAES_TAG_BYTES};
    uint8_t tag[XAES_TAG_BYTES], none[XAES_TAG_BYTES];
    int written = 0;
    memcpy(tag, sealed.p + body.n, sizeof tag);
    bool fits = begin(x, nonce, aad, 0) && update(x, body, out) &&
                EVP_CIPHER_CTX_ctrl(x->gcm, EVP_CTRL_AEAD_SET_TAG, XAES_TAG_BYTES, tag) == 1 &&
                EVP_CipherFinal_ex(x->gcm, none, &written) == 1;
    if (!fits && body.n)
        OPENSSL_cleanse(out, body.n);
    return fits;
}
