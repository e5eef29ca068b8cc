/* backup_key.c - see backup_key.h. The text is wiped from the stack once it is on the disk. */
#include "secret/backup_key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "secret/base64.h"
#include "secret/key_file.h"

enum { KEY_BYTES = 48, KEY_TEXT = KEY_BYTES / 3 * 4 + 1 };

bool backup_key_create(const char *path, failure *f)
{
    uint8_t key[KEY_BYTES];
    char text[KEY_TEXT], file[KEY_TEXT + 64];
    if (RAND_bytes(key, sizeof key) != 1)
        return fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    base64_write(key, sizeof key, text);
    int n = snprintf(file, sizeof file, "[global]\nrepo1-cipher-pass=%s\n", text);
    bool good = key_file_create(path, (span){file, (size_t)n}, f);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(text, sizeof text);
    OPENSSL_cleanse(file, sizeof file);
    return good;
}
