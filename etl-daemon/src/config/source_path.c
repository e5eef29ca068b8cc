/*
 * source_path.c - judges a dotted path. Outside ASCII it refuses only what cannot be seen: controls, blanks and
 * direction marks; joiners stay, Bengali spelling needs them.
 */
#include "config/source_path.h"

#include <ctype.h>
#include <stdint.h>

/* The character at *at of valid UTF-8; moves *at behind it. */
static uint32_t next_character(span text, size_t *at)
{
    unsigned char lead = (unsigned char)text.p[(*at)++];
    if (lead < 0x80)
        return lead;
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    uint32_t c = lead & (0x3Fu >> more);
    while (more-- > 0 && *at < text.n)
        c = c << 6 | ((unsigned char)text.p[(*at)++] & 0x3Fu);
    return c;
}

static bool can_be_seen(uint32_t c)
{
    bool control = c <= 0xA0 || c == 0xAD || c == 0x61C;
    bool blank = c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200B) || c == 0x3000 || c == 0xFEFF;
    bool mark = (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F);
    bool none = (c >= 0xFFF0 && c <= 0xFFFF) || (c & 0xFFFE) == 0xFFFE;
    return !control && !blank && !mark && !none;
}

bool source_path_valid(span path)
{
    bool part_empty = true;
    if (path.n == 0 || path.n > SOURCE_PATH_MAX)
        return false;
    for (size_t at = 0; at < path.n;) {
        uint32_t c = next_character(path, &at);
        if (c == '.' && part_empty)
            return false;
        if (c < 0x80 ? !(isalnum((int)c) || c == '_' || c == '-' || c == '.') : !can_be_seen(c))
            return false;
        part_empty = c == '.';
    }
    return !part_empty;
}
