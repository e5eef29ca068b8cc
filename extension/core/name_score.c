/*
 * name_score.c - see name_score.h.
 */
#include "name_score.h"

enum {
    ONE = 10000,
    ODD_CONSONANT = 3,
    VETO_ROOM = 1000 /* where scores under a veto lie, below its ceiling */
};

uint32_t ekok_odd_consonant(uint32_t value)
{
    return value - (ONE - value) * ODD_CONSONANT / 10;
}

uint32_t ekok_sharpen(uint32_t similarity)
{
    uint32_t d = ONE - similarity;

    d = d * (5000 + 5 * d / 2) / ONE;
    return d < ONE ? ONE - d : 0;
}

uint32_t ekok_score(uint32_t words, uint32_t joined, uint32_t worst)
{
    uint32_t score = (7 * words + 3 * (joined > words ? joined : (words + joined) / 2)) / 10;
    uint32_t odd = worst < words ? 3 * (words - worst) / 10 : 0;

    return score > odd ? score - odd : 0;
}

uint32_t ekok_under_ceiling(uint32_t score, uint32_t ceiling)
{
    uint32_t kept = ceiling - VETO_ROOM;

    return ceiling == ONE || score <= kept ? score : kept + (score - kept) * VETO_ROOM / (ONE - kept);
}
