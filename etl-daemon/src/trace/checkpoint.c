/*
 * checkpoint.c - see checkpoint.h. Reads strictly: one way to write a size, no line without its end.
 */
#include "trace/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "secret/base64.h"

bool checkpoint_sign(const tree_head *head, const signer *s, char out[CHECKPOINT_TEXT])
{
    char base64[TREE_HASH_BYTES / 3 * 4 + 8], signature[NOTE_SIGNATURE_TEXT];
    base64_write(head->root.b, TREE_HASH_BYTES, base64);
    int n =
        snprintf(out, CHECKPOINT_TEXT, "%s\n%" PRIu64 "\n%s\n", signer_public(s)->name, head->size, base64);
    if (!note_sign((span){out, (size_t)n}, s, signature))
        return false;
    n += snprintf(out + n, CHECKPOINT_TEXT - (size_t)n, "\n%s", signature);
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

bool checkpoint_read(span text, checkpoint *out)
{
    span body, signatures, origin, size, root;
    *out = (checkpoint){.origin = ""};
    if (!note_divide(text, &body, &signatures) || !span_take_line(&body, &origin) ||
        !span_take_line(&body, &size) || !span_take_line(&body, &root) || origin.n == 0 ||
        origin.n > KEY_NAME_MAX || memchr(origin.p, '\0', origin.n) != NULL)
        return false;
    memcpy(out->origin, origin.p, origin.n);
    return read_size(size, &out->head.size) && base64_read(root, out->head.root.b, TREE_HASH_BYTES);
}

bool checkpoint_signed_by(span text, const public_key *key)
{
    checkpoint read;
    return checkpoint_read(text, &read) && strcmp(read.origin, key->name) == 0 && note_signed_by(text, key);
}
