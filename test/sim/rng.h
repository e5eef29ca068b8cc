/*
 * rng.h - numbers that look random and are a pure function of what they are asked for: no state between calls,
 * the same on every machine. Fit for making test data; refuses any use as a secret.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* What a number is drawn for; one purpose never disturbs another. */
typedef enum {
    DRAW_SLOT = 1,
    DRAW_HOUSEHOLD,
    DRAW_PERSON,
    DRAW_BIRTH,
    DRAW_NAME,
    DRAW_SPELLING,
    DRAW_OVERLAP,
    DRAW_NID,
    DRAW_SERIAL,
    DRAW_BRN,
    DRAW_MOBILE,
    DRAW_ACCOUNT,
    DRAW_RECORD,
    DRAW_DEFECT,
    DRAW_CHANGE,
    DRAW_NAMESAKE,
    DRAW_FAULT,
    DRAW_REGISTER,
    DRAW_LISTED
} draw_purpose;

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static inline uint64_t draw(uint64_t seed, draw_purpose purpose, uint64_t number)
{
    return mix64(mix64(seed + 0x9e3779b97f4a7c15U * (uint64_t)purpose) ^ (number * 0xd1342543de82ef95U + 1));
}

typedef struct {
    uint64_t state;
} rng;

static inline rng rng_for(uint64_t seed, draw_purpose purpose, uint64_t number)
{
    return (rng){draw(seed, purpose, number)};
}

static inline uint64_t rng_next(rng *r)
{
    r->state += 0x9e3779b97f4a7c15U;
    return mix64(r->state);
}

/* 0 to n - 1. */
static inline uint32_t rng_below(rng *r, uint32_t n)
{
    return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

static inline bool rng_chance(rng *r, uint32_t per_mille)
{
    return rng_below(r, 1000) < per_mille;
}

#endif
