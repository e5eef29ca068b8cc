/*
 * certificate_time.c - a certificate that is refused for its time, told with the time that this machine's clock shows:
 * a clock that is wrong looks like a certificate that is. Refuses to guess which of the two it is.
 */
#include <stdio.h>
#include <time.h>

#include "wire/http_private.h"

/* X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL, which libcurl passes on. */
enum { NOT_YET_VALID = 9, HAS_EXPIRED = 10 };

bool http_certificate_time(CURL *easy, char out[HTTP_TIME_TEXT])
{
    long verdict = 0;
    char shows[32] = "";
    struct tm utc;
    const time_t now = time(NULL);
    if (curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict) != CURLE_OK ||
        (verdict != NOT_YET_VALID && verdict != HAS_EXPIRED))
        return false;
    if (!gmtime_r(&now, &utc) || strftime(shows, sizeof shows, "%Y-%m-%d %H:%M", &utc) == 0)
        return false;
    (void)snprintf(out, HTTP_TIME_TEXT,
                   "the server's certificate %s by this machine's clock, which shows %s UTC; set the clock "
                   "if it is wrong",
                   verdict == NOT_YET_VALID ? "is not yet valid" : "has expired", shows);
    return true;
}
