/*
 * succession.c - see succession.h. A text is not parsed: it is written anew from the keys it should name, and compared.
 */
#include "trace/succession.h"

#include <inttypes.h>
#include <stdio.h>

#include "trace/trail.h"

enum { TOLD_TEXT = 400 };

static int handover_body(const public_key *before, const public_key *after, char out[NOTE_TEXT])
{
    char old_key[PUBLIC_KEY_TEXT], new_key[PUBLIC_KEY_TEXT];
    public_key_write(before, old_key);
    public_key_write(after, new_key);
    return snprintf(out, NOTE_TEXT, "ekok audit key handover\n%s\n%s\n%s\n", after->name, old_key, new_key);
}

static int revocation_body(const public_key *key, uint64_t size, char out[NOTE_TEXT])
{
    char text[PUBLIC_KEY_TEXT];
    public_key_write(key, text);
    return snprintf(out, NOTE_TEXT, "ekok audit key revoked\n%s\n%s\n%" PRIu64 "\n", key->name, text, size);
}

/* Adds the empty line and the signatures; by[1] may be NULL. */
static bool close_note(char text[NOTE_TEXT], int body, const signer *const by[2])
{
    char line[NOTE_SIGNATURE_TEXT];
    int n = body + snprintf(text + body, NOTE_TEXT - (size_t)body, "\n");
    for (int i = 0; i < 2 && by[i]; i++) {
        if (!note_sign((span){text, (size_t)body}, by[i], line))
            return false;
        n += snprintf(text + n, NOTE_TEXT - (size_t)n, "%s", line);
        if (n >= NOTE_TEXT)
            return false;
    }
    return true;
}

bool succession_hand_over(const public_key *before, const signer *old, const signer *after,
                          char out[NOTE_TEXT])
{
    const signer *const by[2] = {after, old};
    return close_note(out, handover_body(before, signer_public(after), out), by);
}

bool succession_revoke(const public_key *key, uint64_t size, const signer *by, char out[NOTE_TEXT])
{
    const signer *const one[2] = {by, NULL};
    return close_note(out, revocation_body(key, size, out), one);
}

/* Does the text say just this body, and did the key sign it? */
static bool says(const char *text, const char *expected, const public_key *key)
{
    span body, signatures;
    return note_divide(span_of(text), &body, &signatures) && span_equals(body, expected) &&
           note_signed_by(span_of(text), key);
}

bool succession_take(key_list *keys, const handover *h)
{
    char expected[NOTE_TEXT];
    size_t before = key_list_find(keys, &h->before), after = key_list_find(keys, &h->after);
    (void)handover_body(&h->before, &h->after, expected);
    if (strcmp(h->before.name, h->after.name) != 0 || !says(h->text, expected, &h->after))
        return false;
    if (after == keys->count && before < keys->count && keys->until[before] == KEY_UNLIMITED &&
        says(h->text, expected, &h->before) && !key_list_add(keys, &h->after))
        return false;
    if (before == keys->count && after < keys->count && !key_list_add(keys, &h->before))
        return false;
    before = key_list_find(keys, &h->before);
    after = key_list_find(keys, &h->after);
    if (before == keys->count || after == keys->count)
        return false;
    keys->next[before] = after;
    return true;
}

/* Is it part of a handover that holds? One that is not, never signed. */
static bool took_part(const key_list *keys, size_t key)
{
    bool follows = false;
    for (size_t i = 0; i < keys->count; i++)
        follows = follows || keys->next[i] == key;
    return follows || keys->next[key] < keys->count;
}

/* May one key speak of another's end? Those that follow it may, and any where it never signed. */
static bool comes_after(const key_list *keys, size_t by, size_t of)
{
    size_t next = keys->next[of];
    if (!took_part(keys, of))
        return by != of;
    for (size_t step = 0; step < keys->count && next < keys->count && next != by; step++)
        next = keys->next[next];
    return next == by;
}

bool succession_limit(key_list *keys, const public_key *key, uint64_t size, const char *text)
{
    char expected[NOTE_TEXT];
    size_t of = key_list_find(keys, key);
    (void)revocation_body(key, size, expected);
    if (of == keys->count)
        return false;
    for (size_t by = 0; by < keys->count; by++) {
        if (!comes_after(keys, by, of) || !says(text, expected, &keys->key[by]))
            continue;
        if (size < keys->until[of])
            keys->until[of] = size;
        return true;
    }
    return false;
}

static bool read_keys(const pg_rows *rows, int row, handover *out)
{
    const char *before = pg_rows_get(rows, row, 0), *after = pg_rows_get(rows, row, 1);
    out->text = pg_rows_get(rows, row, 2);
    return before && after && out->text && public_key_read(span_of(before), &out->before) &&
           public_key_read(span_of(after), &out->after);
}

bool succession_follow(pg_session *pg, key_list *keys, succession_fn told, void *context, failure *f)
{
    pg_rows *rows = pg_query(pg,
                             "SELECT b.public_key, s.public_key, s.handover FROM keyring.signer s "
                             "JOIN keyring.signer b ON b.fingerprint = s.follows ORDER BY s.version",
                             0, NULL, f);
    int count = rows ? pg_rows_count(rows) : 0;
    handover h;
    /* Onwards from what is known, then back; what holds neither way does not hold. */
    for (int i = 0; i < count; i++)
        (void)(read_keys(rows, i, &h) && succession_take(keys, &h));
    for (int i = count - 1; i >= 0; i--) {
        if (read_keys(rows, i, &h) && succession_take(keys, &h))
            continue;
        char what[TOLD_TEXT];
        const char *name = pg_rows_get(rows, i, 1);
        (void)snprintf(
            what, sizeof what,
            "the change of the signing key to %.170s is not warranted by a key that is known: forged, or "
            "the key before it was lost and this one is not among those given",
            name ? name : "?");
        told(context, what);
    }
    pg_rows_free(rows);
    return rows != NULL;
}

bool succession_limits(pg_session *pg, key_list *keys, succession_fn told, void *context, failure *f)
{
    pg_rows *rows = pg_query(
        pg, "SELECT public_key, trusted_size, revocation FROM keyring.signer WHERE revocation IS NOT NULL", 0,
        NULL, f);
    for (int i = 0; rows && i < pg_rows_count(rows); i++) {
        const char *text = pg_rows_get(rows, i, 0);
        public_key key;
        uint64_t size;
        char what[TOLD_TEXT];
        if (public_key_read(span_of(text), &key) && trail_number(pg_rows_get(rows, i, 1), &size) &&
            (key_list_find(keys, &key) == keys->count ||
             succession_limit(keys, &key, size, pg_rows_get(rows, i, 2))))
            continue;
        (void)snprintf(
            what, sizeof what,
            "the destruction of the signing key %.170s is not signed by a key that follows it: forged", text);
        told(context, what);
    }
    pg_rows_free(rows);
    return rows != NULL;
}
