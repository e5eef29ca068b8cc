/* mark.c - see mark.h. */
#include "decode/mark.h"

static const char MARK[MARK_PAST] = {'\xEF', '\xBB', '\xBF'};

span mark_skip(size_t *seen, span *bytes)
{
    while (*seen < MARK_PAST && bytes->n > 0) {
        if (bytes->p[0] != MARK[*seen]) {
            return mark_end(seen);
        }
        (*seen)++;
        bytes->p++;
        bytes->n--;
    }
    return (span){MARK, 0};
}

span mark_end(size_t *seen)
{
    span taken = {MARK, *seen < MARK_PAST ? *seen : 0};

    *seen = MARK_PAST;
    return taken;
}
