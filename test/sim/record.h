/*
 * record.h - one enrolment as its ministry knows it, before that ministry's own way of writing it down.
 */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include "defects.h"
#include "ranks.h"

typedef enum {
    PROVIDER_NONE,
    PROVIDER_BKASH,
    PROVIDER_NAGAD,
    PROVIDER_ROCKET,
    PROVIDER_UPAY
} wallet_provider;

typedef enum { STATUS_ACTIVE, STATUS_INACTIVE, STATUS_SUSPENDED, STATUS_WAITING } enrolment_status;

/* Empty texts: not given. Numbers are ASCII digits. */
typedef struct {
    mis_id mis;
    uint64_t rank; /* within the system, from 0 */
    uint64_t person, family;
    programme_id programme;
    overlap_kind overlap;
    defect_kind defect;
    uint64_t twin_of, namesake_of; /* UINT64_MAX: nobody */
    char name_bn[NAME_TEXT], name_en[NAME_TEXT];
    char father_bn[NAME_TEXT], father_en[NAME_TEXT], mother_bn[NAME_TEXT], mother_en[NAME_TEXT];
    char spouse_bn[NAME_TEXT], spouse_en[NAME_TEXT];
    sex sex;
    birth_date birth, enrolled;
    int age;
    char nid[18], brn[18];
    char mobile[12];
    uint64_t mobile_owner, wallet_owner; /* persons */
    bool swapped;                        /* day and month of the birth date */
    wallet_provider provider;
    char wallet[13], account[14], routing[10];
    uint16_t place;
    int64_t taka;
    enrolment_status status;
    uint32_t epoch;  /* of the last change */
    uint64_t chance; /* for what a ministry adds of its own */
} record;

/* The record that the walk stands on. */
void record_make(const rank_walk *walk, record *out);

/* Only what the truth needs: no names, no numbers. */
void record_outline(const rank_walk *walk, record *out);

#endif
