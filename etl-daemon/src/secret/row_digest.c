/* row_digest.c - see row_digest.h. */
#include "secret/row_digest.h"

#include <openssl/rand.h>
#include <stdlib.h>

#include "secret/algorithm.h"

struct row_digester {
    EVP_MD_CTX *context;
    const EVP_MD *sha256;
    uint8_t secret[ROW_SECRET_BYTES];
};

row_digester *row_digester_new(void)
{
    const algorithms *all = algorithms_get();
    row_digester *d = calloc(1, sizeof *d);
    if (d && all) {
        d->sha256 = all->sha256;
        d->context = EVP_MD_CTX_new();
    }
    if (d && d->context && RAND_priv_bytes(d->secret, sizeof d->secret) == 1)
        return d;
    row_digester_free(d);
    return NULL;
}

void row_digester_free(row_digester *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->context);
    free(d);
}

const uint8_t *row_digester_secret(const row_digester *d)
{
    return d->secret;
}

static void put(uint64_t number, size_t bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

static uint64_t get(const uint8_t *in)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | in[i];
    return number;
}

static bool add_part(row_digester *d, span part)
{
    uint8_t told[4];
    put(part.n, sizeof told, told);
    return part.n <= UINT32_MAX && EVP_DigestUpdate(d->context, told, sizeof told) == 1 &&
           (part.n == 0 || EVP_DigestUpdate(d->context, part.p, part.n) == 1);
}

static bool hash(row_digester *d, span name, span image, row_sum *out)
{
    uint8_t whole[EVP_MAX_MD_SIZE];
    if (EVP_DigestInit_ex2(d->context, d->sha256, NULL) != 1 ||
        EVP_DigestUpdate(d->context, d->secret, sizeof d->secret) != 1 || !add_part(d, name) ||
        !add_part(d, image) || EVP_DigestFinal_ex(d->context, whole, NULL) != 1)
        return false;
    *out = (row_sum){get(whole), get(whole + sizeof(uint64_t))};
    return true;
}

bool row_sum_add(row_digester *d, span name, span image, row_sum *sum)
{
    row_sum one;
    if (!hash(d, name, image, &one))
        return false;
    sum->low += one.low;
    sum->high += one.high + (sum->low < one.low);
    return true;
}

bool row_sum_take(row_digester *d, span name, span image, row_sum *sum)
{
    row_sum one;
    if (!hash(d, name, image, &one))
        return false;
    sum->high -= one.high + (sum->low < one.low);
    sum->low -= one.low;
    return true;
}

void row_sum_bytes(const row_sum *sum, uint8_t out[ROW_SUM_BYTES])
{
    put(sum->high, sizeof sum->high, out);
    put(sum->low, sizeof sum->low, out + sizeof sum->high);
}
