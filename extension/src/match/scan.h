/*
 * scan.h - Custom Scan (EkokSoundScan): a table's rows whose name sounds like one asked for, by an index of
 * gin_sound_ops, in place of a bitmap scan. scan_plan.c offers it to the planner, scan.c runs it. Promises the
 * rows of the bitmap scan; nothing else is planned otherwise, and SET ekok.sound_scan = off withdraws it.
 */
#ifndef EKOK_MATCH_SCAN_H
#define EKOK_MATCH_SCAN_H

#include "postgres.h"

#include "nodes/extensible.h"

/* What the plan says to the executor: custom_private is a list of these integers, custom_exprs of these expressions. */
enum { EKOK_SCAN_INDEX, EKOK_SCAN_WITHOUT_COLUMNS };
enum { EKOK_SCAN_ASKED, EKOK_SCAN_CONDITION };

extern const CustomScanMethods ekok_scan_methods;

/* Once, when the library is loaded: from then on queries of this backend are offered the scan. */
void ekok_scan_offer(void);

#endif
