/*
 * post.h - who may ask the key agent for what, as its configuration says: one INI file, [agent] and a section
 * [caller NAME] a user of this machine.
 *
 * Promises that a user who stands nowhere may nothing, and that no user stands twice. Refuses unknown keys and words,
 * and a file without a caller; a wrong file gives one line: file, line, key, what is accepted.
 */
#ifndef ETL_AGENT_POST_H
#define ETL_AGENT_POST_H

#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"

enum {
    POST_CALLERS = 64,
    POST_NAME = 48,
    POST_PATH = 1024,
    POST_SOCKET = 108,
    POST_SEATS = 64,
    POST_SEATS_ALL = 256,
    POST_DAY_MAX = 100000
};

typedef enum {
    MAY_SEAL = 1,     /* seal and tokenise in bulk, learn the keys' versions and commitments */
    MAY_FIND = 2,     /* the token of one value */
    MAY_OPEN = 4,     /* one sealed value */
    MAY_STATUS = 8,   /* counters */
    MAY_RELEASE = 16, /* unlock a role that an alarm locked */
    MAY_CODE = 32,    /* whether a one-time code is right */
    MAY_ENROL = 64    /* a new second factor, in the clear for its holder */
} permission;

typedef struct {
    char name[POST_NAME];
    uid_t uid;
    unsigned may;              /* permissions */
    bool roles;                /* it names the user for whom it finds, each with a quota of his own */
    int seats;                 /* connections at once */
    int per_hour, per_day;     /* different values found or opened, for one user */
    int all_hour, all_day;     /* the same for the caller with all its users */
    int near_distance;         /* numbers found that are no farther apart are neighbours */
    int near_most;             /* as many neighbours among the last 64 lock the user */
    int wrong_hour, wrong_day; /* wrong codes for one login; beyond the day's it is locked */
    int all_wrong;             /* in a day for all logins */
    int burst;                 /* values in a minute beyond which an alarm is given */
} caller;

typedef struct {
    char socket[POST_SOCKET];
    char keys[POST_PATH], journal[POST_PATH];
    uint64_t journal_most; /* bytes of its file beyond which another is begun */
    caller caller[POST_CALLERS];
    size_t callers;
} post;

/* Relative paths are taken from the file's own folder. EXIT_CONFIG. */
MUST_CHECK bool post_read(const char *path, post *out, failure *f);

/* NULL: nobody here. */
const caller *post_caller(const post *p, uid_t uid);

#endif
