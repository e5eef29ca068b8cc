/*
 * tls.c - see tls.h. What was in force before stays in memory: handshakes may be using it.
 */
#include "tls.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, PEERS_MAX = 8 };

static const char *const consumers[] = {"ekok-etld"};

typedef struct identity {
    gnutls_pcert_st certificate;
    gnutls_privkey_t key;
    gnutls_x509_trust_list_t clients;
    bool has_certificate;
    struct identity *before;
} identity;

struct tls {
    const char *folder;
    pthread_mutex_t lock;
    identity *now;
};

static bool load(const char *folder, const char *name, gnutls_datum_t *out)
{
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (gnutls_load_file(path, out) == 0)
        return true;
    fprintf(stderr, "ekok-sim: %s: cannot be read; make the certificates with test/sim/make_certs.sh\n",
            path);
    return false;
}

static bool read_certificate(identity *id, const char *folder)
{
    gnutls_datum_t pem = {NULL, 0};
    id->has_certificate = load(folder, "server.pem", &pem) &&
                          gnutls_pcert_import_x509_raw(&id->certificate, &pem, GNUTLS_X509_FMT_PEM, 0) == 0;
    gnutls_free(pem.data);
    return id->has_certificate;
}

static bool read_key(identity *id, const char *folder)
{
    gnutls_datum_t pem = {NULL, 0};
    bool good = load(folder, "server.key", &pem) && gnutls_privkey_init(&id->key) == 0 &&
                gnutls_privkey_import_x509_raw(id->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) == 0;
    gnutls_free(pem.data);
    return good;
}

/* A pair that does not fit would be found by each client in turn. */
static bool fits(const identity *id)
{
    unsigned char ours[64], keys[64];
    size_t our_size = sizeof ours, key_size = sizeof keys;
    gnutls_pubkey_t public = NULL;
    bool good = gnutls_pubkey_init(&public) == 0 &&
                gnutls_pubkey_import_privkey(public, id->key, 0, 0) == 0 &&
                gnutls_pubkey_get_key_id(public, 0, keys, &key_size) == 0 &&
                gnutls_pubkey_get_key_id(id->certificate.pubkey, 0, ours, &our_size) == 0 &&
                our_size == key_size && memcmp(ours, keys, our_size) == 0;
    gnutls_pubkey_deinit(public);
    return good;
}

static bool read_clients(identity *id, const char *folder)
{
    char path[PATH_ROOM];
    gnutls_datum_t pem = {NULL, 0};
    snprintf(path, sizeof path, "%s/clients.pem", folder);
    bool good = load(folder, access(path, R_OK) == 0 ? "clients.pem" : "ca.pem", &pem) &&
                gnutls_x509_trust_list_init(&id->clients, 0) == 0 &&
                gnutls_x509_trust_list_add_trust_mem(id->clients, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0) > 0;
    gnutls_free(pem.data);
    return good;
}

static void identity_free(identity *id)
{
    if (!id)
        return;
    if (id->has_certificate)
        gnutls_pcert_deinit(&id->certificate);
    if (id->key)
        gnutls_privkey_deinit(id->key);
    if (id->clients)
        gnutls_x509_trust_list_deinit(id->clients, 1);
    free(id);
}

static identity *identity_read(const char *folder)
{
    identity *id = calloc(1, sizeof *id);
    if (id && read_certificate(id, folder) && read_key(id, folder) && read_clients(id, folder) && fits(id))
        return id;
    fprintf(stderr, "ekok-sim: %s: certificate, key and authorities are not sound together\n", folder);
    identity_free(id);
    return NULL;
}

tls *tls_new(const char *folder)
{
    tls *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    *t = (tls){.folder = folder, .lock = PTHREAD_MUTEX_INITIALIZER, .now = identity_read(folder)};
    if (t->now)
        return t;
    free(t);
    return NULL;
}

void tls_free(tls *t)
{
    while (t && t->now) {
        identity *before = t->now->before;
        identity_free(t->now);
        t->now = before;
    }
    free(t);
}

bool tls_reload(tls *t)
{
    identity *id = identity_read(t->folder);
    if (!id)
        return false;
    pthread_mutex_lock(&t->lock);
    id->before = t->now;
    t->now = id;
    pthread_mutex_unlock(&t->lock);
    return true;
}

static identity *in_force(gnutls_session_t session)
{
    tls *t = gnutls_session_get_ptr(session);
    pthread_mutex_lock(&t->lock);
    identity *id = t->now;
    pthread_mutex_unlock(&t->lock);
    return id;
}

int tls_retrieve(TLS_RETRIEVE_PARAMETERS)
{
    identity *id = in_force(session);
    (void)wanted, (void)wanted_count, (void)algorithms, (void)algorithm_count;
    *chain = &id->certificate;
    *chain_size = 1;
    *key = id->key;
    return 0;
}

static bool known_consumer(gnutls_x509_crt_t certificate)
{
    char name[128] = "";
    size_t size = sizeof name;
    bool known = false;
    if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) == 0)
        for (size_t i = 0; i < sizeof consumers / sizeof consumers[0]; i++)
            known = known || strcmp(name, consumers[i]) == 0;
    return known;
}

/* libmicrohttpd only closes the connection; the client is told why before that. */
static int turn_away(gnutls_session_t session, gnutls_alert_description_t why)
{
    (void)gnutls_alert_send(session, GNUTLS_AL_FATAL, why); /* the handshake fails either way */
    return GNUTLS_E_CERTIFICATE_ERROR;
}

static int judge(gnutls_session_t session, gnutls_x509_crt_t *peer, unsigned count)
{
    unsigned status = 0;
    if (gnutls_x509_trust_list_verify_crt(in_force(session)->clients, peer, count, 0, &status, NULL) < 0 ||
        status != 0)
        return turn_away(session, GNUTLS_A_UNKNOWN_CA);
    return known_consumer(peer[0]) ? 0 : turn_away(session, GNUTLS_A_ACCESS_DENIED);
}

/* Called within the handshake; anything but 0 ends it. */
static int verify_client(gnutls_session_t session)
{
    gnutls_x509_crt_t peer[PEERS_MAX];
    unsigned count = 0, read = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &count);
    if (!list || count == 0 || count > PEERS_MAX)
        return turn_away(session, GNUTLS_A_CERTIFICATE_REQUIRED);
    while (read < count && gnutls_x509_crt_init(&peer[read]) == 0) {
        read++;
        if (gnutls_x509_crt_import(peer[read - 1], &list[read - 1], GNUTLS_X509_FMT_DER) != 0)
            break;
    }
    int answer = read == count ? judge(session, peer, count) : turn_away(session, GNUTLS_A_BAD_CERTIFICATE);
    for (unsigned i = 0; i < read; i++)
        gnutls_x509_crt_deinit(peer[i]);
    return answer;
}

void tls_guard(tls *t, gnutls_session_t session)
{
    gnutls_session_set_ptr(session, t);
    gnutls_certificate_server_set_request(session,
                                          GNUTLS_CERT_REQUEST); /* verify_client refuses having none */
    gnutls_session_set_verify_function(session, verify_client);
}
