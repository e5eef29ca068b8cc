/*
 * evidence.c - evidence keys, and SipHash-2-4 written from its paper (Aumasson and Bernstein, "SipHash: a
 * fast short-input PRF", 2012), which gives the rounds, the constants and the test vector.
 *
 * The hashed message is: length of kind (one byte), kind, value. The key is public and never changes: every
 * stored evidence depends on it. Callers see to the ceilings of kind and programme.
 */
#include "evidence.h"

typedef struct {
    uint64_t v[4];
    uint64_t word; /* bytes not yet compressed, the first in the low byte */
    size_t count;  /* of all bytes so far */
} sip_state;

static const uint8_t EVIDENCE_KEY[16] = {'e', 'k', 'o', 'k', ' ', 'e', 'v', 'i',
                                         'd', 'e', 'n', 'c', 'e', ' ', 'v', '1'};

static uint64_t rotate_left(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate_left(v[1], 13) ^ v[0];
        v[3] = rotate_left(v[3], 16) ^ v[2];
        v[0] = rotate_left(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate_left(v[1], 17) ^ v[2];
        v[3] = rotate_left(v[3], 21) ^ v[0];
        v[2] = rotate_left(v[2], 32);
    }
}

static uint64_t little_endian(const uint8_t bytes[8])
{
    uint64_t word = 0;

    for (int i = 7; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return word;
}

static sip_state sip_begin(const uint8_t key[16])
{
    uint64_t k0 = little_endian(key);
    uint64_t k1 = little_endian(key + 8);

    return (sip_state){.v = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                             k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)}};
}

static void sip_compress(sip_state *state)
{
    state->v[3] ^= state->word;
    sip_rounds(state->v, 2);
    state->v[0] ^= state->word;
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
    state->v[2] ^= 0xFF;
    sip_rounds(state->v, 4);
    return state->v[0] ^ state->v[1] ^ state->v[2] ^ state->v[3];
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
