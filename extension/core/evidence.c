/*
 * evidence.c - evidence keys, by SipHash-2-4 (siphash.h).
 *
 * The hashed message is: length of kind (one byte), kind, value. The key is public and never changes: every
 * stored evidence depends on it. Callers see to the ceilings of kind and programme.
 */
#include "evidence.h"

#include "siphash.h"

typedef struct {
    ekok_sip v;
    uint64_t word; /* bytes not yet compressed, the first in the low byte */
    size_t count;  /* of all bytes so far */
} sip_state;

static const uint8_t EVIDENCE_KEY[EKOK_SIP_KEY_BYTES] = {'e', 'k', 'o', 'k', ' ', 'e', 'v', 'i',
                                                         'd', 'e', 'n', 'c', 'e', ' ', 'v', '1'};

static sip_state sip_begin(const uint8_t key[EKOK_SIP_KEY_BYTES])
{
    return (sip_state){.v = ekok_sip_begin(key)};
}

static void sip_compress(sip_state *state)
{
    ekok_sip_absorb(&state->v, state->word);
    state->word = 0;
}

static void sip_add(sip_state *state, ekok_span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        state->word |= (uint64_t)(uint8_t)bytes.p[i] << 8 * (state->count++ % 8);
        if (state->count % 8 == 0) {
            sip_compress(state);
        }
    }
}

static uint64_t sip_end(sip_state *state)
{
    state->word |= (uint64_t)(state->count & 0xFF) << 56;
    sip_compress(state);
    state->v.c ^= 0xFF;
    ekok_sip_rounds(&state->v, EKOK_SIP_FINISH);
    return ekok_sip_mixed(&state->v);
}

uint64_t ekok_siphash24(const uint8_t key[16], ekok_span message)
{
    sip_state state = sip_begin(key);

    sip_add(&state, message);
    return sip_end(&state);
}

ekok_evidence ekok_evidence_make(ekok_span kind, ekok_span value, uint32_t programme)
{
    const char kind_length = (char)kind.n;
    sip_state state = sip_begin(EVIDENCE_KEY);

    sip_add(&state, (ekok_span){&kind_length, 1});
    sip_add(&state, kind);
    sip_add(&state, value);
    uint64_t hash = sip_end(&state);
    return (ekok_evidence){(hash & ~(uint64_t)EKOK_EVIDENCE_PROGRAMME_MAX) |
                           (programme & EKOK_EVIDENCE_PROGRAMME_MAX)};
}

uint64_t ekok_evidence_key(ekok_evidence evidence)
{
    return evidence.bits >> EKOK_EVIDENCE_PROGRAMME_BITS;
}

uint32_t ekok_evidence_programme(ekok_evidence evidence)
{
    return (uint32_t)(evidence.bits & EKOK_EVIDENCE_PROGRAMME_MAX);
}

ekok_evidence ekok_evidence_first(ekok_evidence evidence)
{
    return (ekok_evidence){evidence.bits & ~(uint64_t)EKOK_EVIDENCE_PROGRAMME_MAX};
}

ekok_evidence ekok_evidence_last(ekok_evidence evidence)
{
    return (ekok_evidence){evidence.bits | EKOK_EVIDENCE_PROGRAMME_MAX};
}

bool ekok_evidence_same(ekok_evidence a, ekok_evidence b)
{
    return ekok_evidence_key(a) == ekok_evidence_key(b);
}
