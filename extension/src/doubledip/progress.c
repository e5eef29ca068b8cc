/*
 * progress.c - writes a sweep's progress into the backend's status and shows that of all backends of this
 * database, as SQL function ekok.double_dip_progress_info(). Numbers are shown to whom pg_stat_activity would show
 * a query.
 */
#include "doubledip/progress.h"

#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
#include "utils/tuplestore.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(double_dip_progress_info);

/* No ProgressCommandType: "ekok" as a number. */
enum { PROGRESS_COMMAND_SWEEP = 0x656b6f6b };
enum { PAGES_DONE, PAGES, CANDIDATES, INDEXES, PART, PARTS, PARAMETERS };
enum { COLUMNS = 2 + PARAMETERS };

bool progress_begin(const progress_about *about)
{
    const int which[] = {PAGES_DONE, PAGES, CANDIDATES, INDEXES, PART, PARTS};
    const int64 value[] = {0, about->pages, 0, about->indexes, about->part, about->parts};

    if (MyBEEntry == NULL || MyBEEntry->st_progress_command != PROGRESS_COMMAND_INVALID)
        return false;
    pgstat_progress_start_command((ProgressCommandType)PROGRESS_COMMAND_SWEEP, about->index);
    pgstat_progress_update_multi_param(lengthof(which), which, value);
    return true;
}

void progress_pages(int64 done, int64 candidates)
{
    const int which[] = {PAGES_DONE, CANDIDATES};
    const int64 value[] = {done, candidates};

    pgstat_progress_update_multi_param(lengthof(which), which, value);
}

void progress_end(void)
{
    pgstat_progress_end_command();
}

/* (pid, index, pages_done, pages, candidates, indexes, part, parts) */
Datum double_dip_progress_info(PG_FUNCTION_ARGS)
{
    int backends = pgstat_fetch_stat_numbackends();
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;

    InitMaterializedSRF(fcinfo, 0);
    for (int n = 1; n <= backends; n++) {
        const LocalPgBackendStatus *local = ekok_backend_status(n);
        Datum values[COLUMNS] = {0};
        bool nulls[COLUMNS] = {false};

        if (local == NULL || (int)local->backendStatus.st_progress_command != PROGRESS_COMMAND_SWEEP ||
            local->backendStatus.st_databaseid != MyDatabaseId)
            continue;
        const PgBackendStatus *status = &local->backendStatus;
        bool shown = has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
                     has_privs_of_role(GetUserId(), status->st_userid);
        values[0] = Int32GetDatum(status->st_procpid);
        values[1] = ObjectIdGetDatum(status->st_progress_command_target);
        for (int i = 0; i < PARAMETERS; i++)
            values[2 + i] = Int64GetDatum(status->st_progress_param[i]);
        for (int i = 1; i < COLUMNS; i++)
            nulls[i] = !shown;
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum)0;
}
