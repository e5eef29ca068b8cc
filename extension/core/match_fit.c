/*
 * match_fit.c - see match_fit.h.
 */
#include "match_fit.h"

#include <string.h>

static const double SEEN_BEFORE = 0.5; /* of a level, in a sample as large as its standard share asks for */
static const double PRIOR_LEAST = 1e-9, PRIOR_MOST = 1 - 1e-9;

void ekok_fit_begin(ekok_fit *fit)
{
    memset(fit, 0, sizeof *fit);
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        fit->m[level] = ekok_level_m(level);
        fit->u[level] = ekok_level_u(level);
    }
    fit->prior = 0.05;
}

/* The chance that a pair of these levels is a match, under what is thought so far. */
static double chance(const ekok_fit *fit, const ekok_levels *levels)
{
    double match = fit->prior, other = 1 - fit->prior;

    for (int field = 0; field < EKOK_FIELDS; field++) {
        uint8_t level = levels->of[field];
        if (level < EKOK_LEVELS) {
            match *= fit->m[level];
            other *= fit->u[level];
        }
    }
    return match + other > 0 ? match / (match + other) : 0;
}

typedef struct {
    double m[EKOK_LEVELS], u[EKOK_LEVELS]; /* expected counts */
    double of_m[EKOK_FIELDS], of_u[EKOK_FIELDS];
    double matches, pairs;
} tally;

static void expect(const ekok_fit *fit, const ekok_patterns *patterns, tally *t)
{
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < patterns->n; i++) {
        double count = patterns->counts[i] > 0 ? (double)patterns->counts[i] : 0;
        double matches = count * chance(fit, &patterns->levels[i]);

        t->pairs += count;
        t->matches += matches;
        for (int field = 0; field < EKOK_FIELDS; field++) {
            uint8_t level = patterns->levels[i].of[field];
            if (level < EKOK_LEVELS) {
                t->m[level] += matches;
                t->u[level] += count - matches;
                t->of_m[field] += matches;
                t->of_u[field] += count - matches;
            }
        }
    }
}

/* Sets *share and returns how far it moved. */
static double settle(double *share, double seen, double of, double before)
{
    double now = (seen + SEEN_BEFORE) / (of + SEEN_BEFORE / before);
    double moved = now > *share ? now - *share : *share - now;

    *share = now;
    return moved;
}

static double maximise(ekok_fit *fit, const tally *t, bool fixed_u)
{
    double prior = t->matches / t->pairs, most;

    prior = prior < PRIOR_LEAST ? PRIOR_LEAST : prior > PRIOR_MOST ? PRIOR_MOST : prior;
    most = prior > fit->prior ? prior - fit->prior : fit->prior - prior;
    fit->prior = prior;
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        ekok_field field = ekok_level_field(level);
        double moved = settle(&fit->m[level], t->m[level], t->of_m[field], ekok_level_m(level));
        most = moved > most ? moved : most;
        if (!fixed_u) {
            moved = settle(&fit->u[level], t->u[level], t->of_u[field], ekok_level_u(level));
            most = moved > most ? moved : most;
        }
    }
    return most;
}

void ekok_fit_run(ekok_fit *fit, const ekok_patterns *patterns, bool fixed_u, int rounds)
{
    tally t;

    fit->rounds = 0;
    fit->settled = false;
    rounds = rounds < EKOK_FIT_ROUNDS_MAX ? rounds : EKOK_FIT_ROUNDS_MAX;
    while (fit->rounds < rounds && !fit->settled) {
        expect(fit, patterns, &t);
        if (!(t.pairs > 0)) {
            fit->settled = true;
            return;
        }
        fit->settled = maximise(fit, &t, fixed_u) <= EKOK_FIT_STILL;
        fit->rounds++;
    }
}

void ekok_fit_weights(const ekok_fit *fit, float weights[EKOK_LEVELS])
{
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        double bits = ekok_log2(fit->m[level]) - ekok_log2(fit->u[level]);
        weights[level] = (float)(bits < -20 ? -20 : bits > 30 ? 30 : bits);
    }
}
