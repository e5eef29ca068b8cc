/*
 * http_private.h - how every request of ours behaves, whatever it asks: for the files of wire/ that call libcurl.
 */
#ifndef ETL_WIRE_HTTP_PRIVATE_H
#define ETL_WIRE_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "wire/http.h"

enum { HTTP_ADDRESS_TEXT = 200 };

/* Our certificate and CA; https alone, no redirects, proxies, netrc. False: libcurl refuses an option. */
MUST_CHECK bool http_set_identity(CURL *easy, const http_identity *identity);
MUST_CHECK bool http_set_manners(CURL *easy);

/* The address for a person: without query string and fragment. */
void http_address(const char *url, char out[HTTP_ADDRESS_TEXT]);

/* Appends "Name: value" lines, up to a NULL; NULL itself: none. */
MUST_CHECK bool http_add_headers(const char *const *header, struct curl_slist **list);

/* Wipes them as well. */
void http_free_headers(struct curl_slist *list);

/* Of a certificate that was not trusted: the reason where that is the time, and what our clock shows; else false. */
enum { HTTP_TIME_TEXT = 160 };
MUST_CHECK bool http_certificate_time(CURL *easy, char out[HTTP_TIME_TEXT]);

const char *http_words(CURLcode code);
bool http_worth_retrying(CURLcode code);

#endif
