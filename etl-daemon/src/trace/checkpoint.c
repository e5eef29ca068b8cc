/*
 * checkpoint.c - see checkpoint.h. Reads strictly: one way to write a size, no line without its end.
 */
#include "trace/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "secret/base64.h"

static const char SIGNED_BY[] = "\xE2\x80\x94 "; /* an em dash and a blank */

enum { KEY_HASH_BYTES = 4, BLOB_BYTES = KEY_HASH_BYTES + SIGNATURE_BYTES };

static void hash_bytes(uint32_t hash, uint8_t out[KEY_HASH_BYTES])
{
    for (int i = 0; i < KEY_HASH_BYTES; i++)
        out[i] = (uint8_t)(hash >> (24 - 8 * i));
}

bool checkpoint_sign(const tree_head *head, const signer *s, char out[CHECKPOINT_TEXT])
{
    const public_key *key = signer_public(s);
    uint8_t blob[BLOB_BYTES];
    char base64[BLOB_BYTES / 3 * 4 + 8];
    base64_write(head->root.b, TREE_HASH_BYTES, base64);
    int n = snprintf(out, CHECKPOINT_TEXT, "%s\n%" PRIu64 "\n%s\n", key->name, head->size, base64);
    hash_bytes(key->hash, blob);
    if (!signer_sign(s, (span){out, (size_t)n}, blob + KEY_HASH_BYTES))
        return false;
    base64_write(blob, sizeof blob, base64);
    n += snprintf(out + n, CHECKPOINT_TEXT - (size_t)n, "\n%s%s %s\n", SIGNED_BY, key->name, base64);
    return n < CHECKPOINT_TEXT;
}

static bool read_size(span text, uint64_t *out)
{
    *out = 0;
    if (text.n == 0 || text.n > 19 || (text.n > 1 && text.p[0] == '0'))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(text.p[i] - '0');
    }
    return true;
}

/* The part that is signed, with its last line feed; the signatures stand behind the empty line after it. */
static bool divide(span text, span *body, span *signatures)
{
    const char *gap = text.n ? memmem(text.p, text.n, "\n\n", 2) : NULL;
    if (!gap || text.n >= CHECKPOINT_TEXT * 4)
        return false;
    body->p = text.p;
    body->n = (size_t)(gap - text.p) + 1;
    *signatures = (span){gap + 2, text.n - body->n - 1};
    return signatures->n > 0 && text.p[text.n - 1] == '\n';
}

bool checkpoint_read(span text, checkpoint *out)
{
    span body, signatures, origin, size, root;
    *out = (checkpoint){.origin = ""};
    if (!divide(text, &body, &signatures) || !span_take_line(&body, &origin) ||
        !span_take_line(&body, &size) || !span_take_line(&body, &root) || origin.n == 0 ||
        origin.n > KEY_NAME_MAX || memchr(origin.p, '\0', origin.n) != NULL)
        return false;
    memcpy(out->origin, origin.p, origin.n);
    return read_size(size, &out->head.size) && base64_read(root, out->head.root.b, TREE_HASH_BYTES);
}

bool checkpoint_signature(span text, const public_key *key, uint8_t out[SIGNATURE_BYTES])
{
    span body, signatures, line;
    uint8_t blob[BLOB_BYTES], hash[KEY_HASH_BYTES];
    size_t name = strlen(key->name), prefix = sizeof SIGNED_BY - 1;
    hash_bytes(key->hash, hash);
    if (!divide(text, &body, &signatures))
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

bool checkpoint_signed_by(span text, const public_key *key)
{
    span body, signatures;
    checkpoint read;
    uint8_t signature[SIGNATURE_BYTES];
    return checkpoint_read(text, &read) && strcmp(read.origin, key->name) == 0 &&
           divide(text, &body, &signatures) && checkpoint_signature(text, key, signature) &&
           public_key_verifies(key, body, signature);
}
