/*
 * page_cache.h - pages that were made once, kept for a benchmark that measures who asks and not who makes them. A page
 * is the same for the same system, query and epoch, which are its key: nobody can tell. Never forgets a page; keeps no
 * more of them than fit in the room it was given.
 */
#ifndef SIM_PAGE_CACHE_H
#define SIM_PAGE_CACHE_H

#include "json.h"

enum { PAGE_KEY_TEXT = 256 };

typedef struct page_cache page_cache;

/* room: bytes; NULL without memory. */
page_cache *page_cache_new(size_t room);
void page_cache_free(page_cache *c); /* NULL is fine */

/* The page's bytes, which stay as long as the cache, or NULL: not kept. */
const char *page_cache_find(page_cache *c, const char *key, size_t *size);

/* Takes the body over and returns its bytes; NULL, with the body the caller's, when there is no room. */
const char *page_cache_keep(page_cache *c, const char *key, const json *body);

#endif
