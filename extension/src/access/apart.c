/*
 * apart.c - SQL function ekok.apart(what, args): lets access.do_apart(what, args) run and commit in a
 * transaction of its own, in a background worker, and waits for its answer. What it writes stays though the
 * caller rolls back: a try of a one-time code, a reading of a sealed value. The worker's session_user is the
 * caller's. Fails, and so lets the caller fail, when no worker can be had. Refuses to run anything but that
 * one function. Lock waits there end after ten seconds, so that a caller that holds what the worker needs
 * gets an error instead of waiting for itself.
 */
#include "postgres.h"

#include "access/apart.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

enum { ANSWER_ROOM = 512, WHAT_ROOM = 32, ARGS_MOST = 1 << 20 };

typedef enum { NOTE_PENDING, NOTE_DONE, NOTE_FAILED } note_state;

typedef struct {
    Oid database, user;
    bool superuser;
    volatile note_state state;
    int sqlstate;
    char what[WHAT_ROOM];
    char answer[ANSWER_ROOM]; /* or the message of the error */
    char args[FLEXIBLE_ARRAY_MEMBER];
} apart_note;

static const char STATEMENT[] = "SELECT access.do_apart($1, $2)";

PGDLLEXPORT void apart_main(Datum handle);

static void execute(apart_note *note)
{
    Oid type[2] = {TEXTOID, TEXTARRAYOID};
    Datum value[2];
    char *answer;

    StartTransactionCommand();
    PushActiveSnapshot(GetTransactionSnapshot());
    SPI_connect();
    value[0] = CStringGetTextDatum(note->what);
    value[1] = PointerGetDatum(note->args);
    if (SPI_execute_with_args(STATEMENT, 2, type, value, NULL, false, 1) != SPI_OK_SELECT ||
        SPI_processed != 1)
        elog(ERROR, "access.do_apart gave no answer");
    answer = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
    strlcpy(note->answer, answer ? answer : "", ANSWER_ROOM);
    SPI_finish();
    PopActiveSnapshot();
    CommitTransactionCommand();
}

void apart_main(Datum handle)
{
    dsm_segment *segment;
    apart_note *note;

    BackgroundWorkerUnblockSignals();
    CurrentResourceOwner = ResourceOwnerCreate(NULL, "ekok apart");
    segment = dsm_attach(DatumGetUInt32(handle));
    if (segment == NULL)
        return; /* the caller is gone */
    dsm_pin_mapping(segment);
    note = dsm_segment_address(segment);
    BackgroundWorkerInitializeConnectionByOid(note->database, InvalidOid, 0);
    SetConfigOption("lock_timeout", "10s", PGC_SUSET, PGC_S_OVERRIDE);
    SetSessionAuthorization(note->user, note->superuser);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, SECURITY_LOCAL_USERID_CHANGE);
    PG_TRY();
    {
        execute(note);
        note->state = NOTE_DONE;
    }
    PG_CATCH();
    {
        ErrorData *error;

        MemoryContextSwitchTo(TopMemoryContext);
        error = CopyErrorData();
        FlushErrorState();
        strlcpy(note->answer, error->message, ANSWER_ROOM);
        note->sqlstate = error->sqlerrcode;
        AbortOutOfAnyTransaction();
        note->state = NOTE_FAILED;
    }
    PG_END_TRY();
}

static dsm_segment *write_note(const char *what, ArrayType *args)
{
    dsm_segment *segment;
    apart_note *note;

    if (strlen(what) >= WHAT_ROOM || VARSIZE(args) > ARGS_MOST)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too much to record at once"),
                errhint("Ask for fewer rows."));
    segment = dsm_create(sizeof(apart_note) + VARSIZE(args), 0);
    note = dsm_segment_address(segment);
    memset(note, 0, sizeof *note);
    note->database = MyDatabaseId;
    note->user = GetSessionUserId();
    note->superuser = session_auth_is_superuser;
    note->state = NOTE_PENDING;
    strlcpy(note->what, what, WHAT_ROOM);
    memcpy(note->args, args, VARSIZE(args));
    return segment;
}

static void run_worker(dsm_segment *segment)
{
    BackgroundWorker worker = {.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
                               .bgw_start_time = BgWorkerStart_RecoveryFinished,
                               .bgw_restart_time = BGW_NEVER_RESTART,
                               .bgw_name = "ekok apart",
                               .bgw_type = "ekok apart",
                               .bgw_library_name = "ekok",
                               .bgw_function_name = "apart_main"};
    BackgroundWorkerHandle *handle;

    worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
    worker.bgw_notify_pid = MyProcPid;
    if (!RegisterDynamicBackgroundWorker(&worker, &handle))
        ereport(
            ERROR, errcode(ERRCODE_INSUFFICIENT_RESOURCES),
            errmsg("no background worker is free to record this"),
            errdetail("What must be recorded whatever becomes of the transaction is not done unrecorded."),
            errhint("Try again, or raise max_worker_processes."));
    if (WaitForBackgroundWorkerShutdown(handle) != BGWH_STOPPED)
        ereport(ERROR, errcode(ERRCODE_ADMIN_SHUTDOWN), errmsg("the server ended while this was recorded"));
}

PG_FUNCTION_INFO_V1(apart);

Datum apart(PG_FUNCTION_ARGS)
{
    dsm_segment *segment = write_note(text_to_cstring(PG_GETARG_TEXT_PP(0)), PG_GETARG_ARRAYTYPE_P_COPY(1));
    apart_note *note = dsm_segment_address(segment);
    text *answer;

    run_worker(segment);
    if (note->state == NOTE_FAILED)
        ereport(ERROR, errcode(note->sqlstate), errmsg("%s", note->answer));
    if (note->state != NOTE_DONE)
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("what was to be recorded was not"),
                errhint("The server's log says why the background worker ended."));
    answer = cstring_to_text(note->answer);
    dsm_detach(segment);
    PG_RETURN_TEXT_P(answer);
}

PG_FUNCTION_INFO_V1(in_block);

Datum in_block(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(IsTransactionBlock());
}

PG_FUNCTION_INFO_V1(began_as_superuser);

Datum began_as_superuser(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(superuser_arg(GetAuthenticatedUserId()));
}
