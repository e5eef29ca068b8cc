/*
 * permute.c - see permute.h.
 */
#include "permute.h"

#include "rng.h"

static uint64_t round_trip(uint64_t key, unsigned half, uint64_t x)
{
    uint64_t mask = (1U << half) - 1, left = x >> half, right = x & mask;
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t next = left ^ (mix64(key + right * 0x9e3779b97f4a7c15U + i) & mask);
        left = right;
        right = next;
    }
    return (left << half) | right;
}

uint64_t permute(uint64_t key, uint64_t n, uint64_t x)
{
    unsigned half = 1;
    while ((1ULL << (2 * half)) < n)
        half++;
    do
        x = round_trip(key, half, x);
    while (x >= n);
    return x;
}
