/* remote_clock.c - see remote_clock.h. */
#include "wire/remote_clock.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>

enum { DECADE = 315360000 };

static int within(int64_t seconds, int most)
{
    return seconds > most ? most : seconds < -most ? -most : (int)seconds;
}

int remote_clock_ahead(const char *date, time_t now)
{
    time_t theirs = date ? curl_getdate(date, NULL) : -1;
    return theirs == -1 ? 0 : within((int64_t)theirs - now, DECADE);
}

int remote_clock_pause(const char *retry_after, const char *date, time_t now, int most)
{
    char *end = NULL;
    if (!retry_after)
        return 0;
    int64_t seconds = strtoll(retry_after, &end, 10);
    if (end == retry_after || *end != '\0') {
        time_t until = curl_getdate(retry_after, NULL);
        time_t theirs = date ? curl_getdate(date, NULL) : -1;
        seconds = until == -1 ? 0 : (int64_t)until - (theirs == -1 ? now : theirs);
    }
    return seconds > 0 ? within(seconds, most) : 0;
}
