/*
 * fuzz_time.c - any bytes as times that a source tells: the position of a listing, which going back must leave as
 * long and as readable as it was, and earlier; and the headers Date and Retry-After, split at a line's end.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "feed.h"
#include "source/skew.h"
#include "wire/remote_clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void go_back(const char *text, int seconds)
{
    char moved[512];
    const time_t beginning = -((time_t)1 << 40), end = (time_t)1 << 40;
    (void)snprintf(moved, sizeof moved, "%s", text);
    bool went = skew_back(moved, seconds);
    must(strlen(moved) == strlen(text));
    if (!went)
        must(strcmp(moved, text) == 0);
    else {
        must(strlen(text) == 10 || skew_ahead(span_of(moved), beginning));
        must(!skew_ahead(span_of(moved), end));
        must(strcmp(moved, text) <= 0 || text[5] > '1' ||
             text[8] > '2'); /* days that no month has are put right */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[500] = "";
    if (size < 4 || size - 3 >= sizeof text)
        return 0;
    memcpy(text, data + 3, size - 3);
    (void)skew_ahead(span_of(text), (time_t)data[2] << 24);
    go_back(text, (data[0] << 12 | data[1] << 4) % 604801);
    char *date = strchr(text, '\n');
    if (date)
        *date++ = '\0';
    int wait = remote_clock_pause(text, date, (time_t)data[2] << 24, 86400);
    must(wait >= 0 && wait <= 86400);
    int ahead = remote_clock_ahead(date, (time_t)data[2] << 24);
    must(ahead >= -315360000 && ahead <= 315360000);
    return 0;
}
