/*
 * contract.h - does a page keep what the source's owner promised of its records? Counts broken promises record by
 * record; what breaks in half of a page's records or more is drift of the source, not a damaged record.
 */
#ifndef ETL_MAP_CONTRACT_H
#define ETL_MAP_CONTRACT_H

#include <stdint.h>

#include "config/source_def.h"
#include "row/raw.h"

enum { DRIFT_TEXT = 320, DRIFT_LINES = 2048 };

typedef struct {
    const char
        *accepted; /* drift that is none any more, a line each as contract_drift gives them; NULL: nothing */
    int64_t records;
    int64_t gone[CONTRACT_FIELDS_MAX]; /* records without the field, or with null where that is not allowed */
    int64_t retyped[CONTRACT_FIELDS_MAX]; /* records where it is of another type */
    int64_t strange;                      /* records with a field outside the contract, where that is held */
    char stranger[RAW_PATH_MAX];          /* the first such field */
} contract_watch;

void contract_begin(contract_watch *w, const char *accepted);
void contract_see(contract_watch *w, const source_def *def, const raw_record *record);

/*
 * False when the page drifted; why then names the first field and what became of it, never a value. An empty object or
 * array counts as absent.
 */
MUST_CHECK bool contract_kept(const contract_watch *w, const source_def *def, char why[DRIFT_TEXT]);

/* All that drifted, a line each: gone PATH, retyped PATH, strange PATH; as many as there is room for. */
void contract_drift(const contract_watch *w, const source_def *def, char lines[DRIFT_LINES]);

#endif
