/*
 * search.h - a search of an SP-DCI 1.0.0 registry: the message that asks for one page, and the judgement whether a
 * message answers it. Synchronous: POST of {"signature", "header", "message": {"transaction_id", "search_request": [{
 * "reference_id", "timestamp", "search_criteria": {"query_type": "predicate", "query", "sort", "pagination"}}]}} to
 * .../registry/sync/search.
 *
 * The specification fixes no algorithm of signature; ours is what the one public server of it does: a compact JWS
 * whose payload is the message without its member "signature".
 *
 * Promises a transaction of its own for every message, so that an answer given before, or to another, is none. Refuses
 * an answer of another page, transaction, sender or receiver, and one that is older or newer than five minutes.
 */
#ifndef ETL_SOURCE_SEARCH_H
#define ETL_SOURCE_SEARCH_H

#include <time.h>

#include "source/auth.h"
#include "source/paging.h"

enum { SEARCH_MESSAGE_MAX = 8192, SEARCH_STALE = 300 /* seconds */ };

/* Writes the message that asks for the page that *at stands on, and gives it a new transaction. */
MUST_CHECK bool search_write(const auth *a, paging *at, time_t now, buf *out, failure *f);

/* What an answer says of itself; n == 0: nothing. */
typedef struct {
    span sender, receiver, time, transaction, reference, page;
    span reason; /* "no such page", the only rejection that comes so far */
} search_said;

/* False: EXIT_PARTIAL; the message answers something else, and nothing of it may be taken. */
MUST_CHECK bool search_answers(const paging *at, const search_said *said, time_t now, failure *f);

/* yyyy-mm-ddThh:mm[:ss[.f]] with Z or an offset; false for what is not written so. */
MUST_CHECK bool search_time(span text, time_t *out);

#endif
