/*
 * load_definition.h - the definitions in force, from the database. What it holds was checked when it was added; what is
 * wrong all the same is told and left out, so that it delays no other source.
 */
#ifndef ETL_LOAD_LOAD_DEFINITION_H
#define ETL_LOAD_LOAD_DEFINITION_H

#include "config/source_def.h"
#include "wire/pg.h"

/* Takes the definition over (calloc; source_def_free and free); false ends the reading with *f set. */
typedef bool (*load_definition_fn)(void *context, source_def *def, failure *f);

/* Every definition in force, by name; *wrong counts those that could not be read, each logged as an error. */
MUST_CHECK bool load_definitions(pg_session *pg, load_definition_fn take, void *context, int *wrong,
                                 failure *f);

#endif
