/*
 * step_up.c - until when this session counts as one whose holder showed a one-time code. Kept in the memory
 * of the backend, where no setting, table or other session reaches it; gone with the session.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/timestamp.h"

static TimestampTz stepped_up_until = 0;

PG_FUNCTION_INFO_V1(stepped_up);

Datum stepped_up(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GetCurrentTimestamp() < stepped_up_until);
}

PG_FUNCTION_INFO_V1(step_up);

/*
 * step_up(seconds): from now on, for so long; 0 ends it. Called by access.step_up alone, behind a code that
 * was right.
 */
Datum step_up(PG_FUNCTION_ARGS)
{
    int seconds = PG_GETARG_INT32(0);

    stepped_up_until = seconds <= 0 ? 0 : GetCurrentTimestamp() + (TimestampTz)seconds * USECS_PER_SEC;
    PG_RETURN_VOID();
}
