/*
 * signing.h - ekok keys add, rotate, destroy audit: the key that signs the trace, by whoever holds its file. The file
 * beside it that ends in .new holds the next key, those that end in .NUMBER hold the ones before. Refuses to write over
 * any of them, and tells no private half.
 */
#ifndef ETL_CLI_SIGNING_H
#define ETL_CLI_SIGNING_H

#include "cli/command.h"
#include "cli/listing.h"

/* For ekok keys status. */
extern const listing signing_keys;

/* Is the third word `audit`? */
bool signing_is_meant(const command_line *line);

/* KEYFILE: makes the next key and its public half, pre-active. */
MUST_CHECK bool signing_add(command_session *s, const command_line *line, failure *f);

/* KEYFILE [lost]: the next key takes its place; interrupted, the same command goes on. lost: without the old one. */
MUST_CHECK bool signing_rotate(command_session *s, const command_line *line, failure *f);

/* VERSION KEYFILE [SIZE]: a retired one, whose checkpoints count up to SIZE entries; else of all its time. */
MUST_CHECK bool signing_destroy(command_session *s, const command_line *line, failure *f);

#endif
