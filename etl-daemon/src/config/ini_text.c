/*
 * ini_text.c - see ini_text.h. The only caller of inih.
 * Refuses what inih would let pass in silence: text behind a section's ], a colon for a key's end, cut lines.
 */
#include "config/ini_text.h"

#include <ini.h>
#include <stdio.h>

enum { PATH_SHOWN = 120, WORD_SHOWN = 60, SECTION_MAX = 48 }; /* inih keeps 49 bytes of a section's name */

/* Bytes of text to show, at most `most`, not ending inside a character. */
static int shown(const char *text, size_t most)
{
    size_t n = strnlen(text, most + 1);
    if (n > most)
        for (n = most; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
            n--;
    return (int)n;
}

/* The end of a long path says more than its beginning. */
static const char *path_tail(const char *path)
{
    size_t n = strlen(path);
    if (n <= PATH_SHOWN)
        return path;
    const char *tail = path + n - PATH_SHOWN;
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    return tail;
}

bool ini_wrong(failure *f, const ini_at *at, const char *problem, const char *accepted)
{
    const char *path = path_tail(at->path);
    const char *section = at->section ? at->section : "", *key = at->key ? at->key : "";
    char line[16] = "";
    if (at->line > 0)
        snprintf(line, sizeof line, ":%d", at->line);
    return fail(f, EXIT_CONFIG, "%s%s%s: %s%.*s%s%s%.*s%s%s%s%s", path == at->path ? "" : "...", path, line,
                at->section ? "[" : "", shown(section, WORD_SHOWN), section, at->section ? "]" : "",
                at->section && at->key ? " " : "", shown(key, WORD_SHOWN), key,
                at->section || at->key ? ": " : "", problem, accepted ? "; accepted: " : "",
                accepted ? accepted : "");
}

bool ini_number(const char *text, long min, long max, long *out)
{
    long n = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        n = 10 * n + (text[i] - '0');
    *out = n;
    return n >= min && n <= max;
}

/* Bytes of the UTF-8 character at p (n bytes left), 0 when it is none: overlong, surrogate, above U+10FFFF, cut. */
static size_t character_bytes(const unsigned char *p, size_t n)
{
    size_t size = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (size == 0 || size > n)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
        return 0;
    if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return size;
}

static bool check_characters(const char *path, span text, failure *f)
{
    ini_at at = {path, 1, NULL, NULL};
    for (size_t i = 0; i < text.n;) {
        unsigned char c = (unsigned char)text.p[i];
        bool line_end = c == '\n' || (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n');
        if ((c < 0x20 && c != '\t' && !line_end) || c == 0x7F)
            return ini_wrong(f, &at, "contains a control character", "text in UTF-8");
        size_t size = character_bytes((const unsigned char *)text.p + i, text.n - i);
        if (size == 0)
            return ini_wrong(f, &at, "is not valid UTF-8", "text in UTF-8");
        at.line += c == '\n';
        i += size;
    }
    return true;
}

typedef struct {
    span rest;
    ini_at at; /* line: the one handed over last */
    const ini_visitor *visitor;
    failure *f;
    bool failed;
} walk;

static bool refuse(walk *w, const char *problem, const char *accepted)
{
    w->failed = true;
    return ini_wrong(w->f, &w->at, problem, accepted);
}

static bool is_comment(char c)
{
    return c == ';' || c == '#';
}

static bool check_section(walk *w, span line)
{
    static const char form[] = "[section]";
    const char *end = memchr(line.p, ']', line.n);
    if (!end)
        return refuse(w, "a section's name is not closed", form);
    span name = {line.p + 1, (size_t)(end - line.p) - 1};
    for (const char *c = end + 1; c < line.p + line.n && !is_comment(*c); c++)
        if (*c != ' ' && *c != '\t')
            return refuse(w, "something stands behind the section's name", form);
    if (name.n == 0 || name.n > SECTION_MAX)
        return refuse(w, "the section's name is empty or too long", NULL);
    char text[SECTION_MAX + 1];
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    ini_at at = {w->at.path, w->at.line, text, NULL};
    w->failed = !w->visitor->on_section(w->visitor->context, &at, w->f);
    return !w->failed;
}

static bool check_line(walk *w, span line, int room)
{
    if (line.n > INI_LINE_MAX || line.n >= (size_t)room)
        return refuse(w, "the line is too long", "at most 1500 bytes a line");
    if (line.n == 0 || is_comment(line.p[0]))
        return true;
    if (line.p[0] == '[')
        return check_section(w, line);
    const char *equals = memchr(line.p, '=', line.n), *colon = memchr(line.p, ':', line.n);
    if (!equals)
        return refuse(w, "is neither a section nor a setting", "[section] or key = value");
    if (colon && colon < equals)
        return refuse(w, "has a colon before the =", "key = value");
    return true;
}

/* inih's reader: the next line without its end and its leading blanks, which inih would take for a continuation. */
static char *next_line(char *out, int room, void *stream)
{
    walk *w = stream;
    if (w->failed || w->rest.n == 0)
        return NULL;
    const char *end = memchr(w->rest.p, '\n', w->rest.n);
    span line = {w->rest.p, end ? (size_t)(end - w->rest.p) : w->rest.n};
    size_t used = line.n + (end ? 1 : 0);
    w->rest = (span){w->rest.p + used, w->rest.n - used};
    w->at.line++;
    while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
        line = (span){line.p + 1, line.n - 1};
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (!check_line(w, line, room))
        return NULL;
    memcpy(out, line.p, line.n);
    out[line.n] = '\0';
    return out;
}

static int on_entry(void *context, const char *section, const char *name, const char *value)
{
    walk *w = context;
    if (w->failed)
        return 0;
    ini_at at = {w->at.path, w->at.line, section, name};
    if (!section || !*section) {
        at.section = NULL;
        w->failed = !ini_wrong(w->f, &at, "stands before the first section", NULL);
    } else {
        w->failed = !w->visitor->on_entry(w->visitor->context, &at, value, w->f);
    }
    return !w->failed;
}

bool ini_text_walk(const char *path, span text, const ini_visitor *visitor, failure *f)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark */
    if (!check_characters(path, text, f))
        return false;
    if (text.n >= 3 && memcmp(text.p, mark, 3) == 0)
        text = (span){text.p + 3, text.n - 3};
    walk w = {text, {path, 0, NULL, NULL}, visitor, f, false};
    ini_use_stack = true; /* the packaged library takes its limits at run time */
    ini_max_line = INI_LINE_MAX + 8;
    ini_allow_multiline = false;
    int wrong_line = ini_parse_stream(next_line, &w, on_entry, &w);
    if (w.failed)
        return false;
    if (wrong_line == 0)
        return true;
    w.at.line = wrong_line;
    return ini_wrong(f, &w.at, "is neither a section nor a setting", "[section] or key = value");
}
