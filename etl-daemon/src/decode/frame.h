/*
 * frame.h - finds the records in the bytes of a page, whatever way the bytes are cut into chunks.
 *
 * Promises to hand over every element of the array of records in order, each with its own bytes, and to hold
 * no more of the page than one element of row_bytes. An element may be wrong inside; its end is found by its
 * brackets and quotes alone. Refuses to guess: where a missing quote or bracket could have made one element
 * swallow the next, the page is lost as a whole rather than a record in it.
 */
#ifndef ETL_DECODE_FRAME_H
#define ETL_DECODE_FRAME_H

#include "decode/envelope.h"

typedef struct {
    span bytes;     /* the element; its first row_bytes when it is too large. Valid during the call only */
    size_t offset;  /* of its first byte on the page, from 0 */
    bool too_large; /* more than row_bytes */
} frame_element;

/* Returning false stops the page. */
typedef bool (*frame_element_fn)(void *context, const frame_element *element);

typedef enum { FRAME_GOES_ON, FRAME_LOST, FRAME_STOPPED } frame_result;

typedef enum {
    FRAME_ENVELOPE,
    FRAME_FIRST,   /* the array is open: an element or its end */
    FRAME_ELEMENT, /* behind a comma: an element must follow */
    FRAME_NEXT,    /* behind an element: a comma or the end of the array */
    FRAME_INSIDE,  /* in an element, outside of its strings */
    FRAME_STRING,
    FRAME_ESCAPE,
    FRAME_WORD /* an element that is a number or a literal */
} frame_state;

typedef struct {
    size_t row_bytes;
    frame_element_fn on_element;
    void *context;
    nest open;
    envelope outside;
    frame_state state;
    const char *problem; /* FRAME_LOST: what was wrong, */
    size_t lost_at;      /* and at which byte of the page, from 0 */
    size_t offset;       /* bytes of the page before the present chunk */
    size_t base;         /* depth of the array of records */
    size_t start;        /* page offset of the present element */
    char last;           /* last byte of the element that was no space and not in a string */
    bool odd_quotes;     /* a string of the element ended where none can end */
    bool odd_bracket;    /* a bracket of the element opened where none can open */
    bool kept_some;      /* the element began in an earlier chunk: `kept` holds its bytes so far */
    size_t kept;
    char *carry; /* row_bytes */
} framer;

/* options, on_element's context and their strings outlive the framer. False when out of memory. */
MUST_CHECK bool frame_init(framer *f, const decode_options *options, frame_element_fn on_element,
                           void *context);
void frame_free(framer *f); /* wipes what it kept */
MUST_CHECK frame_result frame_feed(framer *f, span bytes);
MUST_CHECK frame_result frame_end(framer *f);

#endif
