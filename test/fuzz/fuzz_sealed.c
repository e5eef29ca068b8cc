/*
 * fuzz_sealed.c - any bytes as a sealed value, as a key file, and as a change to a value that was sealed:
 * nothing but the value itself opens, at its own place.
 */
#include "secret/seal.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "secret/keyring_parse.h"
#include "secret/keyring_private.h"

static const seal_place CELL = {
    "registry.enrolment", "nid_sealed", {"ed391576-5146-854f-b689-00176ac8cc6d", 36}};
static const char CLEAR[] = "13:1234567890123";

static keyring *ring;
static key_set *scratch;
static buf good;

static void prepare(void)
{
    char path[] = "/tmp/ekok-fuzz-sealed-XXXXXX";
    failure f;
    close(mkstemp(path));
    unlink(path);
    if (!keyring_create(path, &f) || !(ring = keyring_open(path, &f)) || !(scratch = key_set_new(&f)))
        abort();
    unlink(path);
    buf_init(&good, 200);
    if (!seal_value(ring, &CELL, span_of(CLEAR), &good))
        abort();
}

static void try_open(span sealed)
{
    uint8_t out[4096];
    opened_value opened_here = {out, sizeof out, 0};
    failure f = {EXIT_DONE, ""};
    bool untouched = sealed.n == good.size && memcmp(sealed.p, good.data, good.size) == 0;
    bool opened = open_value(ring, &CELL, sealed, &opened_here, &f);
    if (opened != untouched || (!opened && (f.code != EXIT_KEYS || !f.text[0])))
        abort();
    if (opened && (opened_here.size != sizeof CLEAR - 1 || memcmp(out, CLEAR, opened_here.size) != 0))
        abort();
}

/* The input's bytes are laid over the sealed value by exclusive or, from an offset that its first byte gives. */
static void try_changed(const uint8_t *data, size_t size)
{
    char text[200];
    memcpy(text, good.data, good.size);
    for (size_t i = 1; i < size && data[0] + i - 1 < good.size; i++)
        text[data[0] + i - 1] = (char)(text[data[0] + i - 1] ^ data[i]);
    try_open((span){text, good.size});
}

/* A third of the inputs begins behind the first line of either format. */
static void try_key_file(const uint8_t *data, size_t size)
{
    static const char *const head[] = {"", "ekok-keys 1\n", "ekok-keys 2\n"};
    static char text[KEY_FILE_MAX];
    failure f = {EXIT_DONE, ""};
    const char *begin = head[size ? data[0] % 3 : 0];
    size_t from = strlen(begin);
    if (size + from > sizeof text)
        return;
    memcpy(text, begin, from);
    if (size)
        memcpy(text + from, data, size);
    memset(scratch->count, 0, sizeof scratch->count);
    if (!keyring_parse(scratch, "keys", (span){text, from + size}, &f) && (f.code != EXIT_KEYS || !f.text[0]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!ring)
        prepare();
    try_open((span){(const char *)data, size});
    if (size)
        try_changed(data, size);
    try_key_file(data, size);
    return 0;
}
