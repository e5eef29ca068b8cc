/*
 * siphash.h - the rounds of SipHash-2-4, written from its paper (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012), which gives the constants and the test vector. How a message is cut into words, and what is made of
 * the state at its end, is for who calls: evidence.c, row_mac.c.
 */
#ifndef EKOK_CORE_SIPHASH_H
#define EKOK_CORE_SIPHASH_H

#include <stdint.h>

enum { EKOK_SIP_KEY_BYTES = 16, EKOK_SIP_WORD = 8, EKOK_SIP_FINISH = 4 /* rounds */ };

typedef struct {
    uint64_t a, b, c, d;
} ekok_sip;

static inline uint64_t ekok_sip_rotated(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void ekok_sip_rounds(ekok_sip *v, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        v->a += v->b;
        v->c += v->d;
        v->b = ekok_sip_rotated(v->b, 13) ^ v->a;
        v->d = ekok_sip_rotated(v->d, 16) ^ v->c;
        v->a = ekok_sip_rotated(v->a, 32);
        v->c += v->b;
        v->a += v->d;
        v->b = ekok_sip_rotated(v->b, 17) ^ v->c;
        v->d = ekok_sip_rotated(v->d, 21) ^ v->a;
        v->c = ekok_sip_rotated(v->c, 32);
    }
}

static inline void ekok_sip_absorb(ekok_sip *v, uint64_t word)
{
    v->d ^= word;
    ekok_sip_rounds(v, 2);
    v->a ^= word;
}

/* Eight bytes, the first the lowest. Compilers make one load of it where the machine keeps words so. */
static inline uint64_t ekok_sip_word(const void *bytes)
{
    const uint8_t *b = bytes;

    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

static inline ekok_sip ekok_sip_begin(const uint8_t key[EKOK_SIP_KEY_BYTES])
{
    const uint64_t low = ekok_sip_word(key), high = ekok_sip_word(key + EKOK_SIP_WORD);

    return (ekok_sip){low ^ UINT64_C(0x736f6d6570736575), high ^ UINT64_C(0x646f72616e646f6d),
                      low ^ UINT64_C(0x6c7967656e657261), high ^ UINT64_C(0x7465646279746573)};
}

static inline uint64_t ekok_sip_mixed(const ekok_sip *v)
{
    return v->a ^ v->b ^ v->c ^ v->d;
}

#endif
