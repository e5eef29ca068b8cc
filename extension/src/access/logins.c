/*
 * logins.c - a hook behind authentication that notes each login that succeeded, and SQL function
 * ekok.take_logins() that hands the notes over, once each. The ring has room for the last 4096: what was not
 * collected before is counted as lost, and a restart of the server empties it. Refuses to decide anything
 * about a login.
 */
#include "postgres.h"

#include "access/logins.h"

#include "access/port.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

enum { RING = 4096, ADDRESS_ROOM = 64, SUBJECT_ROOM = 256 };

typedef struct {
    TimestampTz at;
    int32 pid;
    NameData login;
    char address[ADDRESS_ROOM]; /* empty: by the local socket */
    char subject[SUBJECT_ROOM]; /* empty: no certificate */
} login_note;

typedef struct {
    LWLock *lock;
    uint64 written, taken;
    login_note note[RING];
} login_ring;

static login_ring *ring = NULL;
static ClientAuthentication_hook_type next_authentication = NULL;
static shmem_request_hook_type next_request = NULL;
static shmem_startup_hook_type next_startup = NULL;

static void request(void)
{
    if (next_request)
        next_request();
    RequestAddinShmemSpace(sizeof(login_ring));
    RequestNamedLWLockTranche("ekok logins", 1);
}

static void startup(void)
{
    bool found;

    if (next_startup)
        next_startup();
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    ring = ShmemInitStruct("ekok logins", sizeof(login_ring), &found);
    if (!found) {
        memset(ring, 0, sizeof *ring);
        ring->lock = &GetNamedLWLockTranche("ekok logins")->lock;
    }
    LWLockRelease(AddinShmemInitLock);
}

static void note_login(Port *port, int status)
{
    login_note *note;

    if (next_authentication)
        next_authentication(port, status);
    if (status != STATUS_OK || ring == NULL)
        return;
    LWLockAcquire(ring->lock, LW_EXCLUSIVE);
    note = &ring->note[ring->written % RING];
    note->at = GetCurrentTimestamp();
    note->pid = MyProcPid;
    strlcpy(NameStr(note->login), port->user_name, NAMEDATALEN);
    strlcpy(note->address,
            port->raddr.addr.ss_family == AF_UNIX || port->remote_host == NULL ? "" : port->remote_host,
            ADDRESS_ROOM);
#ifdef USE_SSL
    strlcpy(note->subject, port->ssl_in_use && port->peer_cert_valid && port->peer_dn ? port->peer_dn : "",
            SUBJECT_ROOM);
#else
    note->subject[0] = '\0';
#endif
    ring->written++;
    LWLockRelease(ring->lock);
}

void logins_start(void)
{
    next_request = shmem_request_hook;
    shmem_request_hook = request;
    next_startup = shmem_startup_hook;
    shmem_startup_hook = startup;
    next_authentication = ClientAuthentication_hook;
    ClientAuthentication_hook = note_login;
}

/* Copies what is new out of the ring, so that no lock is held while rows are made; returns how many. */
static uint64 take(login_note **out)
{
    uint64 from, count;

    *out = palloc(sizeof(login_note) * RING);
    LWLockAcquire(ring->lock, LW_EXCLUSIVE);
    from = Max(ring->taken, ring->written > RING ? ring->written - RING : 0);
    count = ring->written - from;
    for (uint64 i = 0; i < count; i++)
        (*out)[i] = ring->note[(from + i) % RING];
    ring->taken = ring->written;
    LWLockRelease(ring->lock);
    return count;
}

PG_FUNCTION_INFO_V1(take_logins);

Datum take_logins(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *)fcinfo->resultinfo;
    login_note *note;
    uint64 count;

    InitMaterializedSRF(fcinfo, 0);
    if (ring == NULL)
        return (Datum)0;
    count = take(&note);
    for (uint64 i = 0; i < count; i++) {
        Datum value[5] = {NameGetDatum(&note[i].login), TimestampTzGetDatum(note[i].at),
                          CStringGetTextDatum(note[i].address), CStringGetTextDatum(note[i].subject),
                          Int32GetDatum(note[i].pid)};
        bool null[5] = {false, false, note[i].address[0] == '\0', note[i].subject[0] == '\0', false};

        tuplestore_putvalues(result->setResult, result->setDesc, value, null);
    }
    return (Datum)0;
}
