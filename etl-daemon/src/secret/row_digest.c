/* row_digest.c - see row_digest.h. */
#include "secret/row_digest.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "core/row_mac.h"

struct row_digester {
    uint8_t secret[ROW_SECRET_BYTES];
};

row_digester *row_digester_new(void)
{
    row_digester *d = calloc(1, sizeof *d);
    if (d && RAND_priv_bytes(d->secret, sizeof d->secret) == 1)
        return d;
    row_digester_free(d);
    return NULL;
}

void row_digester_free(row_digester *d)
{
    if (!d)
        return;
    OPENSSL_cleanse(d, sizeof *d);
    free(d);
}

const uint8_t *row_digester_secret(const row_digester *d)
{
    return d->secret;
}

static ekok_row_number number_of(const row_digester *d, span name, span image)
{
    return ekok_row_mac(d->secret, (ekok_span){name.p, name.n}, (ekok_span){image.p, image.n});
}

void row_sum_add(const row_digester *d, span name, span image, row_sum *sum)
{
    ekok_row_add(sum, number_of(d, name, image));
}

void row_sum_take(const row_digester *d, span name, span image, row_sum *sum)
{
    ekok_row_take(sum, number_of(d, name, image));
}

void row_sum_bytes(const row_sum *sum, uint8_t out[ROW_SUM_BYTES])
{
    for (size_t i = 0; i < sizeof(uint64_t); i++) {
        out[i] = (uint8_t)(sum->high >> (56 - 8 * i));
        out[sizeof(uint64_t) + i] = (uint8_t)(sum->low >> (56 - 8 * i));
    }
}
