/*
 * trial.h - one page of a source, fetched, decoded, mapped and validated by what a run would do it with, and written
 * nowhere: no run, no row, no cursor. What leaves here is masked.
 */
#ifndef ETL_JOB_TRIAL_H
#define ETL_JOB_TRIAL_H

#include <stdio.h>

#include "job/job.h"

/*
 * One page from the start of the listing; the first `shown` records one by one, then the page's books. Lines of
 * tab-separated words to `out`:
 *   record NUMBER taken|quarantined     field NAME MASKED FROM     reason CODE FIELD DETAIL     (of the record before)
 *   page RECORDS TAKEN SET_ASIDE TOTAL|-1       drift TEXT
 */
MUST_CHECK bool trial_run(const job_task *task, int shown, FILE *out, failure *f);

#endif
