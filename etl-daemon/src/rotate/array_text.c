/*
 * array_text.c - see array_text.h.
 */
#include "rotate/array_text.h"

bool array_add_word(buf *list, const char *word)
{
    return buf_add_text(list, list->size ? ",\"" : "{\"") && buf_add_text(list, word) &&
           buf_add_char(list, '"');
}

bool array_add_bytes(buf *list, span value)
{
    const char *before = list->size ? "," : "{";
    if (value.n == 0)
        return buf_add_text(list, before) && buf_add_text(list, "NULL");
    return buf_add_text(list, before) && buf_add_text(list, "\"\\\\x") &&
           buf_add_hex(list, value.p, value.n) && buf_add_char(list, '"');
}

bool array_end(buf *list)
{
    return buf_add(list, "}", 2); /* with its end */
}
