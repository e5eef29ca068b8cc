/*
 * sight.h - who saw whom, from two traces: the readings that the database has recorded, and the openings that the key
 * agent has. Joined here and not by the server, which a superuser of it could make say anything.
 *
 * Promises that each opening in the time asked for is shown with its reading, or as one that has none; and each
 * reading of a sealed value with its opening, or as one that has none. Refuses a trace that does not verify. What
 * the server leaves out of its readings and the agent never opened, it cannot know: ekok verify-audit tells that.
 */
#ifndef ETL_CLI_SIGHT_H
#define ETL_CLI_SIGHT_H

#include "cli/command.h"
#include "cli/openings.h"

typedef enum { SIGHT_OF_CITIZEN, SIGHT_OF_LOGIN, SIGHT_OF_ALL } sight_ask;

typedef struct {
    pairing_event event; /* who: the login */
    const char *time, *holder, *seen, *row, *person;
    bool sealed; /* a sealed value: an opening belongs to it */
    bool asked;  /* is to be shown: within the time, and by the login asked for */
} reading;

typedef struct {
    sight_ask ask;
    const char *subject; /* person, enrolment or login; NULL: all */
    bool with_trace;
    openings trace;
    reading *reading;
    size_t readings;
    pg_rows *rows; /* what the texts of readings stand in */
    char **row;    /* ids that are looked for, in order; NULL: all */
    size_t rows_wanted;
    int64_t since, until; /* seconds since 1970 */
    size_t unread;        /* openings asked for without a reading, */
    size_t unopened;      /* readings asked for without an opening */
} sight;

MUST_CHECK bool sight_gather(sight *out, command_session *s, const command_line *line, failure *f);
void sight_free(sight *s);

/* Whether an opening belongs into the answer when it has no reading: in time, and by the login asked for. */
bool sight_asks_for(const sight *s, const opening *o);

#endif
