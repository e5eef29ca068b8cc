/*
 * template.c - one pass over the text. Values are never searched for placeholders again.
 */
#include "verify/template.h"

static const char *find(const template_values *values, span name, bool *bare)
{
    *bare = false;
    for (const template_value *v = values->value; v && v->name; v++) {
        if (span_equals(name, v->name)) {
            *bare = v->bare;
            return v->value;
        }
    }
    return credential_find(values->secrets, name);
}

static bool add_escaped(buf *out, const char *value)
{
    static const char digit[] = "0123456789abcdef";
    bool good = true;
    for (; *value && good; value++) {
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\') {
            good = buf_add_char(out, '\\') && buf_add_char(out, *value);
        } else if (c < 0x20) {
            const char text[] = {'\\', 'u', '0', '0', digit[c >> 4], digit[c & 15], '\0'};
            good = buf_add_text(out, text);
        } else {
            good = buf_add_char(out, *value);
        }
    }
    return good;
}

static bool add_value(buf *out, const char *value, fill_kind kind, bool bare)
{
    if (kind == FILL_JSON && !bare)
        return add_escaped(out, value);
    if (kind == FILL_HEADER)
        for (const char *c = value; *c; c++)
            if ((unsigned char)*c < 0x20 || *c == 0x7F)
                return false;
    return buf_add_text(out, value);
}

bool template_fill(const char *text, const template_values *values, fill_kind kind, buf *out, failure *f)
{
    while (*text) {
        const char *open = strstr(text, "${");
        const char *close = open ? strchr(open, '}') : NULL;
        size_t plain = close ? (size_t)(open - text) : strlen(text);
        if (!buf_add(out, text, plain))
            return fail(f, EXIT_INTERNAL, "a request is longer than is sent");
        if (!close)
            return true;
        bool bare;
        span name = {open + 2, (size_t)(close - open - 2)};
        const char *value = find(values, name, &bare);
        if (!value)
            return fail(f, EXIT_CONFIG, "there is no value for ${%.*s}: see its file and its credentials",
                        name.n > 40 ? 40 : (int)name.n, name.p);
        if (!add_value(out, value, kind, bare))
            return fail(f, EXIT_INTERNAL, "the value for ${%.*s} does not fit where it is to stand",
                        name.n > 40 ? 40 : (int)name.n, name.p);
        text = close + 1;
    }
    return true;
}
