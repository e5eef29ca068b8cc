/*
 * serve.h - the ten systems as HTTPS servers on 127.0.0.1, each on a port of the kernel's choice.
 * TLS 1.2 or later; a client without a certificate of our CA, or with a name that is no consumer's, does not get past
 * the handshake. Refuses to listen anywhere else.
 */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include "ranks.h"

typedef struct {
    const char *certs, *state;                       /* folders */
    const char *epoch_file, *fault_file, *auth_file; /* may be NULL */
    uint64_t keep_mib;                               /* room for pages that were made once; 0: none is kept */
} serve_options;

/* Until SIGTERM or SIGINT; reads its certificates again at SIGHUP (tls.h). 0, or 1 with a line on standard error. */
int serve(const world *w, const rank_index *index, const serve_options *options);

#endif
