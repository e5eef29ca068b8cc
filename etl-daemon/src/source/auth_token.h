/*
 * auth_token.h - one question for a token and its answer, which is read elsewhere (token_reader): it is foreign bytes.
 * Refuses an answer that is no JSON object, has no token, or is larger than a token's should be.
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

/*
 * Reads a token's answer: what stands there of a token, else empty, and for how long it is good, 0 where that is not
 * said. False: it is no object that can be read.
 */
typedef struct {
    bool (*read)(void *who, span answer, auth_token *out, long *seconds);
    void *who;
} token_reader;

typedef struct {
    const source_auth *def;
    const token_reader *reader;
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
