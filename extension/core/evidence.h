/*
 * evidence.h - one piece of evidence about a person, in 8 bytes: 52 bits of hash, 12 bits of programme.
 *
 * The hash is SipHash-2-4 under a fixed public key: it spreads, it does not hide. Where an identifier must
 * stay hidden its value is already a keyed token when it comes here. Two values may share a hash: whoever
 * finds an equal key looks at the record before believing it.
 */
#ifndef EKOK_CORE_EVIDENCE_H
#define EKOK_CORE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

enum { EKOK_EVIDENCE_PROGRAMME_BITS = 12, EKOK_EVIDENCE_PROGRAMME_MAX = 4095, EKOK_EVIDENCE_KIND_MAX = 32 };

static const int64_t EKOK_EVIDENCE_KEY_MAX = (INT64_C(1) << 52) - 1;

typedef struct {
    uint64_t bits; /* ordered as an unsigned number: by key, then by programme */
} ekok_evidence;

/* kind: 1 to 32 bytes such as "nid"; programme: 0 to 4095. */
ekok_evidence ekok_evidence_make(ekok_span kind, ekok_span value, uint32_t programme);
uint64_t ekok_evidence_key(ekok_evidence evidence);
uint32_t ekok_evidence_programme(ekok_evidence evidence);
/* The least and the greatest evidence of the same key: programme 0 and programme 4095. */
ekok_evidence ekok_evidence_first(ekok_evidence evidence);
ekok_evidence ekok_evidence_last(ekok_evidence evidence);
bool ekok_evidence_same(ekok_evidence a, ekok_evidence b); /* same evidence, any programme */

uint64_t ekok_siphash24(const uint8_t key[16], ekok_span message);

#endif
