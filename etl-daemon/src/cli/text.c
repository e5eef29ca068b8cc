/*
 * text.c - formatting for screens. Refuses to depend on the locale: the output is the same everywhere.
 */
#include "cli/text.h"

#include <inttypes.h>

/* Marks of the scripts in use that take no column of their own: first and last code point of each run. */
static const uint32_t combining[][2] = {{0x0300, 0x036F}, /* combining diacritical marks */
                                        {0x0900, 0x0903}, {0x093A, 0x093C}, {0x093E, 0x094F}, /* Devanagari */
                                        {0x0981, 0x0983}, {0x09BC, 0x09BC}, {0x09BE, 0x09CD},
                                        {0x09D7, 0x09D7}, {0x09FE, 0x09FE}, /* Bengali */
                                        {0x200B, 0x200F}, /* zero-width space, joiners, direction marks */
                                        {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};

/* Reads one character; malformed bytes count as one each. */
static uint32_t next_character(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    int more = p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC2 ? 1 : 0;
    uint32_t c = more == 3 ? p[0] & 7u : more == 2 ? p[0] & 15u : more == 1 ? p[0] & 31u : p[0];
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *at += 1;
            return 0xFFFD;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    *at += more + 1;
    return c;
}

static bool combines(uint32_t c)
{
    for (size_t i = 0; i < sizeof combining / sizeof *combining; i++)
        if (c >= combining[i][0] && c <= combining[i][1])
            return true;
    return false;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    while (*text)
        columns += !combines(next_character(&text));
    return columns;
}

size_t text_characters(const char *text)
{
    size_t characters = 0;
    for (; *text; characters++)
        (void)next_character(&text);
    return characters;
}

void text_cut(const char *text, size_t characters, char *out, size_t room)
{
    bool cut = text_characters(text) > characters;
    size_t keep = cut && characters > 3 ? characters - 3 : characters, size = 0;
    const char *end = text;
    while (*end && keep-- > 0)
        (void)next_character(&end);
    for (; text < end && size + 4 < room; text++)
        out[size++] = (unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text;
    out[size] = '\0';
    if (cut && characters > 3)
        memcpy(out + size, "...", 4);
}

bool text_is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 15 && text[digits] == '\0';
}

const char *text_number(int64_t value, char out[NUMBER_TEXT])
{
    char digits[NUMBER_TEXT];
    if (value < 0)
        return strcpy(out, "-");
    int count = snprintf(digits, sizeof digits, "%" PRId64, value);
    size_t n = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            out[n++] = ',';
        out[n++] = digits[i];
    }
    out[n] = '\0';
    return out;
}

const char *text_duration(double seconds, char out[NUMBER_TEXT])
{
    long whole = seconds > 0 ? (long)(seconds + 0.5) : 0;
    if (whole < 60)
        (void)snprintf(out, NUMBER_TEXT, "%ld s", whole);
    else if (whole < 3600)
        (void)snprintf(out, NUMBER_TEXT, "%ld:%02ld min", whole / 60, whole % 60);
    else
        (void)snprintf(out, NUMBER_TEXT, "%ld:%02ld:%02ld h", whole / 3600, whole / 60 % 60, whole % 60);
    return out;
}

void text_mask(span clear, char *out, size_t room)
{
    size_t shown = clear.n >= 2 * MASK_SHOWN ? MASK_SHOWN : 0;
    (void)snprintf(out, room, "*%.*s", (int)shown, clear.p + clear.n - shown);
}

/*
 * Bytes of the longest piece of text that fits in `columns` and ends at a blank, or at the end; at least a
 * word.
 */
static size_t piece(const char *text, size_t columns)
{
    const char *at = text, *fits = NULL;
    size_t used = 0;
    while (*at && (used < columns || !fits)) {
        (void)next_character(&at);
        used++;
        if ((*at == ' ' || *at == '\0') && (used <= columns || !fits))
            fits = at;
    }
    return (size_t)((fits ? fits : at) - text);
}

void text_print_wrapped(const char *text, size_t indent, FILE *to)
{
    size_t room = SCREEN_COLUMNS;
    do {
        size_t n = piece(text, room);
        (void)fprintf(to, "%*s%.*s\n", (int)(SCREEN_COLUMNS - room), "", (int)n, text);
        text += n;
        while (*text == ' ')
            text++;
        room = SCREEN_COLUMNS - indent;
    } while (*text);
}
