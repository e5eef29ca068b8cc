/*
 * exchange.c - POST by libcurl. A failure's line holds the address and libcurl's words, never a body or a header.
 */
#include "wire/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/http_private.h"

enum { RETRY_AFTER_MOST = 86400 };

struct exchange {
    CURL *easy;
    const exchange_request *request; /* while one is under way */
    buf *answer;
    bool too_large;
};

static size_t on_bytes(char *bytes, size_t one, size_t count, void *context)
{
    exchange *x = context;
    size_t size = one * count;
    if (size <= x->request->answer_max - x->answer->size && buf_add(x->answer, bytes, size))
        return size;
    x->too_large = true;
    return 0;
}

static int on_progress(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    (void)down_all, (void)down, (void)up_all, (void)up;
    const exchange *x = context;
    return x->request && x->request->cancel && *x->request->cancel;
}

exchange *exchange_new(const http_identity *identity, failure *f)
{
    exchange *x = calloc(1, sizeof *x);
    CURLcode code = CURLE_OK;
    if (x && (x->easy = curl_easy_init()) && http_set_identity(x->easy, identity) &&
        http_set_manners(x->easy)) {
        code |= curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_bytes);
        code |= curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
        code |= curl_easy_setopt(x->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        code |= curl_easy_setopt(x->easy, CURLOPT_XFERINFODATA, x);
        code |= curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
        if (code == CURLE_OK)
            return x;
    }
    exchange_free(x);
    (void)fail(f, EXIT_INTERNAL, "libcurl refuses an option of ours, or memory is short");
    return NULL;
}

void exchange_free(exchange *x)
{
    if (!x)
        return;
    if (x->easy)
        curl_easy_cleanup(x->easy);
    free(x);
}

static bool make_headers(const exchange_request *request, struct curl_slist **list)
{
    const char *line[EXCHANGE_HEADERS_MAX + 4] = {
        request->form ? "Content-Type: application/x-www-form-urlencoded" : "Content-Type: application/json",
        "Accept: application/json", "Expect:"};
    size_t n = 3;
    for (size_t i = 0; i < EXCHANGE_HEADERS_MAX; i++)
        if (request->header[i])
            line[n++] = request->header[i];
    return http_add_headers(line, list);
}

static bool prepare(exchange *x, const struct curl_slist *headers)
{
    const exchange_request *request = x->request;
    long timeout = request->timeout_seconds > 0 ? request->timeout_seconds : 1;
    CURLcode code = CURLE_OK;
    code |= curl_easy_setopt(x->easy, CURLOPT_URL, request->url);
    code |= curl_easy_setopt(x->easy, CURLOPT_TIMEOUT, timeout);
    code |= curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT, timeout / 3 > 0 ? timeout / 3 : 1);
    code |= curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, headers);
    code |= curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
    code |= curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, request->body.p);
    return code == CURLE_OK;
}

static bool is_json(const char *type)
{
    size_t n = strlen("application/json");
    return type && strncasecmp(type, "application/json", n) == 0 &&
           (type[n] == '\0' || strchr("; \t", type[n]));
}

static bool read_answer(exchange *x, CURLcode code, const char *address, http_result *result, failure *f)
{
    long status = 0;
    curl_off_t retry_after = 0;
    const char *type = NULL;
    char words[HTTP_TIME_TEXT];
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &retry_after);
    (void)curl_easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, &type);
    result->status = (int)status;
    result->body_bytes = (int64_t)x->answer->size;
    result->retry_after = retry_after > RETRY_AFTER_MOST ? RETRY_AFTER_MOST : (int)retry_after;
    if (x->too_large)
        return fail(f, EXIT_PARTIAL, "%s: the answer is larger than is read of one", address);
    if (code != CURLE_OK) {
        result->status = 0;
        result->retry = http_worth_retrying(code);
        bool of_time = code == CURLE_PEER_FAILED_VERIFICATION && http_certificate_time(x->easy, words);
        return fail(f, EXIT_PARTIAL, "%s: %s", address, of_time ? words : http_words(code));
    }
    if (!is_json(type))
        buf_clear(x->answer);
    if (status == 200 && !is_json(type))
        return fail(f, EXIT_PARTIAL, "%s: answered with a content type that is not JSON", address);
    return true;
}

bool exchange_ask(exchange *x, const exchange_request *request, buf *answer, http_result *result, failure *f)
{
    char address[HTTP_ADDRESS_TEXT];
    struct curl_slist *headers = NULL;
    *result = (http_result){0};
    http_address(request->url, address);
    buf_clear(answer);
    x->request = request;
    x->answer = answer;
    x->too_large = false;
    bool good = make_headers(request, &headers) && prepare(x, headers);
    if (good)
        good = read_answer(x, curl_easy_perform(x->easy), address, result, f);
    else
        (void)fail(f, EXIT_INTERNAL, "%s: libcurl refuses the request", address);
    (void)curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, NULL);
    http_free_headers(headers);
    x->request = NULL;
    x->answer = NULL;
    return good;
}
