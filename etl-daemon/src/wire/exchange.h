/*
 * exchange.h - one question and its answer over HTTPS: a JSON body is posted, whatever status comes back is an answer,
 * and its JSON body is given back. For systems that say "no" by a status and why in the body.
 *
 * Promises the manners of http.h, an answer no longer than allowed, and that bodies and headers are wiped where they
 * are ours. Refuses any content type but JSON.
 */
#ifndef ETL_WIRE_EXCHANGE_H
#define ETL_WIRE_EXCHANGE_H

#include "base/buf.h"
#include "wire/http.h"

enum { EXCHANGE_HEADERS_MAX = 8 };

typedef struct {
    const char *url;
    const char *header[EXCHANGE_HEADERS_MAX]; /* "Name: value", NULL where unused */
    span body;
    bool form;           /* the body is application/x-www-form-urlencoded, else JSON */
    int timeout_seconds; /* for the whole answer */
    size_t answer_max;
    const atomic_int *cancel; /* non-zero: give up soon; may be NULL */
} exchange_request;

typedef struct exchange exchange; /* one a thread; keeps its connection */

exchange *exchange_new(const http_identity *identity, failure *f);
void exchange_free(exchange *x);

/*
 * Fills answer, which the caller has made with room for answer_max and wipes. True: an answer came, result->status
 * says which; its body is empty when it was not JSON. False: none did, result->retry says whether to try again.
 */
MUST_CHECK bool exchange_ask(exchange *x, const exchange_request *request, buf *answer, http_result *result,
                             failure *f);

#endif
