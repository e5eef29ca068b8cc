/*
 * feed.c - see feed.h.
 */
#include "feed.h"

#include <stdlib.h>
#include <string.h>

void must(bool holds)
{
    if (!holds)
        abort();
}

void mix(uint64_t *hash, const void *bytes, size_t count)
{
    const unsigned char *b = bytes;

    for (size_t i = 0; i < count; i++)
        *hash = (*hash ^ b[i]) * 0x100000001B3U;
    *hash = (*hash ^ count) * 0x100000001B3U;
}

bool feed_page(decoder *d, span page, size_t chunk, failure *f)
{
    bool good = true;

    must(d != NULL);
    *f = (failure){.text = ""};
    for (size_t at = 0; at < page.n && good; at += chunk) {
        size_t count = chunk < page.n - at ? chunk : page.n - at;
        char *copy = malloc(count);
        must(copy != NULL);
        memcpy(copy, page.p + at, count);
        good = decoder_feed(d, (span){copy, count}, f);
        free(copy);
    }
    good = good && decoder_finish(d, f);
    must(good == (f->text[0] == '\0'));
    return good;
}
