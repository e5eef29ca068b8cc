/*
 * auth.c - see auth.h. Tokens live in the same locked mapping as the object itself.
 */
#include "source/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "secret/proof.h"
#include "secret/seal.h"
#include "secret/secret_file.h"
#include "source/auth_token.h"

enum { EARLY = 30 /* seconds before its end a token counts as expired */ };

struct auth {
    const source_def *def;
    secret_file *id, *secret, *app_id, *app_secret, *message_secret;
    proof_key *key, *message_key; /* signs requests by a header; signs messages */
    auth_token token;
    bool fresh; /* the token at hand was never accepted yet */
};

static bool read_one(secret_file **to, const char *directory, const char *name, failure *f)
{
    return !name[0] || (*to = secret_file_read(directory, name, f)) != NULL;
}

bool auth_needed(const source_def *def)
{
    return def->auth.kind != AUTH_MTLS || def->search.secret[0];
}

static bool read_key(proof_key **to, const secret_file *secret, const char *name, failure *f)
{
    return (*to = proof_key_read(span_of(secret_file_text(secret)), name, f)) != NULL;
}

auth *auth_open(const source_def *def, const char *secret_dir, failure *f)
{
    const source_auth *s = &def->auth;
    auth *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (a == MAP_FAILED) {
        (void)fail(f, EXIT_INTERNAL, "no memory for the authentication of a source");
        return NULL;
    }
    (void)madvise(a, sizeof *a, MADV_DONTDUMP);
    a->def = def;
    bool good = mlock(a, sizeof *a) == 0 ||
                fail(f, EXIT_INTERNAL, "a token can't be locked in memory; raise LimitMEMLOCK");
    good = good && read_one(&a->id, secret_dir, s->id, f) && read_one(&a->secret, secret_dir, s->secret, f) &&
           read_one(&a->app_id, secret_dir, s->app_id, f) &&
           read_one(&a->app_secret, secret_dir, s->app_secret, f) &&
           read_one(&a->message_secret, secret_dir, def->search.secret, f);
    good = good && (s->kind != AUTH_JWS || read_key(&a->key, a->secret, s->secret, f)) &&
           (!def->search.secret[0] || read_key(&a->message_key, a->message_secret, def->search.secret, f));
    if (good)
        return a;
    auth_close(a);
    return NULL;
}

void auth_close(auth *a)
{
    if (!a)
        return;
    secret_file_free(a->id);
    secret_file_free(a->secret);
    secret_file_free(a->app_id);
    secret_file_free(a->app_secret);
    secret_file_free(a->message_secret);
    proof_key_free(a->key);
    proof_key_free(a->message_key);
    wipe(a, sizeof *a);
    (void)munmap(a, sizeof *a);
}

static bool has_token(const source_auth *s)
{
    return s->kind == AUTH_OAUTH2 || s->kind == AUTH_GRANT;
}

void auth_keep_token(auth *a, auth *other)
{
    const source_auth *now = &a->def->auth, *before = &other->def->auth;
    if (!has_token(now) || now->kind != before->kind || strcmp(now->token_url, before->token_url) != 0)
        return;
    a->token = other->token;
    a->fresh = other->fresh;
    wipe(&other->token, sizeof other->token);
}

/* Too many grants block us at some owners for an hour: better to wait ourselves. */
static bool may_grant(const auth *a, const auth_moment *m, failure *f)
{
    int wait = 0;
    if (!m->leave(m->context, &wait, f))
        return false;
    return wait == 0 ||
           fail(f, EXIT_PARTIAL,
                "%d tokens were granted within the hour; the next may be asked for in %d minutes",
                a->def->auth.grants_per_hour, wait / 60 + 1);
}

/* A token that stands: the one at hand, else renewed, else granted. */
static bool want_token(auth *a, const auth_moment *m, failure *f)
{
    if (a->token.text[0] && m->now < a->token.expires - EARLY)
        return true;
    const auth_question q = {.def = &a->def->auth,
                             .reader = m->reader,
                             .seconds = a->def->deadlines.page_seconds,
                             .identity = m->identity,
                             .cancel = m->cancel,
                             .now = m->now,
                             .id = secret_file_text(a->id),
                             .secret = secret_file_text(a->secret),
                             .app_id = secret_file_text(a->app_id),
                             .app_secret = secret_file_text(a->app_secret)};
    failure renewal;
    a->fresh = true;
    if (a->token.refresh[0] && auth_token_renew(&q, &a->token, &renewal))
        return true;
    wipe(&a->token, sizeof a->token);
    return may_grant(a, m, f) && auth_token_grant(&q, &a->token, f);
}

/* The lines that a signature covers: they say what is asked of whom, and when. */
static bool signed_lines(const char *url, const char *date, char out[AUTH_HEADER_TEXT])
{
    static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const char *host = url + strlen("https://"), *path = strchr(host, '/');
    int host_size = (int)(path ? (size_t)(path - host) : strlen(host));
    int n = snprintf(out, AUTH_HEADER_TEXT, "GET\n%s\n%.*s\n%s\n%s", path ? path : "/", host_size, host, date,
                     empty);
    return n > 0 && n < AUTH_HEADER_TEXT;
}

static bool sign_request(const auth *a, const auth_moment *m, const char *url, auth_headers *out)
{
    char date[32], lines[AUTH_HEADER_TEXT], hex[PROOF_HEX], jws[PROOF_JWS];
    const char *declared = a->def->auth.header;
    bool hmac = a->def->auth.kind == AUTH_HMAC;
    struct tm tm;
    if (!gmtime_r(&m->now, &tm) || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 ||
        !signed_lines(url, date, lines))
        return false;
    (void)snprintf(out->text[0], AUTH_HEADER_TEXT, "X-Date: %s", date);
    if (hmac && !proof_hmac(span_of(secret_file_text(a->secret)), span_of(lines), hex))
        return false;
    if (!hmac && !proof_jws(a->key, secret_file_text(a->id), span_of(lines), jws))
        return false;
    if (hmac)
        (void)snprintf(out->text[1], AUTH_HEADER_TEXT, "%s: HMAC-SHA256 Credential=%s, Signature=%s",
                       declared[0] ? declared : "Authorization", secret_file_text(a->id), hex);
    else
        (void)snprintf(out->text[1], AUTH_HEADER_TEXT, "%s: %s", declared[0] ? declared : "X-JWS-Signature",
                       jws);
    return true;
}

static bool fits_a_header(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

static bool write_headers(const auth *a, const auth_moment *m, const char *url, auth_headers *out)
{
    switch (a->def->auth.kind) {
    case AUTH_MTLS:
        return true;
    case AUTH_OAUTH2:
        (void)snprintf(out->text[0], AUTH_HEADER_TEXT, "Authorization: Bearer %s", a->token.text);
        return true;
    case AUTH_GRANT:
        (void)snprintf(out->text[0], AUTH_HEADER_TEXT, "Authorization: %s", a->token.text);
        (void)snprintf(out->text[1], AUTH_HEADER_TEXT, "X-APP-Key: %s", secret_file_text(a->app_id));
        return true;
    case AUTH_KEY:
        (void)snprintf(out->text[0], AUTH_HEADER_TEXT, "%s: %s", a->def->auth.header,
                       secret_file_text(a->secret));
        return true;
    case AUTH_HMAC:
    case AUTH_JWS:
        return sign_request(a, m, url, out);
    }
    return false;
}

bool auth_ready(auth *a, const auth_moment *moment, failure *f)
{
    return !a || !has_token(&a->def->auth) || want_token(a, moment, f);
}

bool auth_prove(auth *a, const auth_moment *moment, const char *url, auth_headers *out, failure *f)
{
    size_t n = 0;
    *out = (auth_headers){.list = {NULL}};
    if (!a)
        return true;
    if (!auth_ready(a, moment, f))
        return false;
    if (!write_headers(a, moment, url, out))
        return fail(f, EXIT_INTERNAL, "a request to the source cannot be signed");
    for (int i = 0; i < AUTH_HEADERS; i++)
        if (out->text[i][0] && fits_a_header(out->text[i]))
            out->list[n++] = out->text[i];
        else if (out->text[i][0])
            return fail(f, EXIT_CONFIG, "a secret of the source holds a line end: its file must be one line");
    return true;
}

void auth_wipe(auth_headers *headers)
{
    wipe(headers, sizeof *headers);
}

bool auth_sign(const auth *a, span message, buf *out, failure *f)
{
    if (!a || !a->message_key)
        return true;
    return proof_token(a->message_key, a->def->search.key_id, message, out) ||
           fail(f, EXIT_INTERNAL, "a message to the source cannot be signed");
}

bool auth_refused(auth *a, failure *f)
{
    if (a && a->message_key && !has_token(&a->def->auth))
        return fail(
            f, EXIT_PARTIAL,
            "the source answered 401: it refuses our signature%s; see search.secret of its definition",
            a->def->auth.kind == AUTH_KEY ? " or our key" : "");
    if (!a || a->def->auth.kind == AUTH_MTLS)
        return fail(f, EXIT_PARTIAL,
                    "%s; it wants more than our certificate: see auth.kind of its definition",
                    "the source answered 401");
    if (has_token(&a->def->auth) && a->token.text[0] && !a->fresh) {
        a->token.expires = 0; /* the refresh token stays */
        return true;
    }
    wipe(&a->token, sizeof a->token);
    return fail(f, EXIT_PARTIAL, "the source answered 401: it refuses %s; see auth.%s of its definition",
                has_token(&a->def->auth)        ? "a token that it has just granted"
                : a->def->auth.kind == AUTH_KEY ? "our key"
                                                : "our signature",
                has_token(&a->def->auth) ? "scope" : "secret");
}

void auth_accepted(auth *a)
{
    if (a)
        a->fresh = false;
}
