/*
 * port.h - PostgreSQL's own header of a client's connection, without that of Kerberos: struct Port keeps its
 * layout without it ("for extension ABI compatibility"), and no other package is needed to build.
 */
#ifndef EKOK_ACCESS_PORT_H
#define EKOK_ACCESS_PORT_H

#include "postgres.h"

#undef ENABLE_GSS
#include "libpq/auth.h"
#include "libpq/libpq-be.h"

#endif
