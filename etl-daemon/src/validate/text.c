/* text.c - see text.h. UTF-8 is read by the core alone. */
#include "validate/text.h"

#include "core/utf8.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of white space at the head of the text, 0 when there is none. */
static size_t space_at_head(span text)
{
    if (text.n >= 1 && is_space(text.p[0])) {
        return 1;
    }
    return text.n >= 2 && memcmp(text.p, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

static size_t space_at_tail(span text)
{
    if (text.n >= 1 && is_space(text.p[text.n - 1])) {
        return 1;
    }
    return text.n >= 2 && memcmp(text.p + text.n - 2, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

span text_trim(span text)
{
    size_t count;

    while ((count = space_at_head(text)) > 0) {
        text.p += count;
        text.n -= count;
    }
    while ((count = space_at_tail(text)) > 0) {
        text.n -= count;
    }
    return text;
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

bool text_check(span text, target field, reason_list *reasons)
{
    ekok_span all = {text.p, text.n};
    int position = 1;

    for (size_t at = 0; at < text.n; position++) {
        uint32_t character;
        if (!ekok_utf8_next(all, &at, &character)) {
            reason_add(reasons, REASON_WRONG_ENCODING, field, NULL, position);
            return false;
        }
        if (is_control(character)) {
            reason_add(reasons, REASON_CONTROL_CHARACTER, field, NULL, position);
            return false;
        }
    }
    return true;
}

bool text_is_word(span text, const char *word)
{
    size_t i = 0;

    while (i < text.n && word[i] != '\0') {
        char c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != word[i]) {
            return false;
        }
        i++;
    }
    return i == text.n && word[i] == '\0';
}

int text_take_digit(span *text)
{
    const unsigned char *b = (const unsigned char *)text->p;
    int digit = -1;
    size_t count = 0;

    if (text->n >= 1 && b[0] >= '0' && b[0] <= '9') {
        digit = b[0] - '0';
        count = 1;
    } else if (text->n >= 3 && b[0] == 0xE0 && b[1] == 0xA7 && b[2] >= 0xA6 && b[2] <= 0xAF) {
        digit = b[2] - 0xA6; /* U+09E6 to U+09EF */
        count = 3;
    }
    text->p += count;
    text->n -= count;
    return digit;
}
