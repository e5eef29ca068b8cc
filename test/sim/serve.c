/*
 * serve.c - see serve.h: listeners, the files that say where they are.
 */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "registers.h"
#include "spdci.h"
#include "tls.h"

static const char PRIORITIES[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
enum { PATH_ROOM = 4096, CONNECTIONS = 64 };

/* Those who are asked by POST alone, and what answers for them. */
typedef struct {
    enum MHD_Result (*answer)(void *who, struct MHD_Connection *connection, const char *url,
                              const char *body);
    void *who;
} post_box;

typedef struct {
    atomic_bool stop;
    tls *tls;
    answering a[MIS_COUNT];
    gate gates[MIS_COUNT];
    struct MHD_Daemon *daemon[MIS_COUNT];
    registers *registers; /* births, SIMs, wallets, voters, lists */
    struct MHD_Daemon *register_daemon;
    spdci *listed; /* a registry that speaks SP-DCI */
    struct MHD_Daemon *listed_daemon;
    post_box box[2]; /* of the registers, of that registry */
    page_cache *cache;
} server;

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    (void)socket_context;
    if (code != MHD_CONNECTION_NOTIFY_STARTED)
        return;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info)
        tls_guard(context, info->tls_session);
}

/* libmicrohttpd's own list of parameters, longer than ours may be */
#define REQUEST_PARAMETERS                                                                                   \
    void *context, struct MHD_Connection *connection, const char *url, const char *method,                   \
        const char *version, const char *upload, size_t *upload_size, void **request

/* A body that is gathered until it is whole. */
typedef struct {
    size_t size;
    char text[REGISTER_BODY_MAX + 1];
} gathered;

/* False: it is too large. */
static bool gather(gathered *g, const char *upload, size_t *upload_size)
{
    if (*upload_size > REGISTER_BODY_MAX - g->size)
        return false;
    memcpy(g->text + g->size, upload, *upload_size);
    g->size += *upload_size;
    *upload_size = 0;
    return true;
}

static enum MHD_Result on_request(REQUEST_PARAMETERS)
{
    gathered *g = *request;
    const answering *a = context;
    (void)version;
    if (!g) { /* first call: headers only */
        *request = calloc(1, sizeof *g);
        return *request ? MHD_YES : MHD_NO;
    }
    if (*upload_size > 0)
        return gather(g, upload, upload_size) ? MHD_YES : MHD_NO;
    if (strcmp(method, "POST") == 0 && gate_has(url))
        return answer_token(a, connection, url, g->text);
    return answer(a, connection, method, url);
}

static enum MHD_Result ask_registers(void *who, struct MHD_Connection *connection, const char *url,
                                     const char *body)
{
    return registers_answer(who, connection, url, body);
}

static enum MHD_Result ask_spdci(void *who, struct MHD_Connection *connection, const char *url,
                                 const char *body)
{
    return spdci_answer(who, connection, url, body);
}

static enum MHD_Result on_post(REQUEST_PARAMETERS)
{
    gathered *g = *request;
    const post_box *box = context;
    (void)version;
    if (strcmp(method, "POST") != 0)
        return MHD_NO;
    if (!g) {
        *request = calloc(1, sizeof *g);
        return *request ? MHD_YES : MHD_NO;
    }
    if (*upload_size > 0)
        return gather(g, upload, upload_size) ? MHD_YES : MHD_NO;
    return box->answer(box->who, connection, url, g->text);
}

static void on_answered(void *context, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode why)
{
    (void)context, (void)connection, (void)why;
    free(*request);
    *request = NULL;
}

/* Who answers on a port. */
typedef struct {
    MHD_AccessHandlerCallback handler;
    void *context;
} answerer;

static struct MHD_Daemon *start(const server *s, answerer who)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct MHD_OptionItem secure[] = {{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)tls_retrieve},
                                      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES},
                                      {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem ended[] = {{MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_answered, NULL},
                                     {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_TLS | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0,
                            NULL, NULL, who.handler, who.context, MHD_OPTION_ARRAY, secure, MHD_OPTION_ARRAY,
                            ended, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, s->tls, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                            MHD_OPTION_CONNECTION_TIMEOUT, 120U, MHD_OPTION_END);
}

/* Whole or not at all: written beside, then renamed. */
static bool write_file(const char *folder, const char *name, const char *text)
{
    char path[PATH_ROOM], temporary[PATH_ROOM + 8];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "we");
    bool good = f && fputs(text, f) >= 0;
    good = f && fclose(f) == 0 && good;
    good = good && rename(temporary, path) == 0;
    if (!good)
        fprintf(stderr, "ekok-sim: %s: %s\n", path, strerror(errno));
    return good;
}

static unsigned port_of(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? (unsigned)info->port : 0;
}

static bool announce(const server *s, const char *folder)
{
    char text[1024] = "", pid[32], port[32], listed[32];
    size_t n = 0;
    for (int m = 0; m < MIS_COUNT; m++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s %u\n", mis_habits_of((mis_id)m)->name,
                              port_of(s->daemon[m]));
    snprintf(port, sizeof port, "%u\n", port_of(s->register_daemon));
    snprintf(listed, sizeof listed, "%u\n", port_of(s->listed_daemon));
    snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    return write_file(folder, "pid", pid) && write_file(folder, "register-port", port) &&
           write_file(folder, "spdci-port", listed) && write_file(folder, "ports", text);
}

static void forget(const char *folder)
{
    static const char *const names[] = {"ports", "pid", "register-port", "spdci-port"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (unlink(path) != 0)
            fprintf(stderr, "ekok-sim: %s: %s\n", path, strerror(errno));
    }
}

static bool listen_all(server *s, const world *w, const rank_index *index, const serve_options *options)
{
    s->cache = options->keep_mib > 0 ? page_cache_new((size_t)options->keep_mib << 20) : NULL;
    for (int m = 0; m < MIS_COUNT; m++) {
        s->gates[m] = (gate){.name = mis_habits_of((mis_id)m)->name,
                             .auth_file = options->auth_file,
                             .certs = options->certs,
                             .lock = PTHREAD_MUTEX_INITIALIZER};
        s->a[m] = (answering){w, index, options, (mis_id)m, &s->stop, &s->gates[m], s->cache};
        s->daemon[m] = start(s, (answerer){on_request, &s->a[m]});
        if (!s->daemon[m]) {
            fprintf(stderr, "ekok-sim: %s can't listen: %s\n", mis_habits_of((mis_id)m)->name,
                    errno ? strerror(errno) : "are the certificate and its key sound?");
            return false;
        }
    }
    s->registers = registers_new(w, options, &s->stop);
    s->box[0] = (post_box){ask_registers, s->registers};
    s->register_daemon = s->registers ? start(s, (answerer){on_post, &s->box[0]}) : NULL;
    s->listed = spdci_new(w, options);
    s->box[1] = (post_box){ask_spdci, s->listed};
    s->listed_daemon = s->listed ? start(s, (answerer){on_post, &s->box[1]}) : NULL;
    if (!s->register_daemon || !s->listed_daemon)
        fprintf(stderr, "ekok-sim: the registers can't listen\n");
    return s->register_daemon && s->listed_daemon;
}

static void close_all(server *s)
{
    atomic_store(&s->stop, true);
    for (int m = 0; m < MIS_COUNT; m++)
        if (s->daemon[m])
            MHD_stop_daemon(s->daemon[m]);
    if (s->register_daemon)
        MHD_stop_daemon(s->register_daemon);
    if (s->listed_daemon)
        MHD_stop_daemon(s->listed_daemon);
    registers_free(s->registers);
    spdci_free(s->listed);
    page_cache_free(s->cache);
    tls_free(s->tls);
}

int serve(const world *w, const rank_index *index, const serve_options *options)
{
    static server s; /* threads of libmicrohttpd hold it to the end */
    sigset_t signals;
    int signal_number = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    s.tls = tls_new(options->certs);
    bool good = s.tls && listen_all(&s, w, index, options) && announce(&s, options->state);
    while (good && signal_number != SIGTERM && signal_number != SIGINT)
        if (sigwait(&signals, &signal_number) == 0 && signal_number == SIGHUP)
            fprintf(stderr, "tls reloaded=%s\n", tls_reload(s.tls) ? "yes" : "no");
    close_all(&s);
    if (good)
        forget(options->state);
    return good ? 0 : 1;
}
