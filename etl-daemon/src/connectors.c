/*
 * connectors.c - the composition root of source kinds. Formats are a matter of decode/, which reads them from the
 * definition.
 */
#include "connectors.h"

static const connector kinds[] = {
    {.kind = "over HTTPS", .scheme = "https://", .fetch = http_fetch},
    {.kind = "files of a folder"},
};

const connector *connector_for(const source_def *def)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (def->style == PAGING_FILE
                ? kinds[i].scheme == NULL
                : kinds[i].scheme && strncmp(def->url, kinds[i].scheme, strlen(kinds[i].scheme)) == 0)
            return &kinds[i];
    return NULL;
}
