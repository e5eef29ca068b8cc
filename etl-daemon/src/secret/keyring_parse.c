/*
 * keyring_parse.c - reads the text of a key file, strictly: one line a purpose, nothing besides.
 * Messages name the line, the purpose and the rule; no byte of the file is repeated in them.
 */
#include "secret/keyring_parse.h"

#include "secret/keyring_private.h"

static const char HEADER[] = "ekok-keys 1";

typedef struct {
    const char *path;
    int number;
    span rest; /* of the line, or of the file between lines */
} reader;

/* Cuts text at the first `end`; the part before it, and *text behind it. Without `end` all of it. */
static span cut(span *text, char end)
{
    const char *found = text->n ? memchr(text->p, end, text->n) : NULL;
    span head = {text->p, found ? (size_t)(found - text->p) : text->n};
    size_t used = head.n + (found ? 1 : 0);
    *text = (span){text->p + used, text->n - used};
    return head;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool read_hex(span text, uint8_t out[KEY_BYTES])
{
    if (text.n != 2 * KEY_BYTES)
        return false;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        int high = hex_value(text.p[2 * i]), low = hex_value(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool find_purpose(span name, key_purpose *out)
{
    for (int i = 0; i < KEY_PURPOSES; i++) {
        if (span_equals(name, key_purpose_name((key_purpose)i))) {
            *out = (key_purpose)i;
            return true;
        }
    }
    return false;
}

static bool same_key_elsewhere(const keyring *ring, key_purpose purpose, key_purpose *other)
{
    for (int i = 0; i < KEY_PURPOSES; i++) {
        if (i != (int)purpose && ring->version[i] && mac_equal(ring->key[i], ring->key[purpose], KEY_BYTES)) {
            *other = (key_purpose)i;
            return true;
        }
    }
    return false;
}

static bool wrong(const reader *r, failure *f, const char *problem)
{
    return fail(f, EXIT_KEYS, "key file %s: line %d: %s", r->path, r->number, problem);
}

static bool read_line(keyring *ring, reader *r, span line, failure *f)
{
    key_purpose purpose, other;
    span name = cut(&line, ' '), version = cut(&line, ' ');
    if (!find_purpose(name, &purpose))
        return wrong(r, f,
                     "begins with no known purpose; accepted: data, token_nid, token_brn, token_mobile, "
                     "token_wallet, token_account, row");
    const char *called = key_purpose_name(purpose);
    if (ring->version[purpose])
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s stands twice", r->path, r->number, called);
    if (!span_equals(version, "1"))
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s: the version is not 1", r->path, r->number,
                    called);
    if (!read_hex(line, ring->key[purpose]))
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s: the key is not %d hexadecimal digits", r->path,
                    r->number, called, 2 * KEY_BYTES);
    if (same_key_elsewhere(ring, purpose, &other))
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s: the key is also that of %s; each needs its own",
                    r->path, r->number, called, key_purpose_name(other));
    ring->version[purpose] = 1;
    return true;
}

bool keyring_parse(keyring *ring, const char *path, size_t size, failure *f)
{
    reader r = {path, 1, {ring->text, size}};
    if (!span_equals(cut(&r.rest, '\n'), HEADER))
        return wrong(&r, f, "is not \"ekok-keys 1\"");
    while (r.rest.n > 0) {
        r.number++;
        if (!read_line(ring, &r, cut(&r.rest, '\n'), f))
            return false;
    }
    for (int i = 0; i < KEY_PURPOSES; i++)
        if (!ring->version[i])
            return fail(f, EXIT_KEYS, "key file %s: has no key for %s", path,
                        key_purpose_name((key_purpose)i));
    return true;
}
