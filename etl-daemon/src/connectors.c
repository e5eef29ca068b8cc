/*
 * connectors.c - the composition root of source kinds: a new one is a line here and its own decoder.
 */
#include "connectors.h"

static const connector kinds[] = {
    {.kind = "JSON over HTTPS",
     .scheme = "https://",
     .fetch = http_get,
     .open = decoder_new,
     .feed = decoder_feed,
     .finish = decoder_finish,
     .envelope = decoder_envelope,
     .close = decoder_free},
};

const connector *connector_for(const source_def *def)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(def->url, kinds[i].scheme, strlen(kinds[i].scheme)) == 0)
            return &kinds[i];
    return NULL;
}
