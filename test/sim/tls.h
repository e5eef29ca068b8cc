/*
 * tls.h - who the systems are in TLS and whose clients they take; read again when they are told to, as web servers do:
 * new connections show the new certificate, those that are there go on.
 *
 * In the folder of certificates: server.pem and server.key; clients.pem, the authorities of clients, ca.pem where there
 * is none. Refuses clients without a certificate of theirs, and those whose name is no consumer's, within the
 * handshake.
 */
#ifndef SIM_TLS_H
#define SIM_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>

typedef struct tls tls;

tls *tls_new(const char *folder); /* NULL: a line on standard error */
void tls_free(tls *t);

/* False, with a line on standard error: what was in force stays so. */
bool tls_reload(tls *t);

/* At the beginning of each connection: its client will be judged. */
void tls_guard(tls *t, gnutls_session_t session);

/* For libmicrohttpd, of sessions that are guarded; GnuTLS's own list of parameters. */
#define TLS_RETRIEVE_PARAMETERS                                                                              \
    gnutls_session_t session, const gnutls_datum_t *wanted, int wanted_count,                                \
        const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,               \
        unsigned *chain_size, gnutls_privkey_t *key
int tls_retrieve(TLS_RETRIEVE_PARAMETERS);

#endif
