/*
 * ask.h - a secret typed by a person: a password, a one-time code. Never from an argument or the environment,
 * which others can see.
 */
#ifndef ETL_CLI_ASK_H
#define ETL_CLI_ASK_H

#include "base/failure.h"

enum { ASK_ROOM = 256 };

/*
 * One line of standard input into out, without its line feed; on a terminal after the question, and not
 * shown. The caller wipes it with ask_wipe. False with EXIT_USAGE when there is none, or it is longer than
 * ASK_ROOM - 1 bytes.
 */
MUST_CHECK bool ask_secret(const char *question, char out[ASK_ROOM], failure *f);

void ask_wipe(char text[ASK_ROOM]);

#endif
