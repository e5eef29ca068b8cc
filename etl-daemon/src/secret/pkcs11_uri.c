/*
 * pkcs11_uri.c - see pkcs11_uri.h.
 */
#include "secret/pkcs11_uri.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool wrong(failure *f, const char *problem)
{
    return fail(
        f, EXIT_USAGE,
        "the PKCS#11 URI of a wrapping key %s; accepted: "
        "pkcs11:token=LABEL;object=LABEL?module-path=/PATH&pin-source=/PATH (RFC 7512; see docs/keys.md)",
        problem);
}

/* What stands behind a NUL is no part of it: it would be lost when the URI is written again. */
static bool blank(const unsigned char *field, size_t size)
{
    for (size_t i = 0; i < size && field[i] != '\0'; i++)
        if (field[i] != ' ')
            return false;
    return true;
}

/* The PIN stands in a file or a credential, never in the URI, and nothing is run to get it. */
static bool read_pin(pkcs11_uri *u, failure *f)
{
    static const char CREDENTIAL[] = "credential:", FILES[] = "file:";
    const char *source = p11_kit_uri_get_pin_source(u->parts);
    if (!source || !*source)
        return wrong(f, "has no pin-source");
    u->pin_credential = strncmp(source, CREDENTIAL, sizeof CREDENTIAL - 1) == 0;
    if (u->pin_credential)
        source += sizeof CREDENTIAL - 1;
    else if (strncmp(source, FILES, sizeof FILES - 1) == 0)
        source += sizeof FILES - 1;
    if (!u->pin_credential && strncmp(source, "///", 3) == 0)
        source += 2; /* file:///PATH */
    u->pin = source;
    return (u->pin_credential ? *source && !strchr(source, '/') : *source == '/') ||
           wrong(f, "has a pin-source that is neither a file by its absolute path nor credential:NAME");
}

static bool read_module(pkcs11_uri *u, failure *f)
{
    u->module_path = p11_kit_uri_get_module_path(u->parts);
    u->module_name = p11_kit_uri_get_module_name(u->parts);
    if (!u->module_path == !u->module_name)
        return wrong(f, "has neither module-path nor module-name, or both");
    return !u->module_path || *u->module_path == '/' || wrong(f, "has a module-path that is not absolute");
}

static bool read_object(const pkcs11_uri *u, failure *f)
{
    const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(u->parts);
    const CK_ATTRIBUTE *kind = p11_kit_uri_get_attribute(u->parts, CKA_CLASS);
    const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(u->parts, CKA_LABEL);
    const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(u->parts, CKA_ID);
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    if (blank(token->label, sizeof token->label) && blank(token->serialNumber, sizeof token->serialNumber))
        return wrong(f, "names no token (token=, or serial=)");
    if (!(label && label->ulValueLen) && !(id && id->ulValueLen))
        return wrong(f, "names no key (object=, or id=)");
    if (kind && kind->ulValueLen == sizeof class)
        memcpy(&class, kind->pValue, sizeof class);
    return class == CKO_SECRET_KEY || wrong(f, "names something that is no secret key (type=)");
}

/* p11-kit keeps what it does not know behind the '?' for others: a misspelt pin-value would stay in the key file. */
static bool known_query(const char *text)
{
    static const char *const known[] = {"module-path", "module-name", "pin-source"};
    for (const char *at = strchr(text, '?'); at; at = strchr(at + 1, '&')) {
        const span name = {at + 1, strcspn(at + 1, "=&")};
        size_t i = 0;
        while (i < sizeof known / sizeof *known && !span_equals(name, known[i]))
            i++;
        if (i == sizeof known / sizeof *known)
            return false;
    }
    return true;
}

bool pkcs11_uri_read(const char *text, pkcs11_uri *out, failure *f)
{
    char whole[WRAP_NAME + 8];
    *out = (pkcs11_uri){.parts = p11_kit_uri_new()};
    int length = snprintf(whole, sizeof whole, "pkcs11:%s", text);
    bool good = out->parts != NULL;
    if (!good)
        return fail(f, EXIT_INTERNAL, "no memory for a PKCS#11 URI");
    if (length >= (int)sizeof whole ||
        p11_kit_uri_parse(whole, P11_KIT_URI_FOR_ANY, out->parts) != P11_KIT_URI_OK)
        good = wrong(f, "cannot be read");
    else if (p11_kit_uri_get_pin_value(out->parts))
        good = wrong(f, "holds a PIN (pin-value), which others can then read: change that PIN, and name a "
                        "file by pin-source");
    else if (p11_kit_uri_any_unrecognized(out->parts) || !known_query(text))
        good = wrong(f, "has an attribute that is not known");
    good = good && read_module(out, f) && read_pin(out, f) && read_object(out, f);
    if (!good)
        pkcs11_uri_free(out);
    return good;
}

void pkcs11_uri_free(pkcs11_uri *u)
{
    p11_kit_uri_free(u->parts);
    u->parts = NULL;
}

/* How much of a label is its name: without "-DIGITS", ten or more of them, as a mark of seconds has. */
static int name_length(const char *label, size_t size)
{
    size_t at = size;
    while (at > 0 && isdigit((unsigned char)label[at - 1]))
        at--;
    return (int)(size - at >= 10 && at > 1 && label[at - 1] == '-' ? at - 1 : size);
}

bool pkcs11_uri_next(const char *text, int64_t mark, char out[WRAP_NAME], failure *f)
{
    char label[WRAP_NAME + 32], *written = NULL;
    pkcs11_uri u;
    if (!pkcs11_uri_read(text, &u, f))
        return false;
    const CK_ATTRIBUTE *now = p11_kit_uri_get_attribute(u.parts, CKA_LABEL);
    const char *name = now && now->ulValueLen ? now->pValue : "ekok-kek";
    int length = name_length(name, now && now->ulValueLen ? now->ulValueLen : strlen(name));
    int size = snprintf(label, sizeof label, "%.*s-%" PRId64, length, name, mark);
    CK_ATTRIBUTE next = {CKA_LABEL, label, (CK_ULONG)size};
    bool good = size < (int)sizeof label && p11_kit_uri_set_attribute(u.parts, &next) == P11_KIT_URI_OK;
    (void)p11_kit_uri_clear_attribute(u.parts, CKA_ID);
    good = good && p11_kit_uri_format(u.parts, P11_KIT_URI_FOR_ANY, &written) == P11_KIT_URI_OK &&
           strlen(written) - 7 < WRAP_NAME;
    if (good)
        (void)snprintf(out, WRAP_NAME, "%s", written + 7);
    free(written);
    pkcs11_uri_free(&u);
    return good || fail(f, EXIT_KEYS, "the PKCS#11 URI of the new wrapping key would be too long");
}
