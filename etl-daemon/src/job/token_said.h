/*
 * token_said.h - reads a token's answer in a cell that has read nothing else and reads nothing else: what it saw is a
 * secret.
 */
#ifndef ETL_JOB_TOKEN_SAID_H
#define ETL_JOB_TOKEN_SAID_H

#include "cell/cell.h"
#include "source/auth_token.h"

/* The house outlives the reader. */
token_reader token_reader_in(house *home);

#endif
