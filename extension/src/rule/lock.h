/*
 * lock.h - locks on buckets of evidence keys, so that sessions that write the same evidence wait for each other.
 *
 * A key falls into one of RULE_BUCKETS buckets, so that a statement of any size takes a bounded number of locks.
 * Two keys in one bucket only wait for each other for nothing.
 */
#ifndef EKOK_RULE_LOCK_H
#define EKOK_RULE_LOCK_H

#include "postgres.h"

#include "evidence.h"

enum { RULE_BUCKETS = 1024, RULE_LOCK_CLASS = 1701539692 };

/*
 * Locks the buckets of n keys exclusively, in rising order, until the (sub)transaction ends; returns how many.
 * `class` keeps the locks of different indexes apart. Waits, is interruptible, takes part in deadlock detection.
 */
int rule_lock(uint32 class, const ekok_evidence *keys, size_t n);

#endif
