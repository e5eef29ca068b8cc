/*
 * content_row.h - a row of the registry as the record that it was loaded from. Refuses to guess: a value that does not
 * open, or is not of its column's kind, makes no row.
 */
#ifndef ETL_ROTATE_CONTENT_ROW_H
#define ETL_ROTATE_CONTENT_ROW_H

#include "load/load_member.h"
#include "rotate/value_room.h"
#include "wire/pg.h"

enum { CONTENT_TEXT = LOAD_CANONICAL + LOAD_SCORE_TEXT };

/* Columns of keyring.take_contents. */
enum {
    CONTENT_AT,
    CONTENT_X,
    CONTENT_ID,
    CONTENT_MAC,
    CONTENT_RECORD_ID,
    CONTENT_PROGRAMME,
    CONTENT_STATUS,
    CONTENT_NAME_BN,
    CONTENT_NAME_EN,
    CONTENT_FATHER_NAME,
    CONTENT_MOTHER_NAME,
    CONTENT_SEX,
    CONTENT_BIRTH_DATE,
    CONTENT_GEO,
    CONTENT_HOUSEHOLD,
    CONTENT_AMOUNT,
    CONTENT_ENROLLED_ON,
    CONTENT_NID,
    CONTENT_BRN,
    CONTENT_MOBILE,
    CONTENT_PROVIDER,
    CONTENT_WALLET,
    CONTENT_ACCOUNT,
    CONTENT_ROUTING,
    CONTENT_PMT,
    CONTENT_SURVEYED_ON
};

/* What rows are opened with, and the table that they are of: enrolments or members. */
typedef struct {
    value_room *room;
    const keyring *ring;
    const char *table;
} content_reader;

/*
 * What the content MAC of a row is made of, put into out; its size, 0 with why->text when it cannot be told. The caller
 * wipes out.
 */
size_t content_row(const content_reader *with, const pg_rows *rows, int row, char out[CONTENT_TEXT],
                   failure *why);

#endif
