/*
 * connectors.h - the one list of source kinds that this daemon can pull.
 */
#ifndef ETL_CONNECTORS_H
#define ETL_CONNECTORS_H

#include "job/connector.h"

/* The kind that a definition asks for by its style and url; NULL when there is none. */
const connector *connector_for(const source_def *def);

#endif
