/*
 * fuzz_pkcs11_uri.c - any bytes as the PKCS#11 URI of a wrapping key: accepted with all that is needed and without a
 * PIN, or refused with a reason; and of what is accepted the next key's URI is accepted too, in one word.
 */
#include <stdint.h>
#include <string.h>

#include "feed.h"
#include "secret/pkcs11_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[WRAP_NAME], next[WRAP_NAME];
    failure f = {.text = ""};
    pkcs11_uri u;
    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (!pkcs11_uri_read(text, &u, &f)) {
        must(f.text[0] != '\0' && f.code == EXIT_USAGE && !u.parts);
        return 0;
    }
    must(u.pin && *u.pin && !u.module_path != !u.module_name);
    const char *query = strchr(text, '?');
    must(!p11_kit_uri_get_pin_value(u.parts) && query && !strstr(query, "&pin-value=") &&
         strncmp(query, "?pin-value=", 11) != 0);
    pkcs11_uri_free(&u);
    if (!pkcs11_uri_next(text, 1795354682, next, &f))
        return 0;
    must(!strpbrk(next, " \t\r\n") && pkcs11_uri_read(next, &u, &f));
    pkcs11_uri_free(&u);
    return 0;
}
