/*
 * json_text.c - quotation mark, backslash and control characters are escaped, nothing else.
 */
#include "base/json_text.h"

bool json_add_string(buf *out, const char *text)
{
    if (!buf_add_char(out, '"'))
        return false;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool good = c == '"' || c == '\\' ? buf_add_char(out, '\\') && buf_add_char(out, *text)
                    : c < 0x20            ? buf_printf(out, "\\u%04x", c)
                                          : buf_add_char(out, *text);
        if (!good)
            return false;
    }
    return buf_add_char(out, '"');
}
