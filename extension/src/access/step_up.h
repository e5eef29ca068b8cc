/*
 * step_up.h - the moment until which this session's holder is taken to be who the second factor says.
 */
#ifndef EKOK_ACCESS_STEP_UP_H
#define EKOK_ACCESS_STEP_UP_H

#include "utils/timestamp.h"

void step_up_session(TimestampTz until);

#endif
