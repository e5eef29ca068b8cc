/*
 * feed.h - what the fuzzers of decoders share: the demand that ends a run, the digest of what was handed over, and a
 * page given to a decoder in pieces. Each piece is a copy of exactly its size, so that the sanitizer sees a read
 * beyond it.
 */
#ifndef EKOK_FUZZ_FEED_H
#define EKOK_FUZZ_FEED_H

#include "decode/decode.h"

enum { FEED_HASH_START = 1 };

/* Ends the run where something that always holds does not. */
void must(bool holds);
/* Mixes the bytes and their count into the digest. */
void mix(uint64_t *hash, const void *bytes, size_t count);
/* True when the whole page was taken; `*f` says why not. The decoder stays the caller's. */
bool feed_page(decoder *d, span page, size_t chunk, failure *f);

#endif
