/*
 * mis.h - the ten systems as their teams built them: address, paging, limits, envelope, and the shape of a record.
 */
#ifndef SIM_MIS_H
#define SIM_MIS_H

#include "json.h"
#include "record.h"

enum { RECORD_ID = 48 };

typedef enum { PAGED_BY_PAGE, PAGED_BY_OFFSET, PAGED_BY_CURSOR, PAGED_BY_SINCE } paged_by;

/* What an envelope may tell. */
typedef struct {
    uint64_t total, at, size;
    const char *next; /* cursor of the next page, NULL at the end */
} page_facts;

typedef struct {
    const char *path;
    paged_by style;
    const char *size_param, *at_param, *after_param;
    uint32_t size, size_max, first;
    bool spaced, escaped;
    const char *rows;                               /* key of the array, NULL: the page is the array */
    void (*head)(json *j, const page_facts *facts); /* what stands before the rows; NULL: nothing */
    void (*tail)(json *j, const page_facts *facts);
    void (*row)(json *j, const record *r);
    void (*id)(const record *r, char out[RECORD_ID]);
} mis;

const mis *mis_of(mis_id id);

/* Each system's part of the table, in mis_students.c, mis_allowances.c, mis_payments.c. */
extern const mis mis_hsp, mis_dshe, mis_dme, mis_dte, mis_pesp, mis_dol, mis_spbmu, mis_dss, mis_molwa,
    mis_dwa;

#endif
