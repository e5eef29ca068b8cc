/*
 * defects.c - see defects.h.
 */
#include "defects.h"

const char *defect_name(defect_kind kind)
{
    static const char *const names[DEFECT_COUNT] = {
#define X(KIND, kind) #kind,
#include "defect.def"
#undef X
    };
    return names[kind];
}

defect_kind defect_of(const world *w, const showing *e, uint64_t rank)
{
    uint64_t h = draw(w->seed, DRAW_DEFECT, rank * MIS_COUNT + (unsigned)e->mis);
    if ((uint32_t)(h % 1000000) >= w->defects_per_million)
        return DEFECT_NONE;
    defect_kind kind = (defect_kind)(1 + (h >> 32) % (DEFECT_COUNT - 1));
    if (kind == DEFECT_UNREADABLE_NID && e->id > ID_NID17)
        kind = DEFECT_FOREIGN_PROGRAMME;
    if (kind == DEFECT_FOREIGN_PROGRAMME && !mis_habits_of(e->mis)->listed)
        kind = DEFECT_MALFORMED;
    if (kind == DEFECT_DUPLICATE && !mis_habits_of(e->mis)->twice)
        kind = DEFECT_MALFORMED;
    return kind;
}
