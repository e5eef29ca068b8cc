/*
 * auth_token.c - OAuth2 client credentials as a form, token grants as JSON. Every buffer with a secret is wiped.
 */
#include "source/auth_token.h"

#include <stdio.h>

#include "base/json_text.h"
#include "secret/seal.h"
#include "wire/exchange.h"

enum { BODY_MAX = 16384, ANSWER_MAX = 16384, HEADER_TEXT = 4200, LIFE_UNSAID = 300, LIFE_MOST = 31622400 };

static bool read_token(const auth_question *q, span answer, auth_token *out, failure *f)
{
    auth_token fresh = {.expires = 0};
    long seconds = 0;
    bool good = q->reader->read(q->reader->who, answer, &fresh, &seconds) && fresh.text[0];
    if (good) {
        if (!fresh.refresh[0])
            memcpy(fresh.refresh, out->refresh, sizeof fresh.refresh);
        *out = fresh;
        out->expires = q->now + (seconds > 0 && seconds < LIFE_MOST ? seconds : LIFE_UNSAID);
    }
    wipe(&fresh, sizeof fresh);
    return good || fail(f, EXIT_PARTIAL, "the token's answer holds no token");
}

static bool refused(const http_result *result, failure *f)
{
    if (result->status == 400 || result->status == 401 || result->status == 403)
        return fail(f, EXIT_PARTIAL,
                    "no token is granted: answered %d; is the secret the one that the source's owner gave? "
                    "see auth.id "
                    "and auth.secret of its definition",
                    result->status);
    return fail(f, EXIT_PARTIAL, "no token is granted: answered %d", result->status);
}

typedef struct {
    const char *url;
    const char *header[EXCHANGE_HEADERS_MAX];
    bool form;
    buf body;
} question;

static bool ask(const auth_question *q, const question *what, auth_token *out, failure *f)
{
    buf answer;
    http_result result;
    exchange *x = exchange_new(q->identity, f);
    if (!x)
        return false;
    exchange_request request = {.url = what->url,
                                .body = buf_span(&what->body),
                                .form = what->form,
                                .timeout_seconds = q->seconds,
                                .answer_max = ANSWER_MAX,
                                .cancel = q->cancel};
    memcpy(request.header, what->header, sizeof request.header);
    buf_init(&answer, ANSWER_MAX);
    bool good = buf_reserve(&answer, ANSWER_MAX) && exchange_ask(x, &request, &answer, &result, f);
    if (good)
        good = result.status == 200 ? read_token(q, buf_span(&answer), out, f) : refused(&result, f);
    wipe(answer.data, answer.size);
    buf_free(&answer);
    exchange_free(x);
    return good;
}

static bool add_pair(buf *body, const char *name, const char *value)
{
    char encoded[HEADER_TEXT] = "";
    bool good = http_append_encoded(encoded, sizeof encoded, span_of(value)) &&
                (body->size == 0 || buf_add_char(body, '&')) && buf_add_text(body, name) &&
                buf_add_char(body, '=') && buf_add_text(body, encoded);
    wipe(encoded, sizeof encoded);
    return good;
}

static bool grant_oauth2(const auth_question *q, auth_token *out, failure *f)
{
    question what = {.url = q->def->token_url, .form = true};
    buf_init(&what.body, BODY_MAX);
    bool good =
        buf_reserve(&what.body, BODY_MAX) && add_pair(&what.body, "grant_type", "client_credentials") &&
        add_pair(&what.body, "client_id", q->id) && add_pair(&what.body, "client_secret", q->secret) &&
        (!q->def->scope[0] || add_pair(&what.body, "scope", q->def->scope));
    good = good ? ask(q, &what, out, f)
                : fail(f, EXIT_CONFIG, "a secret of the source is too long for a token's request");
    wipe(what.body.data, what.body.size);
    buf_free(&what.body);
    return good;
}

/* The application's key and secret, and the token to be renewed where there is one; user and password as headers. */
static bool ask_grant(const auth_question *q, const char *url, auth_token *out, failure *f)
{
    char user[HEADER_TEXT], password[HEADER_TEXT];
    question what = {.url = url, .header = {user, password}};
    bool renew = url == q->def->refresh_url;
    (void)snprintf(user, sizeof user, "username: %s", q->id);
    (void)snprintf(password, sizeof password, "password: %s", q->secret);
    buf_init(&what.body, BODY_MAX);
    bool good = buf_reserve(&what.body, BODY_MAX) && buf_add_text(&what.body, "{\"app_key\":") &&
                json_add_string(&what.body, q->app_id) && buf_add_text(&what.body, ",\"app_secret\":") &&
                json_add_string(&what.body, q->app_secret);
    if (good && renew)
        good = buf_add_text(&what.body, ",\"refresh_token\":") && json_add_string(&what.body, out->refresh);
    good = good && buf_add_char(&what.body, '}');
    good = good ? ask(q, &what, out, f)
                : fail(f, EXIT_CONFIG, "a secret of the source is too long for a token's request");
    wipe(user, sizeof user);
    wipe(password, sizeof password);
    wipe(what.body.data, what.body.size);
    buf_free(&what.body);
    return good;
}

bool auth_token_grant(const auth_question *q, auth_token *out, failure *f)
{
    return q->def->kind == AUTH_OAUTH2 ? grant_oauth2(q, out, f) : ask_grant(q, q->def->token_url, out, f);
}

bool auth_token_renew(const auth_question *q, auth_token *out, failure *f)
{
    if (q->def->kind == AUTH_OAUTH2) /* client credentials are as good as a refresh (RFC 6749, 4.4.3) */
        return false;
    return ask_grant(q, q->def->refresh_url, out, f);
}
