/*
 * person.c - see person.h. What is remembered lives in fn_extra, as long as the call site.
 */
#include "match/person.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

enum { PERSON_COLUMNS = 8, HELD_COLUMNS = 3 };

/* In the order of the type's declaration. */
enum { NAME_BN, NAME_EN, FATHER, MOTHER, BIRTH_DATE, SEX, PLACE, EVIDENCE };

static ekok_span span_of(Datum value)
{
    text *given = DatumGetTextPP(value);

    return (ekok_span){VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given)};
}

/* Deforms a composite value; values and nulls have room for `columns`. */
static void deform(HeapTupleHeader row, int columns, Datum *values, bool *nulls)
{
    TupleDesc desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
    HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row), .t_data = row};

    if (desc->natts != columns)
        elog(ERROR, "a person or a piece of evidence of %d columns", desc->natts);
    ItemPointerSetInvalid(&tuple.t_self);
    heap_deform_tuple(&tuple, desc, values, nulls);
    ReleaseTupleDesc(desc);
}

static ekok_birth birth_of(DateADT date)
{
    int year, month, day;

    if (DATE_NOT_FINITE(date))
        return (ekok_birth){0, 0, 0};
    j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
    return ekok_birth_make(year, month, day);
}

static void read_held(Datum value, ekok_person_room *room)
{
    ArrayType *array = DatumGetArrayTypeP(value);
    ArrayIterator each = array_create_iterator(array, 0, NULL);
    Datum element;
    bool null;

    room->person.helds = 0;
    while (room->person.helds < EKOK_HELD_MAX && array_iterate(each, &element, &null)) {
        Datum values[HELD_COLUMNS];
        bool nulls[HELD_COLUMNS];

        if (null)
            continue;
        deform(DatumGetHeapTupleHeader(element), HELD_COLUMNS, values, nulls);
        if (nulls[0] || nulls[1])
            continue;
        int32 holders = nulls[2] ? 0 : DatumGetInt32(values[2]);
        room->held[room->person.helds++] = (ekok_held){
            .kind = (uint8_t)ekok_held_kind_of(span_of(values[0])),
            .key = ekok_evidence_key((ekok_evidence){(uint64)DatumGetInt64(values[1])}),
            .programme = (uint16_t)ekok_evidence_programme((ekok_evidence){(uint64)DatumGetInt64(values[1])}),
            .holders = holders > 0 ? (uint32_t)holders : 0,
        };
    }
    array_free_iterator(each);
}

void ekok_person_read(Datum value, ekok_person_room *room)
{
    Datum values[PERSON_COLUMNS];
    bool nulls[PERSON_COLUMNS];
    ekok_person *p = &room->person;

    deform(DatumGetHeapTupleHeader(value), PERSON_COLUMNS, values, nulls);
    memset(p, 0, sizeof *p);
    p->held = room->held;
    if (!nulls[NAME_BN])
        p->name[0] = ekok_match_name_read(span_of(values[NAME_BN]), &room->name[0]);
    if (!nulls[NAME_EN])
        p->name[1] = ekok_match_name_read(span_of(values[NAME_EN]), &room->name[1]);
    if (!nulls[FATHER])
        p->father = ekok_match_name_read(span_of(values[FATHER]), &room->father);
    if (!nulls[MOTHER])
        p->mother = ekok_match_name_read(span_of(values[MOTHER]), &room->mother);
    if (!nulls[BIRTH_DATE])
        p->birth = birth_of(DatumGetDateADT(values[BIRTH_DATE]));
    if (!nulls[SEX])
        p->sex = ekok_sex_read(span_of(values[SEX]));
    if (!nulls[PLACE])
        p->place = ekok_match_place_read(span_of(values[PLACE]), &room->place);
    if (!nulls[EVIDENCE])
        read_held(values[EVIDENCE], room);
}

typedef struct {
    Size n;
    char *bytes; /* of the value last read; NULL: none yet */
    ekok_person_room room;
} remembered;

const ekok_person *ekok_person_argument(FunctionCallInfo fcinfo, int n)
{
    HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(n);
    Size size = HeapTupleHeaderGetDatumLength(row);
    remembered *known = fcinfo->flinfo->fn_extra;

    if (known == NULL) {
        known = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, 2 * sizeof *known);
        fcinfo->flinfo->fn_extra = known;
    }
    known += n;
    if (known->bytes == NULL || known->n != size || memcmp(known->bytes, row, size) != 0) {
        char *copy = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, size);
        memcpy(copy, row, size);
        if (known->bytes != NULL)
            pfree(known->bytes);
        known->bytes = NULL; /* until the reading has succeeded */
        ekok_person_read(PointerGetDatum(row), &known->room);
        known->bytes = copy;
        known->n = size;
    }
    return &known->room.person;
}

ekok_levels ekok_levels_from(const int16 given[EKOK_FIELDS])
{
    ekok_levels levels;

    for (int field = 0; field < EKOK_FIELDS; field++) {
        int first = ekok_field_first(field), next = ekok_field_first(field + 1);
        if (given[field] < 0 || given[field] > next - first)
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("levels: %s has no level %d", ekok_field_name((ekok_field)field), given[field]),
                    errhint("ekok.match_weights() lists the levels of each field; 0 is missing."));
        levels.of[field] = given[field] == 0 ? EKOK_MISSING : (uint8_t)(first + given[field] - 1);
    }
    return levels;
}

Datum ekok_levels_array(const ekok_levels *levels)
{
    Datum each[EKOK_FIELDS];

    for (int field = 0; field < EKOK_FIELDS; field++) {
        uint8_t level = levels->of[field];
        each[field] = Int16GetDatum(level == EKOK_MISSING ? 0 : (int16)(level - ekok_field_first(field) + 1));
    }
    return PointerGetDatum(construct_array(each, EKOK_FIELDS, INT2OID, sizeof(int16), true, TYPALIGN_SHORT));
}

ekok_levels ekok_levels_argument(FunctionCallInfo fcinfo, int n)
{
    int count;
    const int16 *given = ekok_array_elements(PG_GETARG_ARRAYTYPE_P(n), "levels", &count);

    if (count != EKOK_FIELDS)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("levels: %d numbers where there are %d fields", count, EKOK_FIELDS),
                errhint("Give what ekok.match_levels returns."));
    return ekok_levels_from(given);
}
