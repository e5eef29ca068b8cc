/*
 * link.h - the header Link of an answer (RFC 8288): which address it names for a relation.
 */
#ifndef ETL_WIRE_LINK_H
#define ETL_WIRE_LINK_H

#include "base/span.h"

/* The address with rel="next", within text; n == 0 where there is none, or the header is not well-formed before it. */
span link_next(span text);

#endif
