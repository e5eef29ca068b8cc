/*
 * shown.h - how many rows of people this session was shown, recorded by the thousand.
 */
#ifndef EKOK_ACCESS_SHOWN_H
#define EKOK_ACCESS_SHOWN_H

/* Called once, while shared_preload_libraries are loaded. */
void shown_start(void);

#endif
