/*
 * answer.h - what one request is answered. Knows no socket: bytes in, bytes out.
 *
 * Promises that every request gets one answer, however it looks, and that nothing is answered that the caller may
 * not have.
 */
#ifndef ETL_AGENT_ANSWER_H
#define ETL_AGENT_ANSWER_H

#include "agent/guard.h"
#include "base/buf.h"

typedef struct {
    const keyring *ring;
    guard *guard;
    const caller *who;
} asking;

/* Why a request is refused that is no message of ours; that could not be worked on. */
extern const char answer_no_message[], answer_no_library[];

static inline span span_from(ekok_span text)
{
    return (span){text.p, text.n};
}

/* The largest payload that this caller may send of this kind; 0: none at all. */
size_t answer_room(const asking *a, uint8_t kind);

/* Fills out with head and payload; the payload may be clear text: the caller wipes it. */
void answer_request(const asking *a, uint8_t kind, span payload, buf *out);

/* The same for what was refused before it could be read. */
void answer_refusal(const refusal *why, buf *out);

#endif
