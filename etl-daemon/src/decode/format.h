/*
 * format.h - what each format gives to decode.c: one table of functions over a state of its own. Private to decode/.
 *
 * Promises that feed, end and close are called with what open returned, feed never after a step that was not
 * FRAME_GOES_ON. A format refuses a page by FRAME_LOST with the place and a static text that quotes nothing.
 */
#ifndef ETL_DECODE_FORMAT_H
#define ETL_DECODE_FORMAT_H

#include "decode/decode.h"
#include "decode/frame.h"

typedef struct {
    const char *problem;
    size_t at; /* byte of the page from 0, */
    int line;  /* or line of the file from 1; 0: it is a byte */
} decode_loss;

typedef struct {
    decode_options options;
    size_t records; /* handed over */
    raw_record record;
} decode_out;

typedef struct {
    void *(*open)(decode_out *out); /* NULL: out of memory */
    frame_result (*feed)(void *state, span bytes, decode_loss *loss);
    frame_result (*end)(void *state, decode_loss *loss);
    bool (*envelope)(const void *state, int i, span *text); /* may be NULL */
    void (*close)(void *state);
} format_ops;

extern const format_ops format_json, format_jsonl, format_csv, format_rows, format_spdci;

/* Hands out->record to the one who asked; false: stop. */
MUST_CHECK bool decode_hand_over(decode_out *out, const reason_list *damaged);

#endif
