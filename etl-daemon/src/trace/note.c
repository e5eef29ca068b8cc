/*
 * note.c - see note.h.
 */
#include "trace/note.h"

#include <stdio.h>

#include "secret/base64.h"

static const char SIGNED_BY[] = "\xE2\x80\x94 "; /* an em dash and a blank */

enum { KEY_HASH_BYTES = 4, BLOB_BYTES = KEY_HASH_BYTES + SIGNATURE_BYTES };

static void hash_bytes(uint32_t hash, uint8_t out[KEY_HASH_BYTES])
{
    for (int i = 0; i < KEY_HASH_BYTES; i++)
        out[i] = (uint8_t)(hash >> (24 - 8 * i));
}

bool note_divide(span text, span *body, span *signatures)
{
    const char *gap = text.n ? memmem(text.p, text.n, "\n\n", 2) : NULL;
    if (!gap || text.n >= (size_t)NOTE_TEXT * 4)
        return false;
    body->p = text.p;
    body->n = (size_t)(gap - text.p) + 1;
    *signatures = (span){gap + 2, text.n - body->n - 1};
    return signatures->n > 0 && text.p[text.n - 1] == '\n';
}

bool note_sign(span body, const signer *s, char out[NOTE_SIGNATURE_TEXT])
{
    const public_key *key = signer_public(s);
    uint8_t blob[BLOB_BYTES];
    char base64[BLOB_BYTES / 3 * 4 + 8];
    hash_bytes(key->hash, blob);
    if (!signer_sign(s, body, blob + KEY_HASH_BYTES))
        return false;
    base64_write(blob, sizeof blob, base64);
    int n = snprintf(out, NOTE_SIGNATURE_TEXT, "%s%s %s\n", SIGNED_BY, key->name, base64);
    return n < NOTE_SIGNATURE_TEXT;
}

bool note_signature(span text, const public_key *key, uint8_t out[SIGNATURE_BYTES])
{
    span body, signatures, line;
    uint8_t blob[BLOB_BYTES], hash[KEY_HASH_BYTES];
    size_t name = strlen(key->name), prefix = sizeof SIGNED_BY - 1;
    hash_bytes(key->hash, hash);
    if (!note_divide(text, &body, &signatures))
        return false;
    while (span_take_line(&signatures, &line)) {
        if (line.n <= prefix + name + 1 || memcmp(line.p, SIGNED_BY, prefix) != 0 ||
            memcmp(line.p + prefix, key->name, name) != 0 || line.p[prefix + name] != ' ')
            continue;
        span base64 = {line.p + prefix + name + 1, line.n - prefix - name - 1};
        if (!base64_read(base64, blob, sizeof blob) || memcmp(blob, hash, sizeof hash) != 0)
            continue;
        memcpy(out, blob + KEY_HASH_BYTES, SIGNATURE_BYTES);
        return true;
    }
    return false;
}

bool note_signed_by(span text, const public_key *key)
{
    span body, signatures;
    uint8_t signature[SIGNATURE_BYTES];
    return note_divide(text, &body, &signatures) && note_signature(text, key, signature) &&
           public_key_verifies(key, body, signature);
}
