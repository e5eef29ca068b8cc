/*
 * spdci.c - see spdci.h. A request is read only as far as a caller of ours can vary it: by the texts of its members.
 */
#include "spdci.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faults.h"
#include "jws.h"
#include "spdci_people.h"

static const char JSON_TYPE[] = "application/json; charset=utf-8";
static const char NAME[] = "vwb", OURS[] = "ibr.vwb.example.gov.bd",
                  THEIRS[] = "single-registry.example.gov.bd";
enum { FIELD = 128, SEEN = 256, PAGE_MOST = 200, DATE_WINDOW = 300, TOKEN_MAX = 16384 };

struct spdci {
    const serve_options *options;
    spdci_people people;
    pthread_mutex_t lock; /* of what follows */
    char seen[SEEN][FIELD];
    unsigned next;
    char *first; /* the first answer, for the fault replayed */
};

typedef struct {
    char transaction[FIELD], reference[FIELD];
    long number, size;
    size_t total;                       /* people, as the fault has it */
    fault fault;                        /* of this page */
    const char *reject, *header_reject; /* NULL: none */
} search;

spdci *spdci_new(const world *w, const serve_options *options)
{
    spdci *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->options = options;
    pthread_mutex_init(&s->lock, NULL);
    if (spdci_people_find(w, &s->people))
        return s;
    spdci_free(s);
    return NULL;
}

void spdci_free(spdci *s)
{
    if (!s)
        return;
    spdci_people_free(&s->people);
    free(s->first);
    free(s);
}

/* The text of "key":"value"; empty where there is none. */
static void text_of(const char *body, const char *key, char out[FIELD])
{
    char wanted[FIELD];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", key);
    const char *at = strstr(body, wanted);
    size_t n = at ? strcspn(at + strlen(wanted), "\"") : FIELD;
    snprintf(out, FIELD, "%.*s", n < FIELD ? (int)n : 0, at && n < FIELD ? at + strlen(wanted) : "");
}

static long number_of(const char *body, const char *key)
{
    char wanted[FIELD];
    snprintf(wanted, sizeof wanted, "\"%s\":", key);
    const char *at = strstr(body, wanted);
    return at ? strtol(at + strlen(wanted), NULL, 10) : 0;
}

static bool is(const char *body, const char *key, const char *want)
{
    char text[FIELD];
    text_of(body, key, text);
    return strcmp(text, want) == 0;
}

/* NULL, or the code of a signature that is not to be trusted. What is signed is the body without the signature. */
static const char *judge_signature(const spdci *s, const char *body)
{
    static const char opening[] = "{\"signature\":\"";
    char token[TOKEN_MAX], signed_part[TOKEN_MAX];
    size_t n = strncmp(body, opening, sizeof opening - 1) == 0 ? strcspn(body + sizeof opening - 1, "\"") : 0;
    const char *rest = body + sizeof opening - 1 + n;
    if (n == 0)
        return "err.signature.missing";
    if (n >= sizeof token || strncmp(rest, "\",", 2) != 0 || strlen(rest) >= sizeof signed_part)
        return "err.signature.invalid";
    snprintf(token, sizeof token, "%.*s", (int)n, body + sizeof opening - 1);
    snprintf(signed_part, sizeof signed_part, "{%s", rest + 2);
    return jws_verify(s->options->certs, "jws.pub.pem", token, NULL, signed_part) ? NULL
                                                                                  : "err.signature.invalid";
}

/* Is the message new? Remembers it. */
static bool is_new(spdci *s, const char *id)
{
    bool fresh = true;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < SEEN; i++)
        fresh = fresh && strcmp(s->seen[i], id) != 0;
    snprintf(s->seen[s->next++ % SEEN], FIELD, "%s", id);
    pthread_mutex_unlock(&s->lock);
    return fresh && *id;
}

static const char *judge_header(spdci *s, const char *body)
{
    char id[FIELD], date[FIELD];
    struct tm tm = {0};
    text_of(body, "message_id", id);
    text_of(body, "message_ts", date);
    if (!is(body, "version", "1.0.0"))
        return "rjct.version.invalid";
    if (!strptime(date, "%Y-%m-%dT%H:%M:%SZ", &tm) || labs((long)(timegm(&tm) - time(NULL))) > DATE_WINDOW)
        return "rjct.message_ts.invalid";
    if (!is(body, "action", "search"))
        return "rjct.action.not_supported";
    if (number_of(body, "total_count") != 1)
        return "rjct.total_count.invalid";
    return is_new(s, id) ? NULL : "rjct.message_id.duplicate";
}

static const char *judge_search(const char *body, const search *q)
{
    const char *sort = strstr(body, "\"sort\":[{\"attribute_name\":\"enrolment_date\"");
    if (!*q->reference)
        return "rjct.reference_id.invalid";
    if (!is(body, "query_type", "predicate"))
        return "rjct.search_criteria.invalid";
    if (!is(body, "attribute_name", "programme_identifier") || !is(body, "operator", "eq") ||
        !is(body, "attribute_value", "VWB"))
        return "rjct.filter.invalid";
    if (!sort)
        return "rjct.sort.invalid";
    bool beyond = q->number < 1 || q->size < 1 || q->size > PAGE_MOST ||
                  (q->number > 1 && (size_t)((q->number - 1) * q->size) >= q->total);
    return beyond ? "rjct.pagination.invalid" : NULL;
}

static void put_time(json *out, const char *key, time_t then)
{
    char text[32];
    struct tm tm;
    if (gmtime_r(&then, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
        json_text(out, key, text);
}

static void put_header(json *out, const search *q, time_t then)
{
    char id[FIELD + 8];
    snprintf(id, sizeof id, "answer-%s", q->transaction);
    json_open(out, "header", '{');
    json_text(out, "version", "1.0.0");
    json_text(out, "message_id", id);
    put_time(out, "message_ts", then);
    json_text(out, "action", "on-search");
    json_text(out, "status", q->header_reject ? "rjct" : q->fault.kind == FAULT_PENDING ? "pdng" : "succ");
    json_text(out, "status_reason_code", q->header_reject);
    json_number(out, "total_count", 1);
    json_number(out, "completed_count", q->header_reject || q->reject ? 0 : 1);
    json_text(out, "sender_id", OURS);
    json_text(out, "receiver_id", THEIRS);
    json_bare(out, "is_msg_encrypted", "false");
    json_close(out, '}');
}

static void put_records(const spdci *s, json *out, const search *q)
{
    size_t from = (size_t)((q->number - 1) * q->size);
    json_open(out, "data", '{');
    json_text(out, "version", "1.0.0");
    json_text(out, "reg_type", "ns:org:RegistryType:IBR");
    json_text(out, "reg_record_type", "Beneficiary");
    json_open(out, "reg_records", '[');
    for (size_t i = from; i < from + (size_t)q->size && i < q->total && i < s->people.count; i++)
        spdci_people_write(&s->people, i, out);
    json_close(out, ']');
    json_close(out, '}');
    json_open(out, "pagination", '{');
    json_number(out, "page_size", q->size);
    json_number(out, "page_number", q->number);
    json_number(out, "total_count", (int64_t)q->total);
    json_close(out, '}');
}

static void put_search(const spdci *s, json *out, const search *q, time_t then)
{
    json_open(out, "message", '{');
    json_text(out, "transaction_id", q->transaction);
    json_text(out, "correlation_id", q->transaction);
    json_open(out, "search_response", '[');
    json_open(out, NULL, '{');
    json_text(out, "reference_id", q->reference);
    put_time(out, "timestamp", then);
    json_text(out, "status", q->reject ? "rjct" : q->fault.kind == FAULT_PENDING ? "pdng" : "succ");
    json_text(out, "status_reason_code", q->reject);
    if (!q->reject && !q->header_reject && q->fault.kind != FAULT_PENDING)
        put_records(s, out, q);
    json_text(out, "locale", "eng");
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
}

/* {"signature": ..., and the signed part behind its bracket; NULL: it can't be made. */
static char *envelope(const spdci *s, char *part, const search *q)
{
    size_t n = strlen(part);
    if (q->fault.kind == FAULT_CUT)
        part[n / 2] = '\0';
    char *token = jws_sign(s->options->certs,
                           q->fault.kind == FAULT_STRANGER ? "forged-registry.key" : "registry.key", part);
    size_t room = token ? strlen(token) + n + 32 : 0;
    char *out = token ? malloc(room) : NULL;
    if (out && q->fault.kind == FAULT_FORGED) { /* one sign of what is signed becomes another */
        char *middle = strchr(token, '.') + 1 + n / 3;
        *middle = *middle == 'A' ? 'B' : 'A';
    }
    if (out && q->fault.kind == FAULT_UNSIGNED)
        snprintf(out, room, "%s", part);
    else if (out)
        snprintf(out, room, "{\"signature\":\"%s\",%s", token, part + 1);
    free(token);
    return out;
}

/* The whole answer; NULL: out of memory. */
static char *write_answer(spdci *s, search *q)
{
    json part;
    time_t then = time(NULL) - (q->fault.kind == FAULT_EXPIRED ? 3600 : 0);
    if (!json_init(&part, 256 * 1024))
        return NULL;
    json_open(&part, NULL, '{');
    put_header(&part, q, then);
    put_search(s, &part, q, then);
    json_close(&part, '}');
    char *text = part.failed ? NULL : strndup(part.p, part.n);
    json_free(&part);
    char *out = text ? envelope(s, text, q) : NULL;
    free(text);
    pthread_mutex_lock(&s->lock);
    if (out && !s->first)
        s->first = strdup(out);
    if (out && q->fault.kind == FAULT_REPLAYED) {
        free(out);
        out = strdup(s->first);
    }
    pthread_mutex_unlock(&s->lock);
    return out;
}

static enum MHD_Result send_text(struct MHD_Connection *c, unsigned status, char *text)
{
    struct MHD_Response *response =
        text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, JSON_TYPE);
    enum MHD_Result result = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_error(struct MHD_Connection *c, unsigned status, const char *code)
{
    char text[FIELD];
    snprintf(text, sizeof text, "{\"errors\":[{\"code\":\"%s\",\"message\":\"refused\"}]}", code);
    return send_text(c, status, strdup(text));
}

static void read_search(const spdci *s, const char *body, search *q)
{
    *q = (search){.number = number_of(body, "page_number"),
                  .size = number_of(body, "page_size"),
                  .total = s->people.count,
                  .fault = fault_now(s->options->fault_file, NAME)};
    text_of(body, "transaction_id", q->transaction);
    text_of(body, "reference_id", q->reference);
    bool changes = q->fault.kind == FAULT_SHRINK || q->fault.kind == FAULT_GROW;
    if (changes && q->number >= q->fault.number)
        q->total = q->fault.kind == FAULT_SHRINK ? q->total - q->total / 100 : q->total + 0;
    if (q->fault.kind == FAULT_GROW && q->number < q->fault.number)
        q->total -= q->total / 100;
    if (!changes && q->fault.number > 0 && q->number != q->fault.number)
        q->fault = (fault){FAULT_NONE, 0};
}

enum MHD_Result spdci_answer(spdci *s, struct MHD_Connection *connection, const char *url, const char *body)
{
    search q;
    if (strcmp(url, "/registry/sync/search") != 0)
        return send_error(connection, 404, "err.request.not_found");
    read_search(s, body, &q);
    if (q.fault.kind == FAULT_DOWN)
        return MHD_NO;
    if (q.fault.kind == FAULT_HTTP500)
        return send_error(connection, 503, "err.service.unavailable");
    const char *untrusted = judge_signature(s, body);
    if (untrusted)
        return send_error(connection, 401, untrusted);
    if (!is(body, "sender_id", THEIRS) || !is(body, "receiver_id", OURS))
        return send_error(connection, 400,
                          is(body, "sender_id", THEIRS) ? "err.receiver_id.invalid"
                                                        : "err.sender_id.invalid");
    q.header_reject = judge_header(s, body);
    q.reject = q.header_reject                ? NULL
               : q.fault.kind == FAULT_REJECT ? "rjct.search.too_many_records_found"
                                              : judge_search(body, &q);
    return send_text(connection, 200, write_answer(s, &q));
}
