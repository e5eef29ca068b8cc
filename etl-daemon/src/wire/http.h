/*
 * http.h - HTTPS over mutual TLS, GET, or POST where there is something to be said: our CA only, our certificate,
 * TLS 1.2 or later, no redirects, no proxies. libcurl is called from this folder's http.c and nowhere else.
 */
#ifndef ETL_WIRE_HTTP_H
#define ETL_WIRE_HTTP_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/failure.h"

/* PEM, that lives as long as its clients: whatever happens to files meanwhile, each connection shows the same. */
typedef struct {
    span ca, certificate, key;
} http_identity;

enum { HTTP_LINK_TEXT = 1025 };

typedef struct {
    int status; /* 0: no answer */
    int64_t body_bytes;
    int retry_after; /* seconds, 0 when not given */
    int clock_ahead; /* seconds by which the other side's clock is ahead of ours; 0 too when not known */
    char next[HTTP_LINK_TEXT]; /* of the header Link, rel="next": its address as it stands; empty: none */
    bool silent;               /* next to nothing came for patience_ms at one time, by the source's fault */
    bool retry;                /* worth another try: no connection, timeout, cut short, 429, 5xx */
} http_result;

/* Gets the bytes of the body as they arrive; returning false ends the transfer. */
typedef bool (*http_body_fn)(void *context, span bytes);

typedef struct {
    const char *url;
    int connect_seconds;       /* TCP and TLS */
    int first_byte_seconds;    /* from the request to the first byte of the answer */
    int page_seconds;          /* for all of it, but for the time that on_body takes */
    int64_t body_max;          /* a larger body is a failure */
    http_body_fn on_body;      /* called only for a 200 with one of the media types */
    const char *const *header; /* "Name: value", up to a NULL; NULL itself: none of our own */
    const char *const *media;  /* up to a NULL; NULL itself: application/json alone */
    span body;                 /* n > 0: it is a POST of this JSON */
    void *context;
    int patience_ms; /* for `yields` and `silent`; 0: none */
    bool (*yields)(
        void *context);       /* asked where the source is silent for longer: true gives up; may be NULL */
    const atomic_int *cancel; /* non-zero: give up soon; may be NULL */
} http_request;

typedef struct http_client http_client; /* one a thread; keeps its connection */

MUST_CHECK bool http_global_init(failure *f); /* once, before any thread */
http_client *http_client_new(const http_identity *identity, failure *f);
void http_client_free(http_client *client);

/* False with a line for a person ("connection refused", "certificate not trusted", "answered 503"). */
MUST_CHECK bool http_fetch(http_client *client, const http_request *request, http_result *result, failure *f);

/* Appends text percent-encoded for a query string; false when it does not fit in room (NUL included). */
MUST_CHECK bool http_append_encoded(char *out, size_t room, span text);

#endif
