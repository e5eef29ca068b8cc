/*
 * auth.h - how the daemon proves to a source who it is: the headers of a request, made anew for each. One for each
 * source, for the daemon's life, used by one job at a time.
 *
 *   oauth2   POST token_url, form grant_type=client_credentials with client_id and client_secret (and scope); the
 *            answer's access_token goes as Authorization: Bearer
 *   grant    POST token_url, JSON app_key and app_secret, headers username and password; id_token goes as
 *            Authorization, the application key as X-APP-Key; renewed at refresh_url by refresh_token
 *   key      the secret in the declared header
 *   hmac     X-Date: time; Authorization (or the declared header): HMAC-SHA256 Credential=ID, Signature=HEX, over the
 *            lines GET, path and query, host, X-Date, SHA-256 of the (empty) body
 *   jws      X-Date: time; X-JWS-Signature (or the declared header): a detached JWS over the same lines
 *
 * Promises that leave is asked for each grant, no retry of a refused secret, and
 * that tokens and secrets stand in locked memory and in no message. Refuses an answer without a token.
 */
#ifndef ETL_SOURCE_AUTH_H
#define ETL_SOURCE_AUTH_H

#include <stdatomic.h>
#include <time.h>

#include "base/buf.h"
#include "config/source_def.h"
#include "source/auth_token.h"
#include "wire/http.h"

enum { AUTH_HEADERS = 3, AUTH_HEADER_TEXT = 4600 };

typedef struct auth auth;

/* Reads the secrets that the definition names. NULL: EXIT_CONFIG. */
auth *auth_open(const source_def *def, const char *secret_dir, failure *f);
void auth_close(auth *a); /* NULL is fine */

/* Moves the token that another has over to a, where both definitions ask for one at the same place; secrets may differ:
 * what was granted stands until it ends. */
void auth_keep_token(auth *a, auth *other);

typedef struct {
    char text[AUTH_HEADERS][AUTH_HEADER_TEXT]; /* wiped by the caller with auth_wipe */
    const char *list[AUTH_HEADERS + 1];        /* up to a NULL, as http_request wants it */
} auth_headers;

/* May a token be asked for now? *wait_seconds: 0, or until it may. False: it cannot be found out, f. */
typedef bool (*auth_leave_fn)(void *context, int *wait_seconds, failure *f);

typedef struct {
    const http_identity *identity;
    const atomic_int *cancel;
    time_t now;
    const token_reader *reader; /* of a token's answer; NULL where no token is ever asked for */
    auth_leave_fn leave;        /* called before a token is granted */
    void *context;
} auth_moment;

/* A token stands, where one is needed: asked for where there is none. False: EXIT_PARTIAL. */
MUST_CHECK bool auth_ready(auth *a, const auth_moment *moment, failure *f);

/* As auth_ready, and the headers of a request. */
MUST_CHECK bool auth_prove(auth *a, const auth_moment *moment, const char *url, auth_headers *out,
                           failure *f);
void auth_wipe(auth_headers *headers);

/* Does the definition name secrets at all? */
bool auth_needed(const source_def *def);

/*
 * Appends the compact JWS of an SP-DCI message, signed by search.secret; nothing where the definition names none.
 */
MUST_CHECK bool auth_sign(const auth *a, span message, buf *out, failure *f);

/*
 * The source answered 401. True: the token was thrown away, and one more try is worth it; false: what was refused was a
 * fresh token or a secret, and f says which to mend.
 */
bool auth_refused(auth *a, failure *f);

/* The request was answered: what is refused from now on may have expired. */
void auth_accepted(auth *a);

#endif
