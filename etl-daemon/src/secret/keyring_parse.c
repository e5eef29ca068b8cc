/*
 * keyring_parse.c - reads and writes the text of a key file, strictly: one line a key, nothing besides.
 * Messages name the line, the purpose and the rule; no byte of the file is repeated in them.
 */
#include "secret/keyring_parse.h"

#include <stdio.h>

#include "secret/hex_key.h"
#include "secret/key_set.h"

static const char HEADER_1[] = "ekok-keys 1", HEADER_2[] = "ekok-keys 2";

typedef struct {
    key_set *set;
    const char *path;
    int number;
    span rest;        /* of the file */
    wrapper *wrapper; /* NULL: format 1 */
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

static bool wrong(const reader *r, failure *f, const char *problem)
{
    return fail(f, EXIT_KEYS, "key file %s: line %d: %s", r->path, r->number, problem);
}

/* The same, about a purpose. */
static bool wrong_key(const reader *r, key_purpose purpose, failure *f, const char *problem)
{
    return fail(f, EXIT_KEYS, "key file %s: line %d: %s: %s", r->path, r->number, key_purpose_name(purpose),
                problem);
}

static bool same_key_elsewhere(const key_set *set, const kept_key *kept, key_purpose *other)
{
    for (int p = 0; p < KEY_PURPOSES; p++) {
        for (size_t i = 0; i < set->count[p]; i++) {
            const kept_key *with = &set->kept[p][i];
            if (with != kept && with->state != KEY_DESTROYED && mac_equal(with->key, kept->key, KEY_BYTES)) {
                *other = (key_purpose)p;
                return true;
            }
        }
    }
    return false;
}

static bool check_alone(const reader *r, key_purpose purpose, const kept_key *kept, failure *f)
{
    key_purpose other;
    if (!same_key_elsewhere(r->set, kept, &other))
        return true;
    return fail(f, EXIT_KEYS, "key file %s: line %d: %s: the key is also that of %s; each needs its own",
                r->path, r->number, key_purpose_name(purpose), key_purpose_name(other));
}

static bool read_purpose(const reader *r, span *line, key_purpose *out, failure *f)
{
    return key_purpose_find(cut(line, ' '), out) ||
           wrong(r, f,
                 "begins with no known purpose; accepted: data, token_nid, token_brn, token_mobile, "
                 "token_wallet, token_account, row");
}

static bool read_line_1(reader *r, span line, failure *f)
{
    key_purpose purpose;
    if (!read_purpose(r, &line, &purpose, f))
        return false;
    if (r->set->count[purpose])
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s stands twice", r->path, r->number,
                    key_purpose_name(purpose));
    if (!span_equals(cut(&line, ' '), "1"))
        return wrong_key(r, purpose, f, "the version is not 1");
    kept_key *kept = key_set_add(r->set, purpose, 1, KEY_ACTIVE);
    if (!hex_key_read(line, kept->key, KEY_BYTES))
        return wrong_key(r, purpose, f, "the key is not 64 hexadecimal digits");
    return check_alone(r, purpose, kept, f) && (key_commit(kept->key, kept->commitment) ||
                                                fail(f, EXIT_KEYS, "OpenSSL cannot make an HMAC-SHA-256"));
}

/* 1 to 999999, no leading zero; 0 for anything else. */
static uint32_t read_version(span text)
{
    uint32_t value = 0;
    if (text.n == 0 || text.n > 6 || text.p[0] == '0')
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        value = value * 10 + (uint32_t)(text.p[i] - '0');
    }
    return value;
}

static bool find_state(span name, key_state *out)
{
    for (int i = 0; i < KEY_STATES; i++) {
        if (span_equals(name, key_state_name((key_state)i))) {
            *out = (key_state)i;
            return true;
        }
    }
    return false;
}

static bool take_key(const reader *r, key_purpose purpose, kept_key *kept, span text, failure *f)
{
    uint8_t wrapped[WRAPPED_BYTES], commitment[COMMITMENT_BYTES];
    failure why;
    if (kept->state == KEY_DESTROYED)
        return span_equals(text, "-") ||
               wrong_key(r, purpose, f, "a key that was destroyed has \"-\" in its place");
    if (!hex_key_read(text, wrapped, WRAPPED_BYTES))
        return wrong_key(r, purpose, f, "the wrapped key is not 80 hexadecimal digits");
    if (!wrapper_unwrap(r->wrapper, wrapped, kept->key, &why))
        return fail(f, EXIT_KEYS, "key file %s: line %d: %s: the key does not unwrap: %s", r->path, r->number,
                    key_purpose_name(purpose), why.text);
    if (!key_commit(kept->key, commitment) || !mac_equal(commitment, kept->commitment, COMMITMENT_BYTES))
        return wrong_key(r, purpose, f, "the key is not the one that its commitment names");
    return check_alone(r, purpose, kept, f);
}

static bool read_line_2(reader *r, span line, failure *f)
{
    key_purpose purpose;
    key_state state;
    if (!read_purpose(r, &line, &purpose, f))
        return false;
    uint32_t version = read_version(cut(&line, ' '));
    size_t count = r->set->count[purpose];
    if (version == 0 || (count && r->set->kept[purpose][count - 1].version >= version))
        return wrong_key(r, purpose, f, "the version is no number above those before it");
    if (!find_state(cut(&line, ' '), &state))
        return wrong_key(
            r, purpose, f,
            "has no known state; accepted: pre-active, active, decrypt-only, retired, destroyed");
    if (state == KEY_ACTIVE && count && r->set->kept[purpose][r->set->active[purpose]].state == KEY_ACTIVE)
        return wrong_key(r, purpose, f, "two versions are active");
    kept_key *kept = key_set_add(r->set, purpose, version, state);
    if (!kept)
        return wrong_key(r, purpose, f, "has more than 16 versions");
    if (!hex_key_read(cut(&line, ' '), kept->commitment, COMMITMENT_BYTES))
        return wrong_key(r, purpose, f, "the commitment is not 64 hexadecimal digits");
    return take_key(r, purpose, kept, line, f);
}

static bool read_wrapping(const reader *r, span line, key_wrapping *w, failure *f)
{
    span word = cut(&line, ' '), kind = cut(&line, ' '), name = cut(&line, ' ');
    for (int i = WRAP_FILE; i < WRAP_KINDS; i++)
        if (span_equals(kind, wrap_kind_name((wrap_kind)i)))
            w->kind = (wrap_kind)i;
    if (!span_equals(word, "wrap") || w->kind == WRAP_NONE || name.n == 0 || name.n >= WRAP_NAME ||
        memchr(name.p, '\0', name.n) || !hex_key_read(line, w->commitment, COMMITMENT_BYTES))
        return wrong(r, f, "is not \"wrap file|credential|pkcs11 NAME COMMITMENT\"");
    memcpy(w->name, name.p, name.n);
    w->name[name.n] = '\0';
    return true;
}

static bool read_lines(reader *r, failure *f)
{
    while (r->rest.n > 0) {
        span line = cut(&r->rest, '\n');
        r->number++;
        if (!(r->wrapper ? read_line_2(r, line, f) : read_line_1(r, line, f)))
            return false;
    }
    for (int i = 0; i < KEY_PURPOSES; i++)
        if (!r->set->count[i] || r->set->kept[i][r->set->active[i]].state != KEY_ACTIVE)
            return fail(f, EXIT_KEYS, "key file %s: has no %skey for %s", r->path,
                        r->wrapper ? "active " : "", key_purpose_name((key_purpose)i));
    return true;
}

static bool read_head(reader *r, int *format, failure *f)
{
    span head = cut(&r->rest, '\n');
    *format = span_equals(head, HEADER_1) ? 1 : 2;
    return *format == 1 || span_equals(head, HEADER_2) ||
           wrong(r, f, "is not \"ekok-keys 1\" or \"ekok-keys 2\"");
}

bool keyring_parse_wrapping(const char *path, span text, key_wrapping *out, failure *f)
{
    reader r = {NULL, path, 1, text, NULL};
    int format;
    *out = (key_wrapping){.kind = WRAP_NONE};
    if (!read_head(&r, &format, f) || format == 1)
        return format == 1;
    r.number = 2;
    return read_wrapping(&r, cut(&r.rest, '\n'), out, f);
}

bool keyring_parse(key_set *set, const char *path, span text, failure *f)
{
    reader r = {set, path, 1, text, NULL};
    int format;
    if (!read_head(&r, &format, f))
        return false;
    if (format == 1)
        return read_lines(&r, f);
    r.number = 2;
    bool good = read_wrapping(&r, cut(&r.rest, '\n'), &set->wrapping, f);
    r.wrapper = good ? wrapper_open(&set->wrapping, path, f) : NULL;
    good = r.wrapper && read_lines(&r, f);
    wrapper_close(r.wrapper);
    return good;
}

static size_t add_hex(const uint8_t *bytes, size_t count, char *out)
{
    hex_key_write(bytes, count, out);
    return 2 * count;
}

static size_t add_key(const kept_key *kept, wrapper *w, char *out, failure *f)
{
    uint8_t wrapped[WRAPPED_BYTES];
    size_t at = add_hex(kept->commitment, COMMITMENT_BYTES, out);
    out[at++] = ' ';
    if (kept->state == KEY_DESTROYED)
        out[at++] = '-';
    else if (wrapper_wrap(w, kept->key, wrapped, f))
        at += add_hex(wrapped, WRAPPED_BYTES, out + at);
    else
        return 0;
    out[at++] = '\n';
    return at;
}

/* The longest text of all versions of all purposes fits KEY_FILE_MAX. */
_Static_assert(400 + WRAP_NAME + KEY_PURPOSES * KEY_VERSIONS_MAX * (40 + 64 + 1 + 80 + 1) < KEY_FILE_MAX,
               "a key file has room for every version");

size_t keyring_text(const key_set *set, wrapper *w, char out[KEY_FILE_MAX], failure *f)
{
    size_t at = (size_t)snprintf(out, KEY_FILE_MAX, "%s\nwrap %s %s ", HEADER_2,
                                 wrap_kind_name(set->wrapping.kind), set->wrapping.name);
    at += add_hex(set->wrapping.commitment, COMMITMENT_BYTES, out + at);
    out[at++] = '\n';
    for (int p = 0; p < KEY_PURPOSES; p++) {
        for (size_t i = 0; i < set->count[p]; i++) {
            const kept_key *kept = &set->kept[p][i];
            at += (size_t)snprintf(out + at, 48, "%s %u %s ", key_purpose_name((key_purpose)p), kept->version,
                                   key_state_name(kept->state));
            size_t added = add_key(kept, w, out + at, f);
            if (added == 0)
                return 0;
            at += added;
        }
    }
    return at;
}
