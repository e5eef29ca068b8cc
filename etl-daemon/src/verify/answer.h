/*
 * answer.h - what a system answered, as one code "field=value" for each item: the field that decides by the rules of
 * its definition. What a code means is not decided here (registry.read_answer).
 *
 * Promises codes that can carry no identifier: at most 48 characters of a narrow set, no run of eight digits. Refuses,
 * as an answer that cannot be read, whatever else stands there.
 */
#ifndef ETL_VERIFY_ANSWER_H
#define ETL_VERIFY_ANSWER_H

#include "base/buf.h"
#include "base/failure.h"
#include "config/inquiry_def.h"

enum { ANSWER_CODE = 114, ANSWER_ITEM_MAX = 16384, ANSWER_MAX = 1 << 20 };

typedef struct {
    int64_t ref;            /* who was asked about; of a single question that one */
    char code[ANSWER_CODE]; /* empty: cannot be read */
} answer_item;

typedef struct {
    answer_item *item; /* of the caller, `room` of them, one for each ref asked, in any order */
    size_t count;
    bool refused;   /* our token or key is refused */
    bool exhausted; /* the quota of the day is used up */
} answer;

struct page_reader; /* cell/object.h */

/* What came back, with its HTTP status, and in whose hands it is read. */
typedef struct {
    const struct page_reader *reader;
    int status;
    span body;
} answer_body;

/*
 * Reads it into out: out->item[..].ref are the refs asked, set by the caller; of an item that the answer does not name
 * it becomes -1. False: no answer can be read, EXIT_PARTIAL says why.
 */
MUST_CHECK bool answer_read(const inquiry_def *def, const answer_body *came, answer *out, failure *f);

/* The text at a dotted path of one JSON object; false when it is not there or does not fit. */
typedef struct {
    const char *path;
    char *out;
    size_t room;
} answer_place;
MUST_CHECK bool answer_text(const struct page_reader *reader, span body, const answer_place *place,
                            failure *f);

#endif
