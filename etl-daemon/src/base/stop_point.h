/*
 * stop_point.h - named places at which a test can kill or hold the daemon.
 *
 * EKOK_STOP_POINT=name:n:kill   the n-th passage of `name` ends the process by SIGKILL
 * EKOK_STOP_POINT=name:n:hold   the n-th passage creates the file $EKOK_STOP_FILE and waits until it is gone
 * Unset, a passage costs one comparison. The names are listed in stop_point.def.
 */
#ifndef ETL_BASE_STOP_POINT_H
#define ETL_BASE_STOP_POINT_H

void stop_point(const char *name);

#endif
