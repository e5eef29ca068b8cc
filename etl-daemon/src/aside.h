/*
 * aside.h - what ekok-etld does beside pulling, for the operator's command: one page of a source tried, and what was
 * set aside taken up again. Both write what came of it to standard output, for a program.
 */
#ifndef ETL_ASIDE_H
#define ETL_ASIDE_H

#include "setting.h"

/* Loads nothing; its request counts against the source's limits. */
exit_code aside_try(setting *s, arguments *a, failure *f);

exit_code aside_replay(setting *s, arguments *a, failure *f);

#endif
