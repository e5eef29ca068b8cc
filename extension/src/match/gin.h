/*
 * gin.h - what both operator classes of an index on names share: gin.c of keys alone, gin_name.c of keys and names; and
 * gin_read.c, which reads an index of the latter.
 */
#ifndef EKOK_MATCH_GIN_H
#define EKOK_MATCH_GIN_H

#include "postgres.h"

#include "fmgr.h"

#include "name.h"

/*
 * For extractQuery: how many keys are asked for of the name that is argument 0, at the threshold of this moment. None
 * of what is no name, which finds nothing; none either below EKOK_NAME_ASKED_LEAST, where the whole index is asked for.
 */
int32 ekok_gin_asked(FunctionCallInfo fcinfo, uint32_t hashes[EKOK_NAME_ASKED_MAX]);

/* What one search by an index of names keeps, shared by all its keys. Set asked, then ekok_gin_begin. */
typedef struct {
    ekok_name asked;
    ekok_name_view asked_view; /* into asked: the struct stays where it is */
    float4 threshold;
    bool undecided; /* a name was met that the index does not hold */
} ekok_gin_search;

typedef enum { EKOK_GIN_ALIKE, EKOK_GIN_OTHER, EKOK_GIN_UNDECIDED } ekok_gin_verdict;

/* By the threshold of this moment. */
void ekok_gin_begin(ekok_gin_search *search);

/* Of the name in an entry of the index. */
ekok_gin_verdict ekok_gin_hear(ekok_gin_search *search, const bytea *entry);

/* An entry, new: the four bytes of a key, highest first, so that one key's names are neighbours, and a packed name. */
Datum ekok_gin_entry(uint32_t key, const uint8_t *name, size_t n);

/* That of an index of names, by which such an index is known. */
Datum gin_sound_name_extract_value(PG_FUNCTION_ARGS);

#endif
