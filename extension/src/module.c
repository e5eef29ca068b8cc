/*
 * module.c - what happens when PostgreSQL loads ekok: the magic block and _PG_init. Types and functions live in
 * type/ and doubledip/. Defines no settings yet, hooks nothing, reserves no shared memory.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void _PG_init(void)
{
    StaticAssertStmt(SIZEOF_DATUM == 8, "ekok's types are 8 bytes by value: build PostgreSQL for 64 bits");
}
