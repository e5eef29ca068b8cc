/*
 * totp.c - see totp.h.
 */
#include "secret/totp.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "secret/algorithm.h"
#include "secret/seal.h"

enum { SHA1_BYTES = 20, MODULUS = 1000000 };

bool totp_make(uint8_t secret[TOTP_SECRET])
{
    return RAND_priv_bytes(secret, TOTP_SECRET) == 1;
}

/* HMAC-SHA-1 of the step, big-endian in eight bytes. */
static bool mac_of(const uint8_t secret[TOTP_SECRET], uint32_t step, uint8_t out[SHA1_BYTES])
{
    uint8_t moving[8] = {0};
    char digest[] = "SHA1";
    const OSSL_PARAM parameter[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                    OSSL_PARAM_construct_end()};
    const algorithms *all = algorithms_get();
    EVP_MAC_CTX *mac = all ? EVP_MAC_CTX_new(all->hmac) : NULL;
    size_t size = 0;
    for (int i = 0; i < 4; i++)
        moving[4 + i] = (uint8_t)(step >> (24 - 8 * i));
    bool good = mac && EVP_MAC_init(mac, secret, TOTP_SECRET, parameter) == 1 &&
                EVP_MAC_update(mac, moving, sizeof moving) == 1 &&
                EVP_MAC_final(mac, out, &size, SHA1_BYTES) == 1 && size == SHA1_BYTES;
    EVP_MAC_CTX_free(mac);
    return good;
}

bool totp_code(const uint8_t secret[TOTP_SECRET], uint32_t step, char out[TOTP_DIGITS + 1])
{
    uint8_t mac[SHA1_BYTES] = {0};
    bool good = mac_of(secret, step, mac);
    size_t at = mac[SHA1_BYTES - 1] & 15;
    uint32_t number = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
                      (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    number %= MODULUS;
    for (int i = TOTP_DIGITS; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    out[TOTP_DIGITS] = '\0';
    wipe(mac, sizeof mac);
    return good;
}

bool totp_check(const uint8_t secret[TOTP_SECRET], span code, totp_window window, uint32_t *step)
{
    char given[TOTP_DIGITS] = {0}, right[TOTP_DIGITS + 1];
    bool good = true, whole = code.n == TOTP_DIGITS;
    *step = 0;
    if (whole)
        memcpy(given, code.p, TOTP_DIGITS);
    for (uint32_t s = window.now - 1; good && s != window.now + 2; s++) {
        good = totp_code(secret, s, right);
        bool same = CRYPTO_memcmp(given, right, TOTP_DIGITS) == 0;
        if (same & whole & (s > window.after))
            *step = s;
    }
    wipe(right, sizeof right);
    wipe(given, sizeof given);
    return good;
}

void totp_text(const uint8_t secret[TOTP_SECRET], char out[TOTP_TEXT])
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i + 1 < TOTP_TEXT; i++) {
        size_t bit = 5 * i, at = bit / 8;
        unsigned two = (unsigned)secret[at] << 8 | (at + 1 < TOTP_SECRET ? secret[at + 1] : 0U);
        out[i] = letter[two >> (11 - bit % 8) & 31];
    }
    out[TOTP_TEXT - 1] = '\0';
}
