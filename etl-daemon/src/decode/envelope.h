/*
 * envelope.h - the JSON around the records: follows its grammar byte by byte, knows the dotted path, keeps
 * the scalars asked for and says when the array of records begins.
 *
 * Promises to accept no text but a well-formed document that holds the array exactly once, in fixed memory.
 * Refuses to look into strings nobody asked for, and to guess: a value asked for that is an object, stands
 * twice or is longer than ENVELOPE_TEXT_MAX loses the page, because paging by a wrong cursor would lose
 * records silently.
 */
#ifndef ETL_DECODE_ENVELOPE_H
#define ETL_DECODE_ENVELOPE_H

#include "decode/decode.h"
#include "decode/nest.h"

enum {
    ENVELOPE_PATH_MAX = 256,
    ENVELOPE_LEVELS_MAX = 16,                   /* deeper values have no path and are only followed */
    ENVELOPE_TOKEN_MAX = 6 * ENVELOPE_TEXT_MAX, /* a text as \uXXXX escapes */
};

typedef enum {
    ENVELOPE_VALUE, /* a value must follow */
    ENVELOPE_VALUE_OR_CLOSE,
    ENVELOPE_KEY,
    ENVELOPE_KEY_OR_CLOSE,
    ENVELOPE_COLON,
    ENVELOPE_NEXT, /* a comma, or the close of what is open */
    ENVELOPE_STRING,
    ENVELOPE_ESCAPE,
    ENVELOPE_TOKEN,
    ENVELOPE_DONE
} envelope_state;

typedef enum {
    ENVELOPE_ON,   /* go on with the next byte */
    ENVELOPE_ROWS, /* this byte opened the array of records: call envelope_rows_closed() behind its end */
    ENVELOPE_LOST  /* see problem */
} envelope_step;

typedef struct {
    bool seen, is_null;
    size_t length;
    char text[ENVELOPE_TEXT_MAX];
} envelope_value;

typedef struct {
    const decode_options *options;
    nest *open;
    envelope_state state;
    const char *problem;
    bool rows_seen;
    bool in_key;    /* the string being read is a key */
    int wanted;     /* index of the value being read, -1: nobody asked for it */
    int mark;       /* bytes of a byte order mark seen at the start */
    size_t lost_at; /* depth from which values have no path, 0: none */
    size_t path_length;
    size_t base[ENVELOPE_LEVELS_MAX + 1];  /* by depth: length of the open container's own path */
    size_t index[ENVELOPE_LEVELS_MAX + 1]; /* by depth: elements seen, when it is an array */
    size_t token_length;
    char path[ENVELOPE_PATH_MAX];
    char token[ENVELOPE_TOKEN_MAX];
    envelope_value value[ENVELOPE_MAX];
} envelope;

/* options and open (the brackets, shared with the records) outlive the envelope. */
void envelope_init(envelope *e, const decode_options *options, nest *open);
MUST_CHECK envelope_step envelope_byte(envelope *e, char c);
MUST_CHECK bool envelope_rows_closed(envelope *e);

/* At the end of the page: false, with a problem, when the document is not complete. */
MUST_CHECK bool envelope_end(envelope *e);

#endif
