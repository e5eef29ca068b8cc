/* seat.c - see seat.h. */
#include "seat.h"

#include <time.h>

#include "base/log.h"
#include "load/load_run.h"

enum { LOOK_EVERY_MS = 100, ASK_EVERY_MS = 1000 };

static void rest(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now); /* goes on while the machine sleeps, as the lease does */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One try, over a new session where the last one is gone. */
static bool ask(seat *s)
{
    failure f;
    bool ours = false;
    if (s->pg && pg_lost(s->pg)) {
        pg_close(s->pg);
        s->pg = NULL;
    }
    if (!s->pg)
        s->pg = pg_open(s->conninfo, "ekok-etld seat", &f);
    if (s->pg && load_seat_keep(s->pg, s->lease_seconds, &ours, &f))
        return ours;
    log_event(LOG_WARNING, NULL, "seat_not_asked", "problem=\"%s\"", f.text);
    return false;
}

/* Renews it three times in its life. */
static void *keep(void *context)
{
    seat *s = context;
    int64_t kept = now_ms(), next = kept + s->lease_seconds * 1000 / 3;
    while (!s->ended) {
        rest();
        int64_t now = now_ms();
        if (now < next)
            continue;
        next = now + s->lease_seconds * 1000 / 3;
        bool overslept = now - kept > s->lease_seconds * 1000; /* another may have it, and had it meanwhile */
        if (ask(s) && !overslept) {
            kept = now_ms();
        } else if (now_ms() - kept > s->lease_seconds * 1000) {
            log_event(LOG_WARNING, NULL, "seat_lost", "lease_seconds=%d", s->lease_seconds);
            s->orders->stop = 1;
            return NULL;
        }
    }
    return NULL;
}

bool seat_take(seat *s, const char *conninfo, int lease_seconds, job_orders *orders)
{
    *s = (seat){.conninfo = conninfo, .lease_seconds = lease_seconds, .orders = orders};
    bool told = false;
    while (!orders->stop) {
        if (ask(s)) {
            log_event(LOG_INFO, NULL, "seat_taken", "stood_by=%s", told ? "yes" : "no");
            s->kept = pthread_create(&s->thread, NULL, keep, s) == 0;
            return s->kept;
        }
        if (!told)
            log_event(LOG_INFO, NULL, "standing_by", "lease_seconds=%d", lease_seconds);
        told = true;
        for (int waited = 0; waited < ASK_EVERY_MS && !orders->stop; waited += LOOK_EVERY_MS)
            rest();
    }
    return false;
}

void seat_leave(seat *s)
{
    s->ended = true;
    if (s->kept)
        (void)pthread_join(s->thread, NULL);
    s->kept = false;
    pg_close(s->pg); /* the lease ends with its session */
    s->pg = NULL;
}
