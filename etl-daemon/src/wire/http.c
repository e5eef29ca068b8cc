/*
 * http.c - HTTPS GET and POST by libcurl, one easy handle a client, its connection kept between calls. Refuses plain
 * HTTP, redirects, proxies, compressed answers (no bombs), cookies, netrc, the system's certificate store. A
 * failure's line holds the address without its query string and libcurl's words, never a body.
 */
#include "wire/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "wire/http_private.h"
#include "wire/link.h"
#include "wire/remote_clock.h"

enum {
    DISCARD_MAX = 65536, /* bytes read of an answer that is not wanted, so that the connection can be kept */
    STALLED_RATE = 64,   /* bytes a second; slower for three quarters of the time allowed: a stalled answer */
    HEARD_BYTES = 4096,  /* fewer within the patience of others are silence */
    LINKS_MAX = 8,
    RETRY_AFTER_MAX = 86400,
    OWN_WAITS_MAX = 3600 /* seconds that our own memory may be waited for within one answer */
};

struct http_client {
    const char *const *media; /* of the request at hand */
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    const http_request *request; /* while one is under way */
    http_result *result;
    enum { BODY_UNDECIDED, BODY_WANTED, BODY_UNWANTED } body;
    bool too_large, refused;     /* refused: on_body said stop */
    bool late;                   /* no first byte within its time */
    bool slow;                   /* no full answer within its time */
    bool yielded;                /* given up, because others wait */
    int64_t heard_at, heard;     /* when so many bytes had come, by which silence is measured */
    int64_t asked_at;            /* the request was sent, milliseconds, monotonic; 0: not yet */
    int64_t began_at, waited_ms; /* waited: by on_body, which is not the source's fault */
};

bool http_global_init(failure *f)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK)
        return fail(f, EXIT_INTERNAL, "libcurl does not start: %s", curl_easy_strerror(code));
    return true;
}

static const char *const json_alone[] = {"application/json", NULL};

static bool is_wanted(const http_client *c, const char *content_type)
{
    for (const char *const *media = c->media; content_type && *media; media++) {
        size_t n = strlen(*media);
        char end = strncasecmp(content_type, *media, n) == 0 ? content_type[n] : 'x';
        if (end == '\0' || end == ';' || end == ' ' || end == '\t')
            return true;
    }
    return false;
}

/* We ask for no coding; a source that compresses all the same could send a bomb. */
static bool is_coded(const http_client *c)
{
    struct curl_header *header = NULL;
    return curl_easy_header(c->easy, "Content-Encoding", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
           strcasecmp(header->value, "identity") != 0;
}

static void decide_body(http_client *c)
{
    long status = 0;
    const char *type = NULL;
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
    c->body = status == 200 && is_wanted(c, type) && !is_coded(c) ? BODY_WANTED : BODY_UNWANTED;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t on_bytes(char *bytes, size_t one, size_t count, void *context)
{
    http_client *c = context;
    size_t size = one * count;
    if (c->body == BODY_UNDECIDED)
        decide_body(c);
    c->result->body_bytes += (int64_t)size;
    if (c->body == BODY_UNWANTED)
        return c->result->body_bytes > DISCARD_MAX ? 0 : size;
    if (c->result->body_bytes > c->request->body_max) {
        c->too_large = true;
        return 0;
    }
    int64_t handed_over = now_ms();
    c->refused = !c->request->on_body(c->request->context, (span){bytes, size});
    int64_t waited = now_ms() - handed_over;
    c->waited_ms += waited;
    c->heard_at += waited;
    return c->refused ? 0 : size;
}

/* Connected, asked, and not one byte of an answer within the time allowed? */
static bool is_late(http_client *c)
{
    curl_off_t sent = 0;
    long headers = 0;
    (void)curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    (void)curl_easy_getinfo(c->easy, CURLINFO_HEADER_SIZE, &headers);
    if (sent == 0 || headers > 0)
        return false;
    if (c->asked_at == 0)
        c->asked_at = now_ms();
    return now_ms() - c->asked_at >= 1000 * (int64_t)c->request->first_byte_seconds;
}

/* Is the source silent, from the first moment of connecting on? Then its request may be given up for others. */
static bool is_yielding(http_client *c, int64_t down)
{
    int64_t now = now_ms();
    if (c->request->patience_ms == 0)
        return false;
    if (down - c->heard >= HEARD_BYTES) {
        c->heard = down;
        c->heard_at = now;
    }
    if (now - c->heard_at < c->request->patience_ms)
        return false;
    c->result->silent = true;
    return c->request->yields && c->request->yields(c->request->context);
}

/* libcurl asks at least once a second, also while nothing arrives. */
static int on_progress(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    (void)down_all, (void)up_all, (void)up;
    http_client *c = context;
    if (!c->request)
        return 0;
    c->late = c->late || is_late(c);
    c->slow = c->slow || now_ms() - c->began_at - c->waited_ms >= 1000 * (int64_t)c->request->page_seconds;
    c->yielded = c->yielded || is_yielding(c, down);
    return c->late || c->slow || c->yielded || (c->request->cancel && *c->request->cancel);
}

/* Not copied: the key is in the caller's locked memory and nowhere else of ours. */
static CURLcode set_pem(CURL *easy, CURLoption option, span pem)
{
    struct curl_blob blob = {(void *)(uintptr_t)pem.p, pem.n, CURL_BLOB_NOCOPY};
    return curl_easy_setopt(easy, option, &blob);
}

bool http_set_identity(CURL *easy, const http_identity *identity)
{
    CURLcode code = CURLE_OK;
    code |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    code |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    code |= set_pem(easy, CURLOPT_CAINFO_BLOB, identity->ca);
    code |= set_pem(easy, CURLOPT_SSLCERT_BLOB, identity->certificate);
    code |= set_pem(easy, CURLOPT_SSLKEY_BLOB, identity->key);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    code |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    return code == CURLE_OK;
}

bool http_set_manners(CURL *easy)
{
    CURLcode code = CURLE_OK;
    code |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    code |= curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    code |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    code |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    code |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    code |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    code |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    code |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "ekok-etld/0.1");
    code |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    return code == CURLE_OK;
}

static bool set_callbacks(http_client *c)
{
    CURLcode code = CURLE_OK;
    code |= curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
    code |= curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    code |= curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    code |= curl_easy_setopt(c->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    code |= curl_easy_setopt(c->easy, CURLOPT_XFERINFODATA, c);
    return code == CURLE_OK;
}

http_client *http_client_new(const http_identity *identity, failure *f)
{
    http_client *c = calloc(1, sizeof *c);
    if (c && (c->easy = curl_easy_init()) && http_set_identity(c->easy, identity) &&
        http_set_manners(c->easy) && set_callbacks(c))
        return c;
    http_client_free(c);
    (void)fail(f, EXIT_INTERNAL, "libcurl refuses an option of ours, or memory is short");
    return NULL;
}

void http_client_free(http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->easy);
    free(client);
}

/* The address for a person: without query string and fragment. */
void http_address(const char *url, char out[HTTP_ADDRESS_TEXT])
{
    (void)snprintf(out, HTTP_ADDRESS_TEXT, "%.*s", (int)strcspn(url, "?#"), url);
}

/* A server that does not like our certificate says so by a TLS alert, in TLS 1.3 only at the first read. */
static bool certificate_refused(CURLcode code, const char *error)
{
    return (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_SSL_CONNECT_ERROR) &&
           strstr(error, "alert");
}

const char *http_words(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host name is not known";
    case CURLE_COULDNT_CONNECT:
        return "connection refused";
    case CURLE_OPERATION_TIMEDOUT:
        return "no full answer within the time allowed";
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
        return "the connection was cut before the answer was complete";
    case CURLE_SEND_ERROR: /* a server that refuses a certificate may close before its alert is read */
        return "the connection was closed before our request was sent; does the server take our certificate?";
    case CURLE_ABORTED_BY_CALLBACK:
        return "given up, because the daemon is to stop";
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "only https is spoken";
    default:
        return curl_easy_strerror(code);
    }
}

bool http_worth_retrying(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
        return true;
    default:
        return false;
    }
}

static bool explain_transfer(http_client *c, CURLcode code, const char *address, failure *f)
{
    char of_time[HTTP_TIME_TEXT];
    if (c->too_large)
        return fail(f, EXIT_PARTIAL, "%s: the answer is larger than page_bytes allows (%lld bytes)", address,
                    (long long)c->request->body_max);
    if (c->late) {
        c->result->retry = true;
        return fail(f, EXIT_PARTIAL, "%s: no first byte of an answer within the time allowed (%d s)", address,
                    c->request->first_byte_seconds);
    }
    if (c->slow) {
        c->result->retry = true;
        return fail(f, EXIT_PARTIAL, "%s: %s", address, http_words(CURLE_OPERATION_TIMEDOUT));
    }
    if (c->yielded)
        return fail(f, EXIT_PARTIAL, "%s: nothing came, and others wait for a connection", address);
    if (certificate_refused(code, c->error))
        return fail(f, EXIT_PARTIAL, "%s: the server refused our certificate (%s); see [tls] certificate",
                    address, c->error);
    if (code == CURLE_PEER_FAILED_VERIFICATION && http_certificate_time(c->easy, of_time))
        return fail(f, EXIT_PARTIAL, "%s: %s", address, of_time);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return fail(f, EXIT_PARTIAL, "%s: the server's certificate is not trusted (%s); see [tls] ca",
                    address, c->error);
    if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE)
        return fail(f, EXIT_PARTIAL, "%s: our own certificate, key or CA file cannot be used; see [tls]",
                    address);
    c->result->retry = http_worth_retrying(code);
    return fail(f, EXIT_PARTIAL, "%s: %s", address, http_words(code));
}

static bool explain_status(http_client *c, const char *address, failure *f)
{
    http_result *result = c->result;
    const char *type = NULL;
    if (result->status >= 300 && result->status < 400)
        return fail(f, EXIT_PARTIAL, "%s: answered %d: redirects are not followed; see source.url", address,
                    result->status);
    if (result->status != 200) {
        result->retry = result->status == 429 || result->status >= 500;
        return fail(f, EXIT_PARTIAL, "%s: answered %d", address, result->status);
    }
    (void)curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
    if (is_coded(c))
        return fail(f, EXIT_PARTIAL, "%s: answered compressed, which was not asked for", address);
    if (is_wanted(c, type))
        return true;
    return fail(f, EXIT_PARTIAL, "%s: answered with content type %.60s instead of %s", address,
                type ? type : "(none)", c->media[0]);
}

static bool prepare(http_client *c, const http_request *request)
{
    long timeout = request->page_seconds > 0 ? request->page_seconds : 1;
    long connect = request->connect_seconds > 0 ? request->connect_seconds : 1;
    CURLcode code = CURLE_OK;
    c->media = request->media ? request->media : json_alone;
    code |= curl_easy_setopt(c->easy, CURLOPT_URL, request->url);
    code |= curl_easy_setopt(c->easy, CURLOPT_TIMEOUT, timeout + OWN_WAITS_MAX);
    code |= curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT, connect);
    code |= curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALLED_RATE);
    code |= curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, timeout * 3 / 4 > 0 ? timeout * 3 / 4 : 1);
    code |= curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
    code |= curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, request->body.n > 0 ? request->body.p : NULL);
    code |= curl_easy_setopt(c->easy, request->body.n > 0 ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    c->error[0] = '\0';
    c->body = BODY_UNDECIDED;
    c->too_large = c->refused = c->late = c->slow = c->yielded = false;
    c->asked_at = c->waited_ms = c->heard = 0;
    c->began_at = c->heard_at = now_ms();
    return code == CURLE_OK;
}

/* An address that is too long is none: the listing then ends with fewer records than it announces, or as it is. */
static void read_link(http_client *c)
{
    struct curl_header *header = NULL;
    for (size_t i = 0; i < LINKS_MAX && c->result->next[0] == '\0'; i++) {
        if (curl_easy_header(c->easy, "Link", i, CURLH_HEADER, -1, &header) != CURLHE_OK)
            return;
        span next = link_next(span_of(header->value));
        if (next.n > 0 && next.n < HTTP_LINK_TEXT)
            (void)snprintf(c->result->next, HTTP_LINK_TEXT, "%.*s", (int)next.n, next.p);
    }
}

static const char *header_of(CURL *easy, const char *name)
{
    struct curl_header *header = NULL;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

static void read_answer(http_client *c)
{
    read_link(c);
    long status = 0;
    const time_t now = time(NULL);
    char date[64] = "";
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    const char *value = header_of(c->easy, "Date"); /* the next header takes its place */
    (void)snprintf(date, sizeof date, "%s", value ? value : "");
    c->result->status = (int)status;
    c->result->clock_ahead = remote_clock_ahead(date, now);
    c->result->retry_after =
        remote_clock_pause(header_of(c->easy, "Retry-After"), date, now, RETRY_AFTER_MAX);
}

/* libcurl keeps copies of headers: a token or a key may stand in them. */
void http_free_headers(struct curl_slist *list)
{
    for (struct curl_slist *at = list; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(list);
}

bool http_add_headers(const char *const *header, struct curl_slist **list)
{
    for (; header && *header; header++) {
        struct curl_slist *longer = curl_slist_append(*list, *header);
        if (!longer)
            return false;
        *list = longer;
    }
    return true;
}

static bool make_headers(const http_request *request, struct curl_slist **list)
{
    static const char *const of_post[] = {"Content-Type: application/json", "Accept: application/json",
                                          "Expect:", NULL};
    return (request->body.n == 0 || http_add_headers(of_post, list)) &&
           http_add_headers(request->header, list);
}

bool http_fetch(http_client *client, const http_request *request, http_result *result, failure *f)
{
    char address[HTTP_ADDRESS_TEXT];
    struct curl_slist *headers = NULL;
    *result = (http_result){0};
    http_address(request->url, address);
    client->request = request;
    client->result = result;
    if (!prepare(client, request) || !make_headers(request, &headers) ||
        curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK) {
        http_free_headers(headers);
        return fail(f, EXIT_INTERNAL, "%s: libcurl refuses the request", address);
    }
    CURLcode code = curl_easy_perform(client->easy);
    (void)curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, NULL);
    http_free_headers(headers);
    read_answer(client);
    bool good = false;
    if (client->refused)
        good = fail(f, EXIT_INTERNAL, "%s: the page could not be taken in", address);
    else if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && client->body == BODY_UNWANTED))
        good = explain_transfer(client, code, address, f);
    else
        good = explain_status(client, address, f);
    client->request = NULL;
    client->result = NULL;
    return good;
}

bool http_append_encoded(char *out, size_t room, span text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t at = strlen(out);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        if (at + (plain ? 2 : 4) > room)
            return false;
        if (plain) {
            out[at++] = (char)c;
        } else {
            out[at++] = '%';
            out[at++] = hex[c >> 4];
            out[at++] = hex[c & 15];
        }
        out[at] = '\0';
    }
    return true;
}
