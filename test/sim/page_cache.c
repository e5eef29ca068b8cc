/*
 * page_cache.c - see page_cache.h. Chained lists under one lock: it is held for a look, never while a page is made.
 */
#include "page_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTS = 65536 };

typedef struct kept {
    struct kept *next;
    char key[PAGE_KEY_TEXT];
    char *bytes;
    size_t size;
} kept;

struct page_cache {
    pthread_mutex_t lock;
    size_t left;
    kept *list[LISTS];
};

page_cache *page_cache_new(size_t room)
{
    page_cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->left = room;
    (void)pthread_mutex_init(&c->lock, NULL);
    return c;
}

void page_cache_free(page_cache *c)
{
    for (size_t i = 0; c && i < LISTS; i++) {
        while (c->list[i]) {
            kept *k = c->list[i];
            c->list[i] = k->next;
            free(k->bytes);
            free(k);
        }
    }
    free(c);
}

static kept **list_of(page_cache *c, const char *key)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211U;
    return &c->list[hash % LISTS];
}

static const kept *look(page_cache *c, const char *key)
{
    const kept *k = *list_of(c, key);
    while (k && strcmp(k->key, key) != 0)
        k = k->next;
    return k;
}

const char *page_cache_find(page_cache *c, const char *key, size_t *size)
{
    (void)pthread_mutex_lock(&c->lock);
    const kept *k = look(c, key);
    (void)pthread_mutex_unlock(&c->lock);
    if (k)
        *size = k->size;
    return k ? k->bytes : NULL;
}

const char *page_cache_keep(page_cache *c, const char *key, const json *body)
{
    kept *k = malloc(sizeof *k);
    if (!k)
        return NULL;
    *k = (kept){.bytes = body->p, .size = body->n};
    snprintf(k->key, sizeof k->key, "%s", key);
    (void)pthread_mutex_lock(&c->lock);
    bool fits = body->n <= c->left && !look(c, key);
    if (fits) {
        kept **list = list_of(c, key);
        k->next = *list;
        *list = k;
        c->left -= body->n;
    } else {
        free(k);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return fits ? body->p : NULL;
}
