/*
 * cluster.h - from pairs to persons. Certain pairs join, the surest first; two clusters are not joined when any record
 * of the one contradicts any of the other, or when they would be more than LINK_CLUSTER_MOST records. The partition
 * depends on the records alone, not on their order.
 */
#ifndef EKOK_LINKAGE_CLUSTER_H
#define EKOK_LINKAGE_CLUSTER_H

#include "linkage/scorer.h"

enum { LINK_CLUSTER_MOST = 256 };

typedef struct {
    uint32 *of;      /* cluster of each record: the least number of a record in it */
    uint32 *members; /* how many are in the cluster, at the cluster's number */
} link_clusters;

/* Pairs are sorted when it is done. A certain pair that could not be joined is probable from then on. */
link_clusters link_cluster(link_scorer *scorer);

#endif
