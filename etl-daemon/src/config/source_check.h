/*
 * source_check.h - what only a whole definition shows: do connector, style, format, authentication, limits and schedule
 * go together? Refuses what would be read and then do nothing.
 */
#ifndef ETL_CONFIG_SOURCE_CHECK_H
#define ETL_CONFIG_SOURCE_CHECK_H

#include "config/source_key.h"

MUST_CHECK bool source_check(const source_keys *keys, source_def *def, const char *origin, failure *f);

#endif
