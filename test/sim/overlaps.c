/*
 * overlaps.c - see overlaps.h.
 */
#include "overlaps.h"

#include <string.h>

static const struct {
    const char *name;
    uint32_t rate;
} kinds[OVERLAP_COUNT] = {
#define X(KIND, kind, rate, nid, brn, wallet) {#kind, rate},
#include "overlap.def"
#undef X
};

const char *overlap_name(overlap_kind kind)
{
    return kinds[kind].name;
}

static bool is_nid(id_form id)
{
    return id <= ID_NID17;
}

static overlap_kind draw_kind(rng *r)
{
    uint32_t x = rng_below(r, 1000), kind = OVERLAP_SAME_NID;
    while (x >= kinds[kind].rate) {
        x -= kinds[kind].rate;
        kind++;
    }
    return (overlap_kind)kind;
}

static bool adult(const person *p)
{
    return REFERENCE_YEAR - p->birth_year >= 18;
}

static bool twin(const block *b, unsigned position)
{
    return b->p[position].twin != NOBODY ||
           (position + 1 < BLOCK_PEOPLE && b->p[position + 1].twin == position &&
            b->p[position + 1].programmes > 0);
}

/* The first enrolment's number is chosen so that the next one can relate to it as drawn. */
static id_form first_id(rng *r, const person *p, mis_id mis, overlap_kind next)
{
    uint32_t x = rng_below(r, 100);
    if (!adult(p))
        return ID_BRN;
    if (next == OVERLAP_NID_13_17)
        return x < 50 ? ID_NID13 : ID_NID17;
    if (next == OVERLAP_NID_10_17)
        return x < 60 ? ID_NID10 : ID_NID17;
    if (x < 5 && mis_habits_of(mis)->brn)
        return ID_BRN;
    return x < 58 ? ID_NID10 : x < 88 ? ID_NID17 : ID_NID13;
}

static void first_scripts(rng *r, showing_plan *plan)
{
    showing *first = &plan->e[0];
    uint32_t x = rng_below(r, 100);
    first->bengali = mis_habits_of(first->mis)->bengali;
    first->latin = mis_habits_of(first->mis)->latin;
    if (!first->bengali || !first->latin)
        return;
    for (unsigned k = 1; k < plan->count; k++) {
        if (plan->e[k].kind == OVERLAP_ROMANISED) { /* then the other script is left to that one */
            first->latin = !mis_habits_of(plan->e[k].mis)->latin;
            first->bengali = !first->latin;
            return;
        }
    }
    first->latin = x >= 12;
    first->bengali = x < 12 || x >= 20;
}

static void first_payment(rng *r, const block *b, unsigned position, showing_plan *plan)
{
    showing *first = &plan->e[0];
    const mis_habits *h = mis_habits_of(first->mis);
    const person *p = &b->p[position];
    bool of_family = rng_chance(r, adult(p) ? 500 : 850) || twin(b, position);
    mobile_ref own = {person_number(b, position), 0};
    mobile_ref shared = {family_number(b, position), MOBILE_SLOT_FAMILY};
    first->mobile = of_family ? shared : own;
    first->wallet = first->mobile;
    if (of_family && rng_chance(r, 150))
        first->wallet.slot = MOBILE_SLOT_FAMILY + 1;
    first->pays_wallet = h->wallet && (!h->account || rng_chance(r, adult(p) ? 720 : 900));
    for (unsigned k = 1; k < plan->count; k++)
        if (plan->e[k].kind == OVERLAP_SHARED_WALLET && mis_habits_of(plan->e[k].mis)->wallet)
            first->pays_wallet = h->wallet;
}

/* The kind that comes nearest to what was drawn and fits these two enrolments. */
static overlap_kind fitting(const showing *first, const showing *e, const person *p, bool swappable)
{
    const mis_habits *h = mis_habits_of(e->mis);
    bool common = (first->bengali && h->bengali) || (first->latin && h->latin);
    bool other = (!first->bengali && h->bengali) || (!first->latin && h->latin);
    overlap_kind kind = e->kind;
    if (kind == OVERLAP_SHARED_WALLET && (!h->wallet || !first->pays_wallet))
        kind = OVERLAP_RESPELLED;
    if (kind == OVERLAP_SWAPPED_DATE && !swappable)
        kind = OVERLAP_RESPELLED;
    if (!adult(p) && kind <= OVERLAP_NID_13_17)
        return OVERLAP_SAME_BRN;
    if (!adult(p) && kind <= OVERLAP_NID_BRN)
        kind = OVERLAP_RESPELLED;
    if (kind == OVERLAP_NID_BRN && is_nid(first->id) && !h->brn)
        kind = OVERLAP_NID_10_17;
    if (kind <= OVERLAP_NID_10_17 && !is_nid(first->id))
        kind = kind == OVERLAP_SAME_NID && h->brn ? OVERLAP_SAME_BRN : OVERLAP_NID_BRN;
    if (kind == OVERLAP_NID_13_17 && first->id == ID_NID10)
        kind = OVERLAP_NID_10_17;
    if (kind == OVERLAP_NID_10_17 && first->id == ID_NID13)
        kind = OVERLAP_NID_13_17;
    if (kind == OVERLAP_ROMANISED && !other)
        kind = OVERLAP_RESPELLED;
    bool name_decides = kind == OVERLAP_NID_10_17 || kind == OVERLAP_NID_BRN || kind == OVERLAP_RESPELLED ||
                        kind == OVERLAP_SWAPPED_DATE;
    return name_decides && !common ? OVERLAP_ROMANISED : kind;
}

/* A number of the same person that is not the first one's. */
static id_form other_id(rng *r, const showing *first, const showing *e, const person *p)
{
    const mis_habits *h = mis_habits_of(e->mis);
    if (!adult(p))
        return ID_SECOND_BRN;
    if (!is_nid(first->id))
        return rng_chance(r, 600) ? ID_NID10 : ID_NID17;
    if (h->brn && rng_chance(r, 350))
        return ID_BRN;
    return first->id == ID_NID10 ? ID_NID17 : ID_NID10;
}

static id_form further_id(rng *r, const showing *first, const showing *e, const person *p)
{
    switch (e->kind) {
    case OVERLAP_SAME_NID:
    case OVERLAP_SAME_BRN:
        return first->id;
    case OVERLAP_NID_13_17:
        return first->id == ID_NID13 ? ID_NID17 : ID_NID13;
    case OVERLAP_NID_10_17:
        return first->id == ID_NID10 ? ID_NID17 : ID_NID10;
    case OVERLAP_NID_BRN:
        return is_nid(first->id) ? ID_BRN : ID_NID10;
    default:
        return other_id(r, first, e, p);
    }
}

static void further_scripts(rng *r, const showing *first, showing *e)
{
    const mis_habits *h = mis_habits_of(e->mis);
    bool one_only = rng_chance(r, 200);
    e->bengali = h->bengali;
    e->latin = h->latin;
    if (e->kind == OVERLAP_ROMANISED) {
        e->bengali = h->bengali && !first->bengali;
        e->latin = h->latin && !first->latin;
    } else if (one_only && h->bengali && h->latin) {
        e->bengali = first->bengali;
        e->latin = !first->bengali;
    }
}

static void further(rng *r, const block *b, unsigned position, showing_plan *plan, unsigned k)
{
    showing *e = &plan->e[k];
    const showing *first = &plan->e[0];
    const person *p = &b->p[position];
    const mis_habits *h = mis_habits_of(e->mis);
    e->kind = fitting(first, e, p, plan->swappable && k == 1);
    e->id = further_id(r, first, e, p);
    e->swapped = e->kind == OVERLAP_SWAPPED_DATE;
    further_scripts(r, first, e);
    bool shares = e->kind <= OVERLAP_NID_13_17 || e->kind >= OVERLAP_SHARED_WALLET;
    e->way = e->kind == OVERLAP_RESPELLED || (shares && rng_chance(r, 300)) ? k : 0;
    e->mobile = (mobile_ref){person_number(b, position), k};
    e->wallet = e->kind == OVERLAP_SHARED_WALLET ? first->wallet : e->mobile;
    e->pays_wallet = h->wallet && (!h->account || e->kind == OVERLAP_SHARED_WALLET || rng_chance(r, 700));
}

void overlaps_plan(const world *w, const block *b, unsigned position, showing_plan *plan)
{
    const person *p = &b->p[position];
    rng r = rng_for(w->seed, DRAW_OVERLAP, person_number(b, position));
    memset(plan, 0, sizeof *plan);
    plan->count = p->programmes;
    for (unsigned k = 0; k < plan->count; k++) {
        showing *e = &plan->e[k];
        e->nth = k;
        e->programme = (programme_id)p->programme[k];
        e->mis = programme_mis(e->programme);
        e->kind = k == 0 ? OVERLAP_FIRST : draw_kind(&r);
        if (e->programme == PROGRAMME_FFF)
            e->kind = OVERLAP_SAME_NID; /* one file, one number */
    }
    if (plan->count == 0)
        return;
    plan->swappable = plan->count > 1 && plan->e[1].kind == OVERLAP_SWAPPED_DATE && !twin(b, position);
    plan->e[0].id = first_id(&r, p, plan->e[0].mis, plan->count > 1 ? plan->e[1].kind : OVERLAP_FIRST);
    first_scripts(&r, plan);
    first_payment(&r, b, position, plan);
    for (unsigned k = 1; k < plan->count; k++)
        further(&r, b, position, plan, k);
}
