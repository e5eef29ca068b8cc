/*
 * permute.h - a keyed one-to-one shuffle of 0 .. n-1 without a table: numbers given out by it never collide.
 */
#ifndef SIM_PERMUTE_H
#define SIM_PERMUTE_H

#include <stdint.h>

/* x below n, n at most 2^40. A balanced Feistel network of four rounds, walked until it lands below n. */
uint64_t permute(uint64_t key, uint64_t n, uint64_t x);

#endif
