/*
 * registers.c - see registers.h: paths, keys, faults, and the registers of births, SIMs, voters and the lists.
 */
#include "registers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registers_private.h"

static const char JSON_TYPE[] = "application/json; charset=utf-8";

bool inquiry_field(const inquiry *q, const char *key, char out[FIELD_TEXT])
{
    char wanted[FIELD_TEXT];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", key);
    const char *at = strstr(q->body, wanted);
    size_t n = at ? strcspn(at + strlen(wanted), "\"") : FIELD_TEXT;
    if (n >= FIELD_TEXT)
        return false;
    memcpy(out, at + strlen(wanted), n);
    out[n] = '\0';
    return true;
}

bool inquiry_header(const inquiry *q, const char *name, const char *wanted)
{
    const char *given = MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
    return given && strcmp(given, wanted) == 0;
}

unsigned inquiry_each(registers *r, const inquiry *q, inquiry_item_fn fn, json *out)
{
    char text[512];
    unsigned count = 0;
    const char *at = strstr(q->body, "\"requests\":[");
    while (at && (at = strchr(at, '{'))) {
        size_t n = strcspn(at, "}");
        if (n >= sizeof text || (count == 0 && at == q->body))
            break;
        memcpy(text, at, n);
        text[n] = '\0';
        inquiry item = *q;
        item.body = text;
        fn(r, &item, out);
        count++;
        at += n;
    }
    return count;
}

static holders *holders_now(registers *r)
{
    pthread_mutex_lock(&r->lock);
    if (!r->holders)
        r->holders = holders_new(r->w);
    holders *h = r->holders;
    pthread_mutex_unlock(&r->lock);
    return h;
}

civil_claim claim_of(registers *r, held_kind kind, const char *digits, const char *date)
{
    const holders *h = holders_now(r);
    civil_claim claim = {h ? holders_find(h, kind, digits) : -1, 0, false};
    if (claim.person >= 0) {
        char right[40];
        birth_date d = holders_birth(h, claim.person);
        claim.birth_year = d.year;
        snprintf(right, sizeof right, "%04d-%02d-%02d", d.year, d.month, d.day);
        claim.date_right = strcmp(right, date) == 0;
    }
    return claim;
}

int64_t owner_of(registers *r, const char *number)
{
    const holders *h = holders_now(r);
    char digits[12];
    snprintf(digits, sizeof digits, "%.11s", strncmp(number, "88", 2) == 0 ? number + 2 : number);
    return h ? holders_find(h, HELD_NUMBER, digits) : -1;
}

bool answer_is(const char *answer, const char *field)
{
    size_t n = strlen(field);
    return strncmp(answer, field, n) == 0 && answer[n] == '=';
}

void put_answer(json *out, const char *answer, bool bare)
{
    char field[FIELD_TEXT];
    const char *value = strchr(answer, '=') + 1;
    snprintf(field, sizeof field, "%.*s", (int)(value - 1 - answer), answer);
    if (bare)
        json_bare(out, field, value);
    else
        json_text(out, field, value);
}

static void append(registers *r, const char *name, const char *line)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", r->options->state, name);
    pthread_mutex_lock(&r->lock);
    FILE *f = fopen(path, "ae");
    if (!f || fputs(line, f) < 0)
        fprintf(stderr, "ekok-sim: %s can't be written\n", path);
    if (f)
        fclose(f);
    pthread_mutex_unlock(&r->lock);
}

void count_asked(registers *r, civil_system system, unsigned items)
{
    char line[80];
    snprintf(line, sizeof line, "%s %u\n", civil_name(system), items);
    append(r, "asked", line);
}

void count_grant(registers *r, civil_system system, const char *outcome)
{
    char line[80];
    snprintf(line, sizeof line, "%s %s\n", civil_name(system), outcome);
    append(r, "grants", line);
}

static int refuse(json *out, const char *key, const char *why, int status)
{
    json_text(out, key, why);
    return status;
}

static void birth_item(registers *r, const inquiry *q, json *out)
{
    char ref[FIELD_TEXT] = "", brn[FIELD_TEXT] = "", date[FIELD_TEXT] = "";
    (void)inquiry_field(q, "ref", ref);
    (void)inquiry_field(q, "brn", brn);
    (void)inquiry_field(q, "birth_date", date);
    const civil_claim claim = claim_of(r, HELD_BRN, brn, date);
    const char *answer = truth_birth(r->w, &claim);
    bool found = !answer_is(answer, "found"), dead = answer_is(answer, "dead");
    json_open(out, NULL, '{');
    json_text(out, "ref", ref);
    json_bare(out, "found", found ? "true" : "false");
    if (found) {
        json_bare(out, "dead", dead ? "true" : "false");
        put_answer(out, dead ? "status=registered" : answer, false);
    }
    json_close(out, '}');
}

static void list_item(registers *r, const inquiry *q, json *out)
{
    char ref[FIELD_TEXT] = "", nid[FIELD_TEXT] = "", date[FIELD_TEXT] = "";
    (void)inquiry_field(q, "ref", ref);
    (void)inquiry_field(q, "nid", nid);
    (void)inquiry_field(q, "birth_date", date);
    const civil_claim claim = claim_of(r, HELD_NID, nid, date);
    json_open(out, NULL, '{');
    json_text(out, "ref", ref);
    put_answer(out, truth_list(r->w, q->system, &claim), false);
    json_close(out, '}');
}

static int answer_batch(registers *r, const inquiry *q, json *out)
{
    if (q->fault == FAULT_TOKEN || !inquiry_header(q, "X-Api-Key", "sim-key"))
        return refuse(out, "error", "the key is not known", 401);
    json_open(out, "results", '[');
    count_asked(r, q->system, inquiry_each(r, q, q->system == CIVIL_BDRIS ? birth_item : list_item, out));
    json_close(out, ']');
    return 200;
}

static int btrc_error(json *out, const char *code, const char *why)
{
    json_text(out, "match", "");
    json_text(out, "err_code", code);
    json_text(out, "err_desc", why);
    return 200;
}

static int answer_btrc(registers *r, const inquiry *q, json *out)
{
    char msisdn[FIELD_TEXT], nid[FIELD_TEXT];
    if (q->fault == FAULT_TOKEN)
        return btrc_error(out, "EXP010203", "token expired");
    if (!inquiry_header(q, "Authorization", "Bearer sim-jwt"))
        return btrc_error(out, "EXP010204", "token malformed");
    if (!inquiry_field(q, "msisdn", msisdn) || strlen(msisdn) != 13 || strncmp(msisdn, "880", 3) != 0)
        return btrc_error(out, "EXP010208", "MSISDN");
    if (!inquiry_field(q, "doc_id", nid) || (strlen(nid) != 10 && strlen(nid) != 17))
        return btrc_error(out, "EXP010209", "NID format");
    count_asked(r, q->system, 1);
    put_answer(out, truth_sim(r->w, msisdn + 2, owner_of(r, msisdn), claim_of(r, HELD_NID, nid, "").person),
               false);
    json_text(out, "err_code", "");
    json_text(out, "err_desc", "");
    return 200;
}

static void ec_error(json *out, const char *status, const char *field, const char *message)
{
    json_text(out, "status", status);
    json_text(out, "statusCode", "ERROR");
    json_open(out, "error", '{');
    json_text(out, "field", field);
    json_text(out, "message", message);
    json_close(out, '}');
}

static int ec_login(registers *r, const inquiry *q, json *out)
{
    char user[FIELD_TEXT], password[FIELD_TEXT];
    bool known = inquiry_field(q, "username", user) && strcmp(user, "sim-user") == 0 &&
                 inquiry_field(q, "password", password) && strcmp(password, "sim-password") == 0;
    count_grant(r, q->system, known && q->fault != FAULT_TOKEN ? "given" : "refused");
    if (!known || q->fault == FAULT_TOKEN) {
        ec_error(out, "UNAUTHORIZED", "username", "Bad credentials");
        return 401;
    }
    json_text(out, "status", "OK");
    json_text(out, "statusCode", "SUCCESS");
    json_open(out, "success", '{');
    json_open(out, "data", '{');
    json_text(out, "access_token", "sim-voter-token");
    json_close(out, '}');
    json_close(out, '}');
    return 200;
}

static int ec_verify(registers *r, const inquiry *q, json *out)
{
    char nid[FIELD_TEXT] = "", date[FIELD_TEXT] = "";
    if (q->fault == FAULT_TOKEN || !inquiry_header(q, "Authorization", "Bearer sim-voter-token")) {
        ec_error(out, "UNAUTHORIZED", "Authorization",
                 "Full authentication is required to access this resource");
        return 401;
    }
    if (!inquiry_field(q, "nid10Digit", nid))
        (void)inquiry_field(q, "nid17Digit", nid);
    (void)inquiry_field(q, "dateOfBirth", date);
    const civil_claim claim = claim_of(r, HELD_NID, nid, date);
    const char *answer = q->fault == FAULT_LOCKED ? "http=403" : truth_voter(r->w, &claim);
    count_asked(r, q->system, 1);
    if (strcmp(answer, "http=403") == 0) {
        ec_error(out, "FORBIDDEN", "", "Voter is locked. Details cannot be fetched");
        return 403;
    }
    if (strcmp(answer, "http=404") == 0) {
        ec_error(out, "NOT_FOUND", "nid", "Voter not found");
        return 404;
    }
    bool verified = strcmp(answer, "verified=true") == 0;
    json_text(out, "status", verified ? "OK" : "NOT_ACCEPTABLE");
    json_text(out, "statusCode", "SUCCESS");
    put_answer(out, answer, true);
    json_open(out, "fieldVerificationResult", '{');
    json_bare(out, "dateOfBirth", verified ? "true" : "false");
    json_close(out, '}');
    return verified ? 200 : 406;
}

typedef int (*register_fn)(registers *r, const inquiry *q, json *out);

static register_fn find_path(const char *url, civil_system *system)
{
    static const struct {
        const char *path;
        civil_system system;
        register_fn answer;
    } route[] = {
        {"/bdris/verification", CIVIL_BDRIS, answer_batch},
        {"/btrc/sim/verification", CIVIL_BTRC, answer_btrc},
        {"/bkash/v1.2.0-beta/tokenized/checkout/token/grant", CIVIL_BKASH, wallet_grant},
        {"/bkash/v1.2.0-beta/account/status", CIVIL_BKASH, wallet_bkash},
        {"/nagad/remote-payment-gateway-1.0/api/dfs/account/verify", CIVIL_NAGAD, wallet_nagad},
        {"/rocket/account/verify", CIVIL_ROCKET, wallet_rocket},
        {"/partner-service/rest/auth/login", CIVIL_EC, ec_login},
        {"/partner-service/rest/voter/demographic/verification", CIVIL_EC, ec_verify},
    };
    for (size_t i = 0; i < sizeof route / sizeof route[0]; i++) {
        if (strcmp(url, route[i].path) == 0) {
            *system = route[i].system;
            return route[i].answer;
        }
    }
    for (int list = CIVIL_LISTS; list < CIVIL_COUNT; list++) {
        char path[FIELD_TEXT];
        snprintf(path, sizeof path, "/lists/%s/check", civil_name((civil_system)list));
        if (strcmp(url, path) == 0) {
            *system = (civil_system)list;
            return answer_batch;
        }
    }
    return NULL;
}

static enum MHD_Result send_text(struct MHD_Connection *c, int status, const char *type, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(c, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_sound(registers *r, register_fn fn, const inquiry *q)
{
    json out;
    if (!json_init(&out, 65536))
        return MHD_NO;
    json_open(&out, NULL, '{');
    int status = fn(r, q, &out);
    json_close(&out, '}');
    char *text = out.failed ? NULL : calloc(1, out.n + 1);
    if (text)
        memcpy(text, out.p, out.n);
    if (text && q->fault == FAULT_TRUNCATED)
        text[out.n / 2] = '\0';
    enum MHD_Result result = text ? send_text(q->connection, status, JSON_TYPE, text) : MHD_NO;
    free(text);
    json_free(&out);
    return result;
}

enum MHD_Result registers_answer(registers *r, struct MHD_Connection *connection, const char *url,
                                 const char *body)
{
    inquiry q = {.connection = connection, .body = body};
    register_fn fn = find_path(url, &q.system);
    if (!fn)
        return send_text(connection, 404, "text/plain", "no such path\n");
    fault f = fault_now(r->options->fault_file, civil_name(q.system));
    q.fault = f.kind;
    for (int i = 0; f.kind == FAULT_SLOW && i < f.number * 20 && !atomic_load(r->stop); i++)
        nanosleep(&(struct timespec){0, 50 * 1000 * 1000}, NULL);
    switch (f.kind) {
    case FAULT_DOWN:
        return MHD_NO;
    case FAULT_GARBAGE:
        return send_text(connection, 200, JSON_TYPE, "{\"results\":[{\"ref\":\x01\xff");
    case FAULT_WRONGTYPE:
        return send_text(connection, 200, JSON_TYPE, "{\"results\":\"service is under maintenance\"}");
    case FAULT_HTTP500:
        return send_text(connection, 500, JSON_TYPE, "{\"error\":\"ORA-03113\"}");
    case FAULT_HTTP429:
        return send_text(connection, 429, JSON_TYPE, "{\"error\":\"daily quota exceeded\"}");
    case FAULT_HTML:
        return send_text(connection, 200, "text/html; charset=utf-8", "<!doctype html><title>Login</title>");
    default:
        return send_sound(r, fn, &q);
    }
}

registers *registers_new(const world *w, const serve_options *options, const atomic_bool *stop)
{
    registers *r = calloc(1, sizeof *r);
    if (r && pthread_mutex_init(&r->lock, NULL) == 0) {
        r->w = w;
        r->options = options;
        r->stop = stop;
        return r;
    }
    free(r);
    return NULL;
}

void registers_free(registers *r)
{
    if (!r)
        return;
    holders_free(r->holders);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
