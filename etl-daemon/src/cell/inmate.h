/*
 * inmate.h - the process in which foreign bytes are decoded: it answers on one socket what it is asked on it, until
 * that is closed.
 *
 * Promises to enter the jail before the first foreign byte, and to wipe a page when it is done with it. Refuses to
 * go on after anything it does not understand: it ends, and whoever asked gets a new one.
 */
#ifndef ETL_CELL_INMATE_H
#define ETL_CELL_INMATE_H

/* Never returns. The socket is the process's only open descriptor. */
_Noreturn void inmate_run(int fd);

#endif
