/*
 * answer.h - the answer to one request of one system, sound or as its fault says.
 */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "gate.h"
#include "page_cache.h"
#include "ranks.h"
#include "serve.h"

typedef struct {
    const world *w;
    const rank_index *index;
    const serve_options *options;
    mis_id mis;
    const atomic_bool *stop; /* true: waits end */
    gate *gate;
    page_cache *cache; /* NULL: none */
} answering;

/* To be given to libmicrohttpd for each request; MHD_NO closes the connection. */
enum MHD_Result answer(const answering *a, struct MHD_Connection *connection, const char *method,
                       const char *path);

/* To a POST where tokens are asked for. */
enum MHD_Result answer_token(const answering *a, struct MHD_Connection *connection, const char *path,
                             const char *asked);

#endif
