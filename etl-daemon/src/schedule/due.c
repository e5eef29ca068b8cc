/* due.c - see due.h. */
#include "schedule/due.h"

/* The next time of its schedule after it began. A schedule was checked when its definition was read. */
static int64_t next_time(const source_schedule *s, int interval_seconds, int64_t began)
{
    cron c;
    if (!s->cron[0])
        return began + interval_seconds;
    int64_t next = cron_parse(s->cron, &c) ? -1 : cron_next(&c, s->hours, began);
    return next < 0 ? INT64_MAX : next;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wanted_at(const source_schedule *s, int interval_seconds, const due_past *past)
{
    switch (past->end) {
    case PAST_NONE:
        return s->cron[0] ? next_time(s, interval_seconds, past->began) : 0;
    case PAST_DONE:
        return next_time(s, interval_seconds, past->began);
    case PAST_CUT:
        return 0;
    case PAST_FAILED:
        return earlier(next_time(s, interval_seconds, past->began), past->ended + interval_seconds);
    case PAST_HELD:
        break;
    }
    return INT64_MAX;
}

int64_t due_at(const source_schedule *schedule, int interval_seconds, const due_past *past)
{
    int64_t at = wanted_at(schedule, interval_seconds, past);
    return at > past->not_before ? at : past->not_before;
}

int64_t due_tomorrow(int64_t now)
{
    return (now / DAY_SECONDS + 1) * DAY_SECONDS;
}
