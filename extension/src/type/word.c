/*
 * word.c - comparison and hashing of any type that is one unsigned 64-bit word, passed by value.
 *
 * evidence and every identifier but brn are such words and bind their operators and operator classes to these
 * functions; brn.c says why it does not.
 * The sorter's specialised comparator needs no function call per pair.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/sortsupport.h"

#define GETARG_WORD(n) ((uint64)PG_GETARG_INT64(n))

PG_FUNCTION_INFO_V1(word_lt);
PG_FUNCTION_INFO_V1(word_le);
PG_FUNCTION_INFO_V1(word_eq);
PG_FUNCTION_INFO_V1(word_ne);
PG_FUNCTION_INFO_V1(word_ge);
PG_FUNCTION_INFO_V1(word_gt);
PG_FUNCTION_INFO_V1(word_cmp);
PG_FUNCTION_INFO_V1(word_sortsupport);
PG_FUNCTION_INFO_V1(word_hash);
PG_FUNCTION_INFO_V1(word_hash_extended);
PG_FUNCTION_INFO_V1(word_smaller);
PG_FUNCTION_INFO_V1(word_larger);

Datum word_lt(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) < GETARG_WORD(1));
}

Datum word_le(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) <= GETARG_WORD(1));
}

Datum word_eq(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) == GETARG_WORD(1));
}

Datum word_ne(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) != GETARG_WORD(1));
}

Datum word_ge(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) >= GETARG_WORD(1));
}

Datum word_gt(PG_FUNCTION_ARGS)
{
    PG_RETURN_BOOL(GETARG_WORD(0) > GETARG_WORD(1));
}

Datum word_cmp(PG_FUNCTION_ARGS)
{
    uint64 a = GETARG_WORD(0);
    uint64 b = GETARG_WORD(1);

    PG_RETURN_INT32((a > b) - (a < b));
}

Datum word_sortsupport(PG_FUNCTION_ARGS)
{
    SortSupport sort = (SortSupport)PG_GETARG_POINTER(0);

    sort->comparator = ssup_datum_unsigned_cmp;
    PG_RETURN_VOID();
}

Datum word_hash(PG_FUNCTION_ARGS)
{
    uint64 word = GETARG_WORD(0);

    PG_RETURN_UINT32(hash_bytes((const unsigned char *)&word, sizeof word));
}

Datum word_hash_extended(PG_FUNCTION_ARGS)
{
    uint64 word = GETARG_WORD(0);

    PG_RETURN_UINT64(hash_bytes_extended((const unsigned char *)&word, sizeof word, GETARG_WORD(1)));
}

Datum word_smaller(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)Min(GETARG_WORD(0), GETARG_WORD(1)));
}

Datum word_larger(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64((int64)Max(GETARG_WORD(0), GETARG_WORD(1)));
}
