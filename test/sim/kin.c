/*
 * kin.c - see kin.h.
 */
#include "kin.h"

#include "rng.h"

static sex sex_of_kin(unsigned k)
{
    return k == KIN_WIFE || k == KIN_GRANDMOTHER || k == KIN_WIFE_MOTHER || k == KIN_ELDER_MOTHER ||
                   k == KIN_OTHER_MOTHER
               ? SEX_FEMALE
               : SEX_MALE;
}

/* The wife's parents bear another family's title. */
static full_name relative(const world *w, const block *b, unsigned position, kin k)
{
    bool own_side = k <= KIN_GRANDMOTHER || k == KIN_ELDER_FATHER || k == KIN_ELDER_MOTHER;
    name_owner owner = {.family = family_number(b, position) * 2 + (own_side ? 0 : 1),
                        .member = k,
                        .sex = sex_of_kin(k),
                        .faith = (faith)b->p[position].faith,
                        .old = k != KIN_WIFE || b->p[position].old_wife};
    return name_of(w->seed, &owner);
}

static bool bears_anothers_name(const world *w, const block *b, unsigned position)
{
    return draw(w->seed, DRAW_NAMESAKE, person_number(b, position)) % 1000 < 15;
}

unsigned person_namesake(const world *w, const block *b, unsigned position)
{
    const person *p = &b->p[position];
    if (!bears_anothers_name(w, b, position) || p->twin != NOBODY || p->programmes == 0)
        return NOBODY;
    for (unsigned i = 1; i < BLOCK_PEOPLE; i++) {
        unsigned at = (position + i) % BLOCK_PEOPLE;
        const person *q = &b->p[at];
        if (q->first != p->first && q->sex == p->sex && q->faith == p->faith && q->programmes > 0 &&
            person_number(b, at) < w->persons && !bears_anothers_name(w, b, at))
            return at;
    }
    return NOBODY;
}

full_name person_name(const world *w, const block *b, unsigned position)
{
    unsigned namesake = person_namesake(w, b, position);
    if (namesake != NOBODY)
        return person_name(w, b, namesake);
    const person *p = &b->p[position];
    if (p->kin < KIN_CHILD)
        return relative(w, b, position, (kin)p->kin);
    name_owner owner = {.family = family_number(b, position) * 2,
                        .member = p->kin,
                        .sex = (sex)p->sex,
                        .faith = (faith)p->faith,
                        .later_twin = p->twin != NOBODY};
    return name_of(w->seed, &owner);
}

static const struct {
    kin father, mother;
} parents[] = {
    [KIN_HEAD] = {KIN_GRANDFATHER, KIN_GRANDMOTHER},
    [KIN_WIFE] = {KIN_WIFE_FATHER, KIN_WIFE_MOTHER},
    [KIN_GRANDFATHER] = {KIN_ELDER_FATHER, KIN_ELDER_MOTHER},
    [KIN_GRANDMOTHER] = {KIN_OTHER_FATHER, KIN_OTHER_MOTHER},
};

full_name person_father(const world *w, const block *b, unsigned position)
{
    unsigned k = b->p[position].kin;
    return relative(w, b, position, k < KIN_WIFE_FATHER ? parents[k].father : KIN_HEAD);
}

full_name person_mother(const world *w, const block *b, unsigned position)
{
    unsigned k = b->p[position].kin;
    return relative(w, b, position, k < KIN_WIFE_FATHER ? parents[k].mother : KIN_WIFE);
}

bool person_spouse(const world *w, const block *b, unsigned position, full_name *out)
{
    static const uint8_t spouse[] = {[KIN_HEAD] = KIN_WIFE,
                                     [KIN_WIFE] = KIN_HEAD,
                                     [KIN_GRANDFATHER] = KIN_GRANDMOTHER,
                                     [KIN_GRANDMOTHER] = KIN_GRANDFATHER};
    unsigned k = b->p[position].kin;
    if (k > KIN_GRANDMOTHER)
        return false;
    *out = relative(w, b, position, (kin)spouse[k]);
    return true;
}

registration person_registration(const world *w, const block *b, unsigned position)
{
    return (registration){.seed = w->seed,
                          .place_code = place_code(b->at.place),
                          .rmo = place_rmo(b->at.place),
                          .serial = b->at.ordinal * BLOCK_PEOPLE + position,
                          .birth_year = b->p[position].birth_year};
}
