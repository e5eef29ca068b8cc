/*
 * json.c - see json.h.
 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool json_init(json *j, size_t room)
{
    *j = (json){.room = room};
    j->p = malloc(room);
    return j->p != NULL;
}

void json_free(json *j)
{
    free(j->p);
    j->p = NULL;
}

static bool make_room(json *j, size_t more)
{
    if (j->failed || j->n + more <= j->room)
        return !j->failed;
    size_t room = j->room * 2 > j->n + more ? j->room * 2 : j->n + more;
    char *p = room > JSON_MAX ? NULL : realloc(j->p, room);
    if (!p) {
        j->failed = true;
        return false;
    }
    j->p = p;
    j->room = room;
    return true;
}

static void put(json *j, const char *text, size_t n)
{
    if (!make_room(j, n))
        return;
    memcpy(j->p + j->n, text, n);
    j->n += n;
}

/* One character of well-formed UTF-8; returns its bytes. */
static size_t decode(const char *text, uint32_t *c)
{
    const unsigned char *u = (const unsigned char *)text;
    if (u[0] < 0x80) {
        *c = u[0];
        return 1;
    }
    if (u[0] < 0xE0) {
        *c = (u[0] & 0x1FU) << 6 | (u[1] & 0x3FU);
        return 2;
    }
    *c = (u[0] & 0x0FU) << 12 | (u[1] & 0x3FU) << 6 |
         (u[2] & 0x3FU); /* the tables hold nothing above U+FFFF */
    return 3;
}

static void put_escaped(json *j, const char *text)
{
    char one[8];
    while (*text) {
        uint32_t c;
        size_t n = decode(text, &c);
        if (c == '"' || c == '\\' || (j->escaped && c == '/'))
            snprintf(one, sizeof one, "\\%c", (char)c);
        else if (c < 0x20 || (j->escaped && c > 0x7E))
            snprintf(one, sizeof one, "\\u%04x", c);
        else
            snprintf(one, sizeof one, "%.*s", (int)n, text);
        put(j, one, strlen(one));
        text += n;
    }
}

/* Runs that need no escape are copied whole. */
static void put_text(json *j, const char *text)
{
    if (j->escaped) {
        put_escaped(j, text);
        return;
    }
    while (*text) {
        size_t n = 0;
        while ((unsigned char)text[n] >= 0x20 && text[n] != '"' && text[n] != '\\')
            n++;
        put(j, text, n);
        text += n;
        if (*text) {
            char one[3] = {text[0], 0, 0};
            put_escaped(j, one);
            text++;
        }
    }
}

static void begin(json *j, const char *key)
{
    if (j->comma)
        put(j, ",", 1);
    if (j->spaced)
        put(j, "\n  ", 3);
    j->comma = true;
    if (!key)
        return;
    put(j, "\"", 1);
    put(j, key, strlen(key));
    put(j, "\": ", j->spaced ? 3 : 2);
}

void json_open(json *j, const char *key, char bracket)
{
    begin(j, key);
    put(j, &bracket, 1);
    j->comma = false;
}

void json_close(json *j, char bracket)
{
    if (j->spaced)
        put(j, "\n", 1);
    put(j, &bracket, 1);
    j->comma = true;
}

void json_text(json *j, const char *key, const char *text)
{
    begin(j, key);
    if (!text || !*text) {
        put(j, "null", 4);
        return;
    }
    put(j, "\"", 1);
    put_text(j, text);
    put(j, "\"", 1);
}

void json_number(json *j, const char *key, int64_t value)
{
    char text[24];
    begin(j, key);
    put(j, text, (size_t)snprintf(text, sizeof text, "%" PRId64, value));
}

void json_bare(json *j, const char *key, const char *text)
{
    begin(j, key);
    put(j, text, strlen(text));
}

void json_bytes(json *j, const char *key, const char *text)
{
    begin(j, key);
    put(j, "\"", 1);
    put(j, text, strlen(text));
    put(j, "\"", 1);
}
