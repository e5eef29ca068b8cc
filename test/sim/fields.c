/*
 * fields.c - see fields.h.
 */
#include "fields.h"

#include <stdio.h>
#include <string.h>

void field_date(json *j, const char *key, birth_date date, const date_habit *habit)
{
    char text[TEXT_ROOM], bengali[TEXT_ROOM];
    text_date(habit->pattern, date, text);
    if (habit->end)
        strncat(text, habit->end, sizeof text - strlen(text) - 1);
    json_text(j, key, habit->bengali_digits ? text_bengali_digits(text, bengali) : text);
}

void field_birth(json *j, const char *key, const record *r, const date_habit *habit)
{
    birth_date date = r->birth;
    switch (r->defect) {
    case DEFECT_MALFORMED:
        json_bare(j, key, r->chance & 4 ? "" : "19o7-o3-x1");
        return;
    case DEFECT_WRONG_TYPE:
        json_bare(j, key, "false");
        return;
    case DEFECT_MISSING_FIELD:
        return;
    case DEFECT_IMPOSSIBLE_DATE:
        date.month = r->chance & 4 ? 2 : 11;
        date.day = 31;
        break;
    default:
        break;
    }
    field_date(j, key, date, habit);
}

static void oversized(json *j, const char *key, const char *name)
{
    char text[OVERSIZED_BYTES + NAME_TEXT + 1] = "";
    size_t n = 0, length = strlen(name);
    while (n < OVERSIZED_BYTES) {
        memcpy(text + n, name, length);
        n += length;
        text[n++] = ' ';
    }
    text[n] = '\0';
    json_text(j, key, text);
}

/* The name cut in the middle of a character, or a stray byte of an older encoding. */
static void wrongly_encoded(json *j, const char *key, const record *r, const char *name)
{
    char text[NAME_TEXT + 8];
    snprintf(text, sizeof text, "%s%s", name, r->chance & 4 ? "\xE0\xA6" : "\xFF\x92");
    json_bytes(j, key, text);
}

void field_name(json *j, const char *key, const record *r, const char *name)
{
    if (*name && r->defect == DEFECT_OVERSIZED_FIELD)
        oversized(j, key, name);
    else if (*name && r->defect == DEFECT_WRONG_ENCODING)
        wrongly_encoded(j, key, r, name);
    else
        json_text(j, key, name);
}

void field_upper(json *j, const char *key, const char *name)
{
    char text[NAME_TEXT];
    json_text(j, key, text_upper(name, text));
}

void field_name_upper(json *j, const char *key, const record *r)
{
    char text[NAME_TEXT];
    field_name(j, key, r, text_upper(r->name_en, text));
}

void field_nid(json *j, const char *key, const record *r, const char *written)
{
    static const char *const unreadable[] = {"NID PENDING", "12345", "19x80712", "00000000000000000000"};
    json_text(j, key, *written && r->defect == DEFECT_UNREADABLE_NID ? unreadable[r->chance % 4] : written);
}

void field_as_number(json *j, const char *key, const char *digits)
{
    if (!*digits) {
        json_bare(j, key, "null");
        return;
    }
    while (digits[0] == '0' && digits[1])
        digits++;
    json_bare(j, key, digits);
}

void field_programme(json *j, const char *key, const record *r, const char *word, const char *foreign)
{
    json_text(j, key, r->defect == DEFECT_FOREIGN_PROGRAMME ? foreign : word);
}
