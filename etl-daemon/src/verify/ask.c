/*
 * ask.c - see ask.h. Buffers that hold identifiers or secrets take all their memory at once, so that growing leaves no
 * copy behind, and are wiped whole.
 */
#include "verify/ask.h"

#include <inttypes.h>
#include <stdio.h>

#include "cell/object.h"
#include "secret/seal.h"
#include "verify/template.h"

enum { REQUEST_MAX = BATCH_MAX * 640 + 1024, HEADER_MAX = TOKEN_TEXT + 600 };

static bool secret_buf(buf *b, size_t ceiling)
{
    buf_init(b, ceiling);
    return buf_reserve(b, ceiling);
}

static void secret_free(buf *b)
{
    if (b->data)
        wipe(b->data, b->room);
    buf_free(b);
}

/* A card of 13 digits goes with the year of birth before them: the systems know 10 and 17 digits only. */
static void write_nid(const asked *a, char out[CLEAR_TEXT])
{
    bool thirteen = strlen(a->nid) == 13 && strlen(a->birth_date) == 10;
    (void)snprintf(out, CLEAR_TEXT, "%.4s%.17s", thirteen ? a->birth_date : "", a->nid);
}

static void write_day_first(const asked *a, char out[CLEAR_TEXT])
{
    const char *d = a->birth_date;
    out[0] = '\0';
    if (strlen(d) == 10)
        (void)snprintf(out, CLEAR_TEXT, "%.2s/%.2s/%.4s", d + 8, d + 5, d);
}

static bool add_item(const asker *a, const asked *who, buf *out, failure *f)
{
    char ref[24], nid[CLEAR_TEXT], day_first[CLEAR_TEXT];
    (void)snprintf(ref, sizeof ref, "%" PRId64, who->ref);
    write_nid(who, nid);
    write_day_first(who, day_first);
    const template_value value[] = {{"ref", ref, false},
                                    {"nid", *nid ? nid : NULL, false},
                                    {"brn", *who->brn ? who->brn : NULL, false},
                                    {"msisdn", *who->mobile ? who->mobile : NULL, false},
                                    {"wallet", *who->wallet ? who->wallet : NULL, false},
                                    {"account", *who->account ? who->account : NULL, false},
                                    {"birth_date", *who->birth_date ? who->birth_date : NULL, false},
                                    {"birth_date_dmy", *day_first ? day_first : NULL, false},
                                    {NULL, NULL, false}};
    const template_values values = {value, NULL};
    bool ten = strlen(nid) == 10 && a->def->item_10[0];
    bool good = template_fill(ten ? a->def->item_10 : a->def->item, &values, FILL_JSON, out, f);
    wipe(nid, sizeof nid);
    wipe(day_first, sizeof day_first);
    return good;
}

bool ask_write(const asker *a, const reservation *r, buf *out, failure *f)
{
    buf items;
    bool good = secret_buf(&items, REQUEST_MAX) || fail(f, EXIT_INTERNAL, "no memory for a request");
    for (size_t i = 0; i < r->count && good; i++)
        good = (i == 0 || buf_add_char(&items, ',')) && add_item(a, &r->item[i], &items, f);
    good = good && buf_add_char(&items, '\0');
    const template_value value[] = {{"items", items.data, true}, {NULL, NULL, false}};
    const template_values values = {value, a->secrets};
    good = good && template_fill(a->def->envelope, &values, FILL_JSON, out, f);
    secret_free(&items);
    return good;
}

typedef struct {
    buf body, headers, answer;
    exchange_request request;
    http_result result;
} round_trip;

/* Headers, one after the other in a buffer, each ended by a NUL. */
static bool write_headers(const asker *a, const char *const *text, const char *token, round_trip *t,
                          failure *f)
{
    const template_value value[] = {{"token", token, false}, {NULL, NULL, false}};
    const template_values values = {value, a->secrets};
    for (size_t i = 0; i < INQUIRY_HEADERS && text[i]; i++) {
        size_t at = t->headers.size;
        if (!*text[i])
            continue;
        if (!template_fill(text[i], &values, FILL_HEADER, &t->headers, f) || !buf_add_char(&t->headers, '\0'))
            return false;
        t->request.header[i] = t->headers.data + at;
    }
    return true;
}

static bool begin(round_trip *t, const asker *a, const char *url, failure *f)
{
    *t = (round_trip){.request = {.url = url,
                                  .timeout_seconds = a->def->timeout_seconds,
                                  .answer_max = ANSWER_MAX,
                                  .cancel = a->cancel}};
    buf_init(&t->answer, ANSWER_MAX);
    bool good = secret_buf(&t->body, REQUEST_MAX);
    good = secret_buf(&t->headers, INQUIRY_HEADERS * HEADER_MAX) && good;
    return good || fail(f, EXIT_INTERNAL, "no memory for a request");
}

static void end(round_trip *t)
{
    secret_free(&t->body);
    secret_free(&t->headers);
    secret_free(&t->answer);
}

bool ask_send(const asker *a, const reservation *r, const char *token, ask_result *out, failure *f)
{
    round_trip t;
    const char *const header[] = {a->def->header[0], a->def->header[1], a->def->header[2]};
    bool good =
        begin(&t, a, a->def->url, f) && ask_write(a, r, &t.body, f) && write_headers(a, header, token, &t, f);
    out->again = false;
    out->answers.refused = out->answers.exhausted = false;
    if (good) {
        t.request.body = buf_span(&t.body);
        good = exchange_ask(a->wire, &t.request, &t.answer, &t.result, f);
        out->again = t.result.retry || t.result.status >= 500;
    }
    if (good) {
        const page_reader reader = cell_reader(a->cell);
        const answer_body came = {&reader, t.result.status, buf_span(&t.answer)};
        good = answer_read(a->def, &came, &out->answers, f);
    }
    end(&t);
    return good;
}

/* In a cell that has read nothing else, and reads nothing else: what it saw is a secret. */
static bool read_token(const asker *a, span body, ledger_token *token, failure *f)
{
    failure why;
    const page_reader reader = cell_reader(a->cell);
    const answer_place place = {a->def->grant_token, token->text, sizeof token->text};
    cell_end(a->cell);
    bool good = answer_text(&reader, body, &place, &why);
    cell_end(a->cell);
    return good || fail(f, why.code, "no token is granted: %s", why.text);
}

bool ask_token(const asker *a, ledger_token *token, bool *again, failure *f)
{
    round_trip t;
    const char *const header[] = {a->def->grant_header[0], a->def->grant_header[1], NULL};
    const template_values values = {NULL, a->secrets};
    bool good = begin(&t, a, a->def->grant_url, f) &&
                template_fill(a->def->grant_body, &values, FILL_JSON, &t.body, f) &&
                write_headers(a, header, NULL, &t, f);
    *again = false;
    if (good) {
        t.request.body = buf_span(&t.body);
        good = exchange_ask(a->wire, &t.request, &t.answer, &t.result, f);
        *again = t.result.retry || t.result.status >= 500;
    }
    if (good && t.result.status != 200)
        good =
            fail(f, EXIT_PARTIAL, "no token is granted: answered %d; see its credentials", t.result.status);
    good = good && read_token(a, buf_span(&t.answer), token, f);
    end(&t);
    return good;
}
