/*
 * fuzz_proof.c - any bytes as a checkpoint, as a proof and as keys: nothing is trusted that the one key did not sign,
 * and what is read is within its bounds. The first byte divides the rest into proof and entry.
 */
#include <stdint.h>
#include <string.h>

#include "feed.h"
#include "trace/prove.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The published example of a signed note; nobody signs a checkpoint with it. */
static const char KEY[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static key_list keys;
    failure f = {.text = ""};
    checkpoint read;
    public_key key;
    uint8_t signature[SIGNATURE_BYTES];
    if (keys.count == 0) {
        must(public_key_read((span){KEY, sizeof KEY - 1}, &key) && key_list_add(&keys, &key));
    }
    if (size < 1)
        return 0;
    span text = {(const char *)data + 1, size - 1};
    size_t cut = text.n * data[0] / 255;
    if (checkpoint_read(text, &read))
        must(strlen(read.origin) > 0 && strlen(read.origin) <= KEY_NAME_MAX);
    must(!key_list_trusts(&keys, text, &read));
    (void)!note_signature(text, &keys.key[0], signature);
    must(!proof_text_holds((span){text.p, cut}, (span){text.p + cut, text.n - cut}, &keys, &read, &f) &&
         f.text[0] != '\0');
    if (public_key_read(text, &key)) {
        char again[PUBLIC_KEY_TEXT];
        public_key_write(&key, again);
        must(span_equals(text, again));
    }
    return 0;
}
