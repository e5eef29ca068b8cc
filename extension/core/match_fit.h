/*
 * match_fit.h - learns m, u and the prior from the agreement patterns of many pairs, by expectation and maximisation
 * (Winkler, "Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model", 1988), fields independent.
 *
 * Promises: at most `rounds` rounds; ends earlier once no share and not the prior moves by more than
 * EKOK_FIT_STILL; each
 * round is one pass over the patterns. No level ever has share 0: each is counted as if it had been seen half a
 * time more, in a sample just large enough for that by match_weight.def; so a level too rare for the sample keeps its
 * standard share. A field that no pattern has keeps its standard weights.
 * Begins at match_weight.def, so what is called a match stays the class that agrees more.
 */
#ifndef EKOK_CORE_MATCH_FIT_H
#define EKOK_CORE_MATCH_FIT_H

#include "match.h"

enum { EKOK_FIT_ROUNDS_MAX = 1000 };
#define EKOK_FIT_STILL 1e-6

typedef struct {
    const ekok_levels *levels;
    const int64_t *counts; /* of pairs with these levels; below 1: none */
    size_t n;
} ekok_patterns;

typedef struct {
    double m[EKOK_LEVELS], u[EKOK_LEVELS];
    double prior; /* share of the pairs that are matches, in (0, 1) */
    int rounds;
    bool settled;
} ekok_fit;

/*
 * Reads u and prior from *fit as well as m to begin with (ekok_fit_begin sets all); fixed_u leaves u as it is, as where
 * it was counted over pairs drawn at random. Fit to no pairs at all, it changes nothing.
 */
void ekok_fit_begin(ekok_fit *fit);
void ekok_fit_run(ekok_fit *fit, const ekok_patterns *patterns, bool fixed_u, int rounds);

/* log2(m / u), held within -20 and 30. */
void ekok_fit_weights(const ekok_fit *fit, float weights[EKOK_LEVELS]);

#endif
