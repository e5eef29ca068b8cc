/*
 * module.c - what happens when PostgreSQL loads ekok: the magic block, _PG_init and the settings. Types and
 * functions live in type/, match/ and doubledip/. Offers the planner one more way to find names that sound alike, and
 * otherwise hooks nothing and reserves no shared memory, unless it is in shared_preload_libraries: then access/ guards
 * roles and notes logins. Leaves other names that begin with
 * "ekok." to the registry, which keeps the context of its audit there.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "access/guard.h"
#include "access/logins.h"
#include "access/named.h"
#include "access/shown.h"
#include "agent/exchange.h"
#include "match/scan.h"
#include "setting.h"

PG_MODULE_MAGIC;

void _PG_init(void);

#define X(variable, name, standard, least, most, short_text, long_text) double ekok_##variable = standard;
#define SWITCH(variable, name, standard, short_text, long_text)         bool ekok_##variable = standard;
#include "setting.def"
#undef X
#undef SWITCH

void _PG_init(void)
{
    StaticAssertStmt(SIZEOF_DATUM == 8, "ekok's types are 8 bytes by value: build PostgreSQL for 64 bits");
#define X(variable, name, standard, least, most, short_text, long_text)                                      \
    DefineCustomRealVariable(name, short_text, long_text, &ekok_##variable, standard, least, most,           \
                             PGC_USERSET, 0, NULL, NULL, NULL);
#define SWITCH(variable, name, standard, short_text, long_text)                                              \
    DefineCustomBoolVariable(name, short_text, long_text, &ekok_##variable, standard, PGC_USERSET, 0, NULL,  \
                             NULL, NULL);
#include "setting.def"
#undef X
#undef SWITCH
    ekok_agent_settings();
    ekok_scan_offer();
    if (process_shared_preload_libraries_in_progress) {
        guard_start();
        logins_start();
        named_start();
        shown_start();
    }
}
