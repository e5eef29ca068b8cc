/*
 * auth_token.h - one question for a token and its answer. Refuses an answer that is no JSON object, has no token, or is
 * larger than a token's should be.
 */
#ifndef ETL_SOURCE_AUTH_TOKEN_H
#define ETL_SOURCE_AUTH_TOKEN_H

#include <stdatomic.h>
#include <time.h>

#include "config/source_def.h"
#include "wire/http.h"

enum { AUTH_TOKEN_TEXT = 4097 };

typedef struct {
    char text[AUTH_TOKEN_TEXT], refresh[AUTH_TOKEN_TEXT]; /* empty: none */
    time_t expires;
} auth_token;

typedef struct {
    const source_auth *def;
    int seconds; /* for the whole answer */
    const http_identity *identity;
    const atomic_int *cancel;
    time_t now;
    const char *id, *secret, *app_id, *app_secret; /* clear */
} auth_question;

/* False: EXIT_PARTIAL, with what the owner of the secrets has to mend. */
MUST_CHECK bool auth_token_grant(const auth_question *q, auth_token *out, failure *f);

/* By out->refresh. */
MUST_CHECK bool auth_token_renew(const auth_question *q, auth_token *out, failure *f);

#endif
