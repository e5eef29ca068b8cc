/*
 * logins.h - who logged in, from where, with which certificate: a ring in shared memory that access.sweep
 * empties.
 */
#ifndef EKOK_ACCESS_LOGINS_H
#define EKOK_ACCESS_LOGINS_H

/* Called once, while shared_preload_libraries are loaded. */
void logins_start(void);

#endif
