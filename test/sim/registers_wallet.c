/*
 * registers_wallet.c - bKash, Nagad and Rocket. Documented: bKash's token grant with its block, its wallet-state codes,
 * the headers and the shape of errors of Nagad. The checks of account and NID themselves are ours: none is public.
 */
#include "registers_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRANT_WINDOW = 3600 };

static int refuse_grant(json *out, const char *code, const char *why)
{
    json_text(out, "statusCode", code);
    json_text(out, "statusMessage", why);
    return 403;
}

/* More than two within an hour: blocked for an hour, as bKash says. */
int wallet_grant(registers *r, const inquiry *q, json *out)
{
    char key[FIELD_TEXT], secret[FIELD_TEXT], token[FIELD_TEXT];
    time_t now = time(NULL);
    bool known = inquiry_header(q, "username", "sim-user") && inquiry_header(q, "password", "sim-password") &&
                 inquiry_field(q, "app_key", key) && strcmp(key, "sim-app-key") == 0 &&
                 inquiry_field(q, "app_secret", secret) && strcmp(secret, "sim-app-secret") == 0;
    if (!known || q->fault == FAULT_TOKEN) {
        count_grant(r, q->system, "refused");
        return refuse_grant(out, "2001", "Invalid App Key");
    }
    pthread_mutex_lock(&r->lock);
    bool third = r->grant[1] > now - GRANT_WINDOW;
    if (third)
        r->blocked_until = now + GRANT_WINDOW;
    bool blocked = r->blocked_until > now;
    r->grant[1] = r->grant[0];
    r->grant[0] = now;
    snprintf(token, sizeof token, "sim-token-%u", ++r->tokens);
    pthread_mutex_unlock(&r->lock);
    count_grant(r, q->system, blocked ? "blocked" : "given");
    if (blocked)
        return refuse_grant(out, "2079", "Too many grant token requests");
    json_text(out, "token_type", "Bearer");
    json_text(out, "id_token", token);
    json_number(out, "expires_in", 3600);
    json_text(out, "refresh_token", "sim-refresh");
    return 200;
}

static const char *wallet_answer(registers *r, const inquiry *q, const char *account, const char *nid)
{
    const int64_t owner_person[2] = {owner_of(r, account), claim_of(r, HELD_NID, nid, "").person};
    return truth_wallet(r->w, q->system, strncmp(account, "88", 2) == 0 ? account + 2 : account,
                        owner_person);
}

static void bkash_item(registers *r, const inquiry *q, json *out)
{
    char ref[FIELD_TEXT] = "", account[FIELD_TEXT] = "", nid[FIELD_TEXT] = "";
    (void)inquiry_field(q, "ref", ref);
    (void)inquiry_field(q, "msisdn", account);
    (void)inquiry_field(q, "nid", nid);
    const char *answer = wallet_answer(r, q, account, nid);
    bool refused = answer_is(answer, "statusCode");
    json_open(out, NULL, '{');
    json_text(out, "ref", ref);
    if (refused) {
        put_answer(out, answer, false);
        json_text(out, "statusMessage", "MSISDN does not exist");
    } else {
        json_text(out, "statusCode", "0000");
        if (!answer_is(answer, "accountStatus"))
            json_text(out, "accountStatus", "ACTIVE");
        put_answer(out, answer, false);
    }
    json_close(out, '}');
}

int wallet_bkash(registers *r, const inquiry *q, json *out)
{
    char token[FIELD_TEXT];
    const char *given = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, "Authorization");
    pthread_mutex_lock(&r->lock);
    snprintf(token, sizeof token, "sim-token-%u", r->tokens);
    pthread_mutex_unlock(&r->lock);
    if (q->fault == FAULT_TOKEN || !given || strcmp(given, token) != 0 ||
        !inquiry_header(q, "X-App-Key", "sim-app-key")) {
        json_text(out, "message", "The incoming token has expired");
        return 401;
    }
    json_open(out, "results", '[');
    count_asked(r, q->system, inquiry_each(r, q, bkash_item, out));
    json_close(out, ']');
    return 200;
}

int wallet_nagad(registers *r, const inquiry *q, json *out)
{
    char account[FIELD_TEXT] = "", nid[FIELD_TEXT] = "";
    if (!inquiry_header(q, "X-KM-Api-Version", "v-0.2.0") ||
        !inquiry_header(q, "X-KM-MC-Id", "sim-merchant") || !inquiry_field(q, "accountNumber", account) ||
        !inquiry_field(q, "nid", nid)) {
        json_text(out, "reason", "16_0006_001");
        json_text(out, "message", "Invalid request");
        return 400;
    }
    const char *answer = wallet_answer(r, q, account, nid);
    count_asked(r, q->system, 1);
    if (!answer_is(answer, "status"))
        json_text(out, "status", "Active");
    put_answer(out, answer, answer_is(answer, "nidMatched"));
    return 200;
}

int wallet_rocket(registers *r, const inquiry *q, json *out)
{
    char account[FIELD_TEXT] = "", nid[FIELD_TEXT] = "";
    if (!inquiry_field(q, "account", account) || strlen(account) != 12 || !inquiry_field(q, "nid", nid)) {
        json_text(out, "error", "account and nid are required");
        return 400;
    }
    const char *answer = wallet_answer(r, q, account, nid);
    count_asked(r, q->system, 1);
    if (!answer_is(answer, "wallet"))
        json_text(out, "wallet", "ACTIVE");
    put_answer(out, answer, false);
    return 200;
}
