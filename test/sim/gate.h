/*
 * gate.h - what a system wants to see beside a certificate before it answers: a token, a key, a signature. Off unless
 * the auth file says so, which is read at each request: lines `SOURCE oauth2|grant|key|hmac|jws [USES]`. While
 * credentials are changed an owner takes the old and the new: each line `SOURCE secret TEXT` is one that is taken (a
 * key, a client's secret, a user's password); where there is none, only that below.
 *
 * Everybody's client id is sim-client and secret sim-secret, user sim-user and password sim-password, application key
 * sim-app-key and secret sim-app-secret. A token serves USES pages and is then expired (0: it never is). Tokens:
 *   oauth2  POST /token, a form; 401 invalid_client where the secret is another
 *   grant   POST /grant and /refresh, JSON; the third grant within an hour of this process is refused, as bKash does
 * A signed request is refused when X-Date lies more than five minutes away.
 */
#ifndef SIM_GATE_H
#define SIM_GATE_H

#include <microhttpd.h>
#include <pthread.h>

typedef struct {
    const char *name;      /* of the system */
    const char *auth_file; /* NULL: nothing is asked for */
    const char *certs;     /* jws.pub.pem lies here */
    pthread_mutex_t lock;
    int granted, refreshed, refused, served; /* served: pages with the latest token */
} gate;

enum { GATE_BODY_MAX = 4096 };

/* NULL: let it pass; else the body of a 401. */
const char *gate_check(gate *g, struct MHD_Connection *connection, const char *path);

/* Is this a place where tokens are asked for? */
int gate_has(const char *path);

/* The answer to a POST there: its status, and *body to be sent, freed by the caller. */
unsigned gate_grant(gate *g, struct MHD_Connection *connection, const char *path, const char *asked,
                    char **body);

#endif
