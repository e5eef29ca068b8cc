/*
 * mark.h - the byte order mark of UTF-8 at the very start of a file, which may come in pieces.
 *
 * Promises that it is read over there and nowhere else, and that what only begins like one is text, also when the file
 * ends within it.
 */
#ifndef ETL_DECODE_MARK_H
#define ETL_DECODE_MARK_H

#include "base/span.h"

enum { MARK_PAST = 3 /* of `seen`: behind the start, or at it and no mark may come */ };

/* Takes the mark, or its next bytes, off the head of *bytes. Returns what was taken before for one and is none. */
span mark_skip(size_t *seen, span *bytes);

/* The file ends. Returns what was taken for the beginning of a mark. */
span mark_end(size_t *seen);

#endif
