/*
 * ask.h - one question to a system: the request made of clear values, sent, its answer read, all of it wiped. Tokens
 * are asked for only with leave of the books.
 */
#ifndef ETL_VERIFY_ASK_H
#define ETL_VERIFY_ASK_H

#include "cell/cell.h"
#include "config/inquiry_def.h"
#include "secret/credential.h"
#include "verify/ledger.h"
#include "wire/exchange.h"

typedef struct {
    const inquiry_def *def;
    const credential *secrets; /* NULL: none declared */
    exchange *wire;
    cell *cell; /* in which answers are read; made anew before and after a token */
    const atomic_int *cancel;
} asker;

/* The request's JSON; out is wiped by the caller. Pure: for tests too. */
MUST_CHECK bool ask_write(const asker *a, const reservation *r, buf *out, failure *f);

/*
 * Sends and reads; answers->item has r->count entries. token: NULL where the system gives none. *again: worth another
 * try later. False: no answer that can be used.
 */
typedef struct {
    answer answers;
    bool again;
} ask_result;
MUST_CHECK bool ask_send(const asker *a, const reservation *r, const char *token, ask_result *out,
                         failure *f);

/* Asks for a token, which token->grant has leave for, into token->text; *again as above. */
MUST_CHECK bool ask_token(const asker *a, ledger_token *token, bool *again, failure *f);

#endif
