/*
 * record.c - see record.h.
 */
#include "record.h"

#include <string.h>

#include "changes.h"
#include "kin.h"

static void outline(const rank_walk *walk, const showing *e, record *out)
{
    const block *b = &walk->b;
    const person *p = &b->p[walk->position];
    unsigned namesake = person_namesake(walk->w, b, walk->position);
    out->mis = walk->mis;
    out->rank = walk->rank - 1;
    out->person = person_number(b, walk->position);
    out->family = family_number(b, walk->position);
    out->programme = e->programme;
    out->place = b->at.place;
    out->overlap = e->kind;
    out->defect = defect_of(walk->w, e, out->rank);
    out->twin_of = p->twin == NOBODY ? UINT64_MAX : person_number(b, p->twin);
    out->namesake_of = namesake == NOBODY ? UINT64_MAX : person_number(b, namesake);
}

void record_outline(const rank_walk *walk, record *out)
{
    showing_plan plan;
    overlaps_plan(walk->w, &walk->b, walk->position, &plan);
    outline(walk, &plan.e[walk->nth], out);
}

static void write_both(const full_name *name, const showing *e, char bn[NAME_TEXT], char en[NAME_TEXT])
{
    bn[0] = en[0] = '\0';
    if (e->bengali)
        (void)name_write(name, SCRIPT_BENGALI, e->way, bn);
    if (e->latin)
        (void)name_write(name, SCRIPT_LATIN, e->way, en);
}

static void write_names(const rank_walk *walk, const showing *e, record *out)
{
    full_name name = person_name(walk->w, &walk->b, walk->position);
    write_both(&name, e, out->name_bn, out->name_en);
    name = person_father(walk->w, &walk->b, walk->position);
    write_both(&name, e, out->father_bn, out->father_en);
    name = person_mother(walk->w, &walk->b, walk->position);
    write_both(&name, e, out->mother_bn, out->mother_en);
    out->spouse_bn[0] = out->spouse_en[0] = '\0';
    if (person_spouse(walk->w, &walk->b, walk->position, &name))
        write_both(&name, e, out->spouse_bn, out->spouse_en);
}

static void write_ids(const rank_walk *walk, const showing *e, record *out)
{
    registration reg = person_registration(walk->w, &walk->b, walk->position);
    char brn[18];
    out->nid[0] = out->brn[0] = '\0';
    switch (e->id) {
    case ID_NID10:
        identifier_nid10(walk->w->seed, out->person, out->nid);
        break;
    case ID_NID13:
        identifier_nid13(&reg, out->nid);
        break;
    case ID_NID17:
        identifier_nid17(&reg, out->nid);
        break;
    default:
        if (identifier_brn17(&reg, e->id == ID_SECOND_BRN, brn) && out->chance % 2)
            identifier_brn16(brn, out->brn);
        else
            memcpy(out->brn, brn, sizeof brn);
    }
}

static wallet_provider provider_of(uint64_t seed, mobile_ref number)
{
    uint64_t x = draw(seed, DRAW_MOBILE, number.owner * 32 + number.slot) % 100;
    return x < 48 ? PROVIDER_BKASH : x < 83 ? PROVIDER_NAGAD : x < 95 ? PROVIDER_ROCKET : PROVIDER_UPAY;
}

static void write_payment(const world *w, const showing *e, record *out)
{
    const mis_habits *h = mis_habits_of(e->mis);
    char number[12];
    identifier_mobile(w->seed, e->mobile.owner, e->mobile.slot, out->mobile);
    out->mobile_owner = e->mobile.owner;
    out->wallet_owner = e->wallet.owner;
    out->provider = PROVIDER_NONE;
    out->wallet[0] = out->account[0] = out->routing[0] = '\0';
    if (e->pays_wallet) {
        out->provider = provider_of(w->seed, e->wallet);
        identifier_mobile(w->seed, e->wallet.owner, e->wallet.slot, number);
        if (out->provider == PROVIDER_ROCKET)
            identifier_rocket(number, out->wallet);
        else
            memcpy(out->wallet, number, sizeof number);
    } else if (h->account) {
        identifier_account(w->seed, out->person, e->nth, out->account);
        identifier_routing(w->seed, place_code(out->place), e->nth, out->routing);
    }
}

static birth_date enrolment_date(rng *r, int age)
{
    int years = age < 20 ? 3 : 9;
    birth_date d = {REFERENCE_YEAR - 1 - (int)rng_below(r, (uint32_t)years), 1 + (int)rng_below(r, 12), 1};
    if (rng_chance(r, 600))
        d.day = 1 + (int)rng_below(r, 28);
    return d;
}

static void apply_change(const rank_walk *walk, const showing *e, record *out)
{
    const world *w = walk->w;
    out->epoch = change_epoch(w, out->mis, out->rank);
    switch (change_in(w, out->mis, out->rank, out->epoch)) {
    case CHANGE_NONE:
        break;
    case CHANGE_MOBILE:
        identifier_mobile(w->seed, out->person, MOBILE_SLOT_CHANGED + (out->epoch * 6 + e->nth) % 14,
                          out->mobile);
        out->mobile_owner = out->person;
        break;
    case CHANGE_AMOUNT:
        out->taka += 10 * (int64_t)out->epoch;
        break;
    case CHANGE_STATUS:
        out->status = out->status == STATUS_ACTIVE ? STATUS_SUSPENDED : STATUS_ACTIVE;
        out->taka += (int64_t)out->epoch; /* arrears: so that two changes in a row differ */
        break;
    }
}

void record_make(const rank_walk *walk, record *out)
{
    showing_plan plan;
    const world *w = walk->w;
    overlaps_plan(w, &walk->b, walk->position, &plan);
    const showing *e = &plan.e[walk->nth];
    outline(walk, e, out);
    rng r = rng_for(w->seed, DRAW_RECORD, out->rank * MIS_COUNT + (unsigned)out->mis);
    const person *p = &walk->b.p[walk->position];
    out->chance = rng_next(&r);
    out->sex = (sex)p->sex;
    out->age = REFERENCE_YEAR - p->birth_year;
    out->birth = person_birth(w, &walk->b, walk->position, plan.swappable);
    out->swapped = e->swapped;
    if (e->swapped)
        out->birth = (birth_date){out->birth.year, out->birth.day, out->birth.month};
    out->taka = programme_taka(out->programme);
    uint32_t x = rng_below(&r, 1000);
    out->status = x < 955   ? STATUS_ACTIVE
                  : x < 975 ? STATUS_SUSPENDED
                  : x < 990 ? STATUS_WAITING
                            : STATUS_INACTIVE;
    out->enrolled = enrolment_date(&r, out->age);
    write_names(walk, e, out);
    write_ids(walk, e, out);
    write_payment(w, e, out);
    apply_change(walk, e, out);
}
