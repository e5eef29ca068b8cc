/*
 * json.h - writes JSON into a bounded buffer, in the habits of several teams: with or without blanks, Bengali as it is
 * or as \uXXXX. Refuses to grow past JSON_MAX; what did not fit makes `failed` true.
 */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_MAX = 16 * 1024 * 1024 };

typedef struct {
    char *p;
    size_t n, room;
    bool failed;
    bool spaced;  /* "key": value, one field a line */
    bool escaped; /* beyond ASCII as \uXXXX, slashes as \/ */
    bool comma;   /* a value stands before */
} json;

bool json_init(json *j, size_t room);
void json_free(json *j);

/* key is NULL inside an array. */
void json_open(json *j, const char *key, char bracket);
void json_close(json *j, char bracket);
void json_text(json *j, const char *key, const char *text); /* NULL or empty: null */
void json_number(json *j, const char *key, int64_t value);
void json_bare(json *j, const char *key,
               const char *text); /* as it stands: numbers, true, null; also what is wrong */
void json_bytes(json *j, const char *key,
                const char *text); /* in quotes, never escaped: for wrong encodings */

#endif
