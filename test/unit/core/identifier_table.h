/*
 * identifier_table.h - a table of texts and what a parser should make of them; shared by the core's tests.
 * A failing line is named by its number and note. The texts are synthetic: printing them gives nobody away.
 */
#ifndef EKOK_TEST_IDENTIFIER_TABLE_H
#define EKOK_TEST_IDENTIFIER_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "identifier.h"

typedef struct {
    const char *text;
    const char *expected; /* canonical form, or NULL: refused */
    ekok_code code;       /* when refused */
    int position;
    const char *note;
} identifier_line;

/* Parses text and, on success, writes the canonical form. */
typedef ekok_status (*identifier_reader)(ekok_span text, char canonical[EKOK_DIGITS_TEXT]);

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static inline ekok_span span_of(const char *text)
{
    return (ekok_span){text, strlen(text)};
}

static inline bool as_expected(const identifier_line *line, ekok_status status, const char *canonical)
{
    if (line->expected == NULL) {
        return status.code == line->code && status.position == line->position;
    }
    return status.code == EKOK_OK && strcmp(canonical, line->expected) == 0;
}

static inline void check_table(const identifier_line *lines, size_t count, identifier_reader reader)
{
    int failures = 0;

    for (size_t i = 0; i < count; i++) {
        char canonical[EKOK_DIGITS_TEXT] = "";
        ekok_status status = reader(span_of(lines[i].text), canonical);
        if (!as_expected(&lines[i], status, canonical)) {
            print_error("line %zu (%s): got %s at %d, \"%s\"\n", i, lines[i].note,
                        ekok_code_name(status.code), status.position, canonical);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

#endif
