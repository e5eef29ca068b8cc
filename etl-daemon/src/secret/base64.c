/* base64.c - see base64.h. Strictness comes from writing again what was read, and comparing. */
#include "secret/base64.h"

#include <openssl/evp.h>

enum { BYTES_MAX = 96 };

void base64_write(const uint8_t *bytes, size_t count, char *out)
{
    (void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)count);
}

bool base64_read(span text, uint8_t *out, size_t count)
{
    unsigned char read[BYTES_MAX + 3];
    char again[BYTES_MAX / 3 * 4 + 5];
    if (count > BYTES_MAX || text.n != (count + 2) / 3 * 4 ||
        EVP_DecodeBlock(read, (const unsigned char *)text.p, (int)text.n) < (int)count)
        return false;
    base64_write(read, count, again);
    if (memcmp(again, text.p, text.n) != 0)
        return false;
    memcpy(out, read, count);
    return true;
}
