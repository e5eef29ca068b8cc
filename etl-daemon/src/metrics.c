/* metrics.c - see metrics.h. */
#include "metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "wire/pg.h"

enum { ANSWER_MAX = 1 << 20, SOURCES_SEEN_MAX = 256, CONNECTIONS = 8, TIMEOUT_SECONDS = 10 };

typedef struct {
    char source[32];
    int64_t rows, inserted, updated, unchanged, quarantined, refused; /* of all runs of this process */
    int64_t pages, runs_finished, runs_failed, runs_held;
    job_progress last; /* of the run at hand, to count what is new */
} tally;

struct metrics {
    metrics_options options;
    struct MHD_Daemon *server;
    pthread_mutex_t lock;
    tally tally[SOURCES_SEEN_MAX];
    size_t tallies;
};

static tally *tally_of(metrics *w, const char *source)
{
    for (size_t i = 0; i < w->tallies; i++)
        if (strcmp(w->tally[i].source, source) == 0)
            return &w->tally[i];
    if (w->tallies == SOURCES_SEEN_MAX)
        return NULL;
    tally *t = &w->tally[w->tallies++];
    (void)snprintf(t->source, sizeof t->source, "%s", source);
    return t;
}

static void add_up(tally *t, const job_progress *p)
{
    if (p->pages < t->last.pages || p->rows < t->last.rows) /* another run has begun */
        t->last = (job_progress){.rows = 0};
    t->rows += p->rows - t->last.rows;
    t->inserted += p->inserted - t->last.inserted;
    t->updated += p->updated - t->last.updated;
    t->unchanged += p->unchanged - t->last.unchanged;
    t->quarantined += p->quarantined - t->last.quarantined;
    t->refused += p->refused - t->last.refused;
    t->pages += p->pages - t->last.pages;
    t->last = *p;
    if (p->state == JOB_FINISHED || p->state == JOB_FAILED || p->state == JOB_HELD || p->state == JOB_STOPPED)
        t->last = (job_progress){.rows = 0};
    t->runs_finished += p->state == JOB_FINISHED;
    t->runs_failed += p->state == JOB_FAILED;
    t->runs_held += p->state == JOB_HELD;
}

void metrics_note(metrics *w, const job_progress *p)
{
    if (!w)
        return;
    (void)pthread_mutex_lock(&w->lock);
    tally *t = tally_of(w, p->source);
    if (t)
        add_up(t, p);
    (void)pthread_mutex_unlock(&w->lock);
}

static bool head(buf *out, const char *name, const char *kind, const char *help)
{
    return buf_printf(out, "# HELP ekok_%s %s\n# TYPE ekok_%s %s\n", name, help, name, kind);
}

static const struct {
    const char *name, *help;
    size_t member;
} counters[] = {
    {"rows_total", "Records read.", offsetof(tally, rows)},
    {"rows_inserted_total", "Records that made an enrolment.", offsetof(tally, inserted)},
    {"rows_updated_total", "Records that changed one.", offsetof(tally, updated)},
    {"rows_unchanged_total", "Records that changed nothing.", offsetof(tally, unchanged)},
    {"rows_quarantined_total", "Records set aside.", offsetof(tally, quarantined)},
    {"rows_refused_total", "Records refused by policy.", offsetof(tally, refused)},
    {"pages_total", "Pages committed.", offsetof(tally, pages)},
    {"runs_finished_total", "Runs to the last page.", offsetof(tally, runs_finished)},
    {"runs_failed_total", "Runs that failed.", offsetof(tally, runs_failed)},
    {"runs_held_total", "Runs held for a human.", offsetof(tally, runs_held)},
};

static bool write_counter(const metrics *w, size_t c, buf *out)
{
    bool good = head(out, counters[c].name, "counter", counters[c].help);
    for (size_t i = 0; good && i < w->tallies; i++) {
        int64_t value = 0;
        memcpy(&value, (const char *)&w->tally[i] + counters[c].member, sizeof value);
        good = buf_printf(out, "ekok_%s{source=\"%s\"} %" PRId64 "\n", counters[c].name, w->tally[i].source,
                          value);
    }
    return good;
}

static bool write_tallies(metrics *w, buf *out)
{
    bool good = true;
    (void)pthread_mutex_lock(&w->lock);
    for (size_t c = 0; good && c < sizeof counters / sizeof *counters; c++)
        good = write_counter(w, c, out);
    (void)pthread_mutex_unlock(&w->lock);
    return good;
}

/* name, help, column of the query */
static const struct {
    const char *name, *help;
} gauges[] = {
    {"age_seconds", "Since the source was last pulled to its end."},
    {"breaker_open", "1 while the source is left alone."},
    {"source_failures", "Runs in a row that failed by the source's fault."},
    {"quarantined_records", "Records of the source that are set aside."},
    {"held_losses", "Enrolments that a held run would mark absent."},
    {"drift_held", "1 while drift of the source is held for a human."},
    {"promised_seconds", "How old the last whole pull may be."},
    {"late_seconds", "By how much that promise is broken; 0: it is kept."},
    {"quota_requests", "Requests a day that the owner allows."},
    {"quota_used_requests", "Requests of this day in Dhaka."},
    {"waiting", "1 while a run waits for the next day's quota, its hours or a connection."},
};
enum { GAUGES = sizeof gauges / sizeof *gauges };

static const char ASK[] =
    "SELECT source, age_seconds, (breaker <> 'closed')::int, failures, quarantined, "
    "CASE WHEN held_for = 'loss' THEN vanished ELSE 0 END, (held_for IS NOT DISTINCT FROM 'drift')::int, "
    "promised_seconds, late_seconds, daily_quota, requests, (condition LIKE 'waits for %')::int "
    "FROM report.ingestion";

/* Whether a backup was shown to come back, and when; nothing of it where the database cannot tell. */
static bool write_drill(pg_session *pg, buf *out)
{
    failure f;
    pg_rows *rows = pg_query(
        pg, "SELECT (condition = 'well')::int, passed_age_seconds FROM report.continuity", 0, NULL, &f);
    const char *age = rows ? pg_rows_get(rows, 0, 1) : NULL;
    bool good = !rows || (head(out, "drill_well", "gauge",
                               "1 while the newest drill of the backup passed and none is due.") &&
                          buf_printf(out, "ekok_drill_well %s\n", pg_rows_get(rows, 0, 0)));
    good = good && (!age || (head(out, "drill_age_seconds", "gauge", "Since a drill of the backup passed.") &&
                             buf_printf(out, "ekok_drill_age_seconds %s\n", age)));
    pg_rows_free(rows);
    return good;
}

static bool write_books(const metrics *w, buf *out)
{
    failure f;
    pg_session *pg = pg_open(w->options.conninfo, "ekok-etld metrics", &f);
    pg_rows *rows = pg ? pg_query(pg, ASK, 0, NULL, &f) : NULL;
    bool good = head(out, "database_up", "gauge", "1 when the registry's database answers.") &&
                buf_printf(out, "ekok_database_up %d\n", rows != NULL);
    for (int g = 0; rows && g < GAUGES; g++) {
        good = good && head(out, gauges[g].name, "gauge", gauges[g].help);
        for (int i = 0; good && i < pg_rows_count(rows); i++) {
            const char *value = pg_rows_get(rows, i, g + 1);
            good = !value || buf_printf(out, "ekok_%s{source=\"%s\"} %s\n", gauges[g].name,
                                        pg_rows_get(rows, i, 0), value);
        }
    }
    if (rows)
        pg_rows_free(rows);
    good = good && (!pg || write_drill(pg, out));
    pg_close(pg);
    return good;
}

/* Resident bytes of this process; its cells' are in the service's control group. */
static long resident(void)
{
    long pages = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in && fscanf(in, "%*d %ld", &pages) != 1)
        pages = 0;
    if (in)
        (void)fclose(in);
    return pages * sysconf(_SC_PAGESIZE);
}

static bool write_self(const metrics *w, buf *out)
{
    struct rusage usage = {.ru_maxrss = 0};
    (void)getrusage(RUSAGE_SELF, &usage);
    return head(out, "standing_by", "gauge", "1 while another daemon keeps the schedule.") &&
           buf_printf(out, "ekok_standing_by %d\n", (int)*w->options.standing_by) &&
           head(out, "resident_bytes", "gauge", "Memory of the daemon without its decoders.") &&
           buf_printf(out, "ekok_resident_bytes %ld\n", resident()) &&
           head(out, "resident_peak_bytes", "gauge", "The most of it so far.") &&
           buf_printf(out, "ekok_resident_peak_bytes %ld\n", usage.ru_maxrss * 1024) &&
           head(out, "interval_seconds", "gauge",
                "How often a source without a cron expression is pulled.") &&
           buf_printf(out, "ekok_interval_seconds %d\n", w->options.interval_seconds);
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *type, span body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result result = MHD_queue_response(c, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_metrics(metrics *w, struct MHD_Connection *c)
{
    buf out;
    buf_init(&out, ANSWER_MAX);
    bool good = write_self(w, &out) && write_tallies(w, &out) && write_books(w, &out);
    enum MHD_Result result =
        good ? reply(c, MHD_HTTP_OK, "text/plain; version=0.0.4", buf_span(&out))
             : reply(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "text/plain", span_of("no memory\n"));
    buf_free(&out);
    return result;
}

static enum MHD_Result reply_health(const metrics *w, struct MHD_Connection *c)
{
    failure f;
    pg_session *pg = pg_open(w->options.conninfo, "ekok-etld health", &f);
    const char *text = !pg                       ? "the database does not answer\n"
                       : *w->options.standing_by ? "standing by\n"
                                                 : "well\n";
    unsigned status = pg ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    pg_close(pg);
    return reply(c, status, "text/plain", span_of(text));
}

/* libmicrohttpd's own list of parameters, longer than ours may be */
#define REQUEST_PARAMETERS                                                                                   \
    void *context, struct MHD_Connection *connection, const char *url, const char *method,                   \
        const char *version, const char *upload, size_t *upload_size, void **request

static enum MHD_Result on_request(REQUEST_PARAMETERS)
{
    (void)version, (void)upload, (void)request;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 || *upload_size > 0)
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", span_of("GET only\n"));
    if (strcmp(url, "/metrics") == 0)
        return reply_metrics(context, connection);
    if (strcmp(url, "/health") == 0)
        return reply_health(context, connection);
    return reply(connection, MHD_HTTP_NOT_FOUND, "text/plain", span_of("/metrics or /health\n"));
}

/* Listens at the path: for our user and group. */
static int listen_at(const char *path, failure *f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (length <= 0 || (size_t)length >= sizeof address.sun_path) {
        (void)fail(f, EXIT_CONFIG, "%s: a socket's path has at most %zu bytes; see [run] metrics", path,
                   sizeof address.sun_path - 1);
        return -1;
    }
    struct stat there;
    if (lstat(path, &there) == 0 && S_ISSOCK(there.st_mode))
        (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0660) == 0 &&
        listen(fd, CONNECTIONS) == 0)
        return fd;
    (void)fail(f, EXIT_CONFIG, "%s: no socket can be made here: %s; see [run] metrics", path,
               strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

metrics *metrics_start(const metrics_options *options, failure *f)
{
    int fd = listen_at(options->socket, f);
    if (fd < 0)
        return NULL;
    metrics *w = calloc(1, sizeof *w);
    if (w && pthread_mutex_init(&w->lock, NULL) == 0) {
        w->options = *options;
        w->server =
            MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, w,
                             MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                             MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
        if (w->server)
            return w;
        (void)pthread_mutex_destroy(&w->lock);
    }
    (void)close(fd);
    free(w);
    (void)fail(f, EXIT_INTERNAL, "the socket for metrics does not start");
    return NULL;
}

void metrics_stop(metrics *w)
{
    if (!w)
        return;
    MHD_stop_daemon(w->server);
    (void)unlink(w->options.socket);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}
