/*
 * changes.h - time in the simulation: when a record was last touched, and what changed in it since epoch 0.
 * In every epoch about one record in fifty changes its mobile number, its amount or its status.
 */
#ifndef SIM_CHANGES_H
#define SIM_CHANGES_H

#include "population.h"

enum { EPOCHS_MAX = 1000 };

typedef enum { CHANGE_NONE, CHANGE_MOBILE, CHANGE_AMOUNT, CHANGE_STATUS } change_kind;

/* 0: never touched since it was entered. */
uint32_t change_epoch(const world *w, mis_id mis, uint64_t rank);
change_kind change_in(const world *w, mis_id mis, uint64_t rank, uint32_t epoch);

/* Milliseconds since 1970 (UTC). Grows with rank within an epoch; records of PESP share a second by threes. */
int64_t change_time(mis_id mis, uint64_t rank, uint32_t epoch);
/* The other way round: the epoch a time falls into, and the first rank whose time is not before it. */
void change_at(mis_id mis, int64_t time, uint32_t *epoch, uint64_t *rank);

#endif
