/*
 * timetable.h - what the registry knows of the schedule: how each source's last run ended, which drift is held, and
 * what time it is. Of runs of other daemons as well, so that one which takes the seat, or starts again, goes on where
 * the last one was.
 */
#ifndef ETL_SCHEDULE_TIMETABLE_H
#define ETL_SCHEDULE_TIMETABLE_H

#include "job/job.h"
#include "schedule/due.h"
#include "wire/pg.h"

typedef struct {
    const char *conninfo;
    wall_clock *wall;
    pg_session *pg;
    char *drifted; /* sources whose drift is held, between blanks; NULL: not asked yet */
} timetable;

void timetable_open(timetable *t, const char *conninfo, wall_clock *wall);
void timetable_close(timetable *t);

/* Sets the wall's clock and asks which drift is held. False: the database does not answer, f. */
MUST_CHECK bool timetable_tick(timetable *t, failure *f);

/* The past of each task; one that the registry does not list is PAST_NONE since now. After a tick. */
MUST_CHECK bool timetable_read(timetable *t, const job_task *task, size_t tasks, due_past *past, failure *f);

/* Is drift of this source held, as of the last tick? */
bool timetable_held(const timetable *t, const char *source);

#endif
