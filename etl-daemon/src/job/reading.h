/*
 * reading.h - what a page comes to depends on its bytes, and on everything that this mark stands for: the
 * definition, the programs that read and judge, the keys. Pages of the same bytes and mark come to the same.
 *
 * Refuses to see a library that was replaced beneath the programs, or the passing of days: for both a page is read anew
 * after READING_DAYS at the latest (etl.stands), and one whose outcome a day within them changes is not remembered.
 */
#ifndef ETL_JOB_READING_H
#define ETL_JOB_READING_H

#include "config/source_def.h"
#include "agent/sealer.h"
#include "secret/seal.h"

enum { READING_DAYS = 15 };

/* decoder: path of the program that decodes. False: the mark cannot be made, and no page may be taken unread. */
MUST_CHECK bool reading_of(const source_def *def, const sealer *keys, const char *decoder,
                           uint8_t out[SHA256_BYTES]);

#endif
