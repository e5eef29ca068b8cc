/*
 * guard.h - the hooks that keep passwords and roles to the functions of schema access. They work where ekok
 * is in shared_preload_libraries, and only there.
 */
#ifndef EKOK_ACCESS_GUARD_H
#define EKOK_ACCESS_GUARD_H

#include "postgres.h"

/* Called once, while shared_preload_libraries are loaded. */
void guard_start(void);

/* While open, a password passes the hook: set by password.c around its own statement, and by nobody else. */
void guard_open(bool open);

#endif
