/*
 * hiding.c - one pass over the text. A text in quotes is a member's name when a colon follows it inside an object's
 * braces; names that are not plain words are hidden as well, because a broken record can put anything there.
 */
#include "cli/hiding.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static void hide(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isdigit(c))
            text[i] = '9';
        else if (isalpha(c))
            text[i] = 'x';
        else if (c >= 0x80 || c < 0x20 || c == 0x7F)
            text[i] = '*';
    }
}

/* The byte behind the closing quote of the text that begins at `from`; size when it has none. */
static size_t text_end(const char *text, size_t size, size_t from)
{
    for (size_t i = from + 1; i < size; i++) {
        if (text[i] == '\\')
            i++;
        else if (text[i] == '"')
            return i + 1;
    }
    return size;
}

/* A word of letters, digits, '_' and '-' that begins with a letter, and a colon behind it. */
static bool is_name(const char *text, size_t size, size_t from, size_t end)
{
    if (end - from < 3 || !isalpha((unsigned char)text[from + 1]))
        return false;
    for (size_t i = from + 1; i + 1 < end; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != '-')
            return false;
    while (end < size && strchr(" \t\r\n", text[end]))
        end++;
    return end < size && text[end] == ':';
}

static size_t word_length(const char *text, size_t size)
{
    static const char *const word[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        size_t n = strlen(word[i]);
        if (n <= size && memcmp(text, word[i], n) == 0)
            return n;
    }
    return 0;
}

void hide_values(char *text, size_t size)
{
    bool json = size > 0 && text[0] == '{';
    for (size_t i = 0; i < size;) {
        size_t n = 1;
        if (json && text[i] == '"') {
            n = text_end(text, size, i) - i;
            if (!is_name(text, size, i, i + n))
                hide(text + i, n);
        } else if (json && word_length(text + i, size - i) > 0) {
            n = word_length(text + i, size - i);
        } else if (!strchr(" \t\r\n", text[i])) {
            hide(text + i, 1);
        }
        i += n;
    }
}
