/*
 * step_up.c - until when this session counts as one whose holder showed a one-time code. Kept in the memory of the backend,
 * where no setting, table or other session reaches it; gone with the session.
 */
#include "postgres.h"

#include "access/step_up.h"

#include "fmgr.h"

static TimestampTz stepped_up_until = 0;

void step_up_session(TimestampTz until)
{
    stepped_up_until = until;
}

PG_FUNCTION_INFO_V1(stepped_up);

Datum stepped_up(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GetCurrentTimestamp() < stepped_up_until);
}
