/*
 * programmes.c - see programmes.h. Weights say how likely a programme is among those a person may draw; they are
 * chosen so that the sizes of the programmes resemble the published ones.
 */
#include "programmes.h"

static const mis_habits habits[MIS_COUNT] = {
#define Bengali true, false
#define Latin   false, true
#define Both    true, true
#define X(NAME, name, scripts, nid, brn, wallet, account, listed, twice)                                     \
    {#name, scripts, nid, brn, wallet, account, listed, twice},
#include "mis.def"
#undef X
#undef Bengali
#undef Latin
#undef Both
};

static const struct {
    const char *code;
    mis_id mis;
    int taka;
    bool cash;
} programmes[PROGRAMME_COUNT] = {
#define X(CODE, mis, taka, cash) {#CODE, MIS_##mis, taka, cash},
#include "programme.def"
#undef X
};

const mis_habits *mis_habits_of(mis_id mis)
{
    return &habits[mis];
}

const char *programme_code(programme_id p)
{
    return programmes[p].code;
}

mis_id programme_mis(programme_id p)
{
    return programmes[p].mis;
}

int programme_taka(programme_id p)
{
    return programmes[p].taka;
}

bool programme_cash(programme_id p)
{
    return programmes[p].cash;
}

static void weigh_adults(const circumstances *c, uint32_t w[PROGRAMME_COUNT])
{
    bool woman = c->sex == SEX_FEMALE, working = c->age >= 18 && c->age <= 60 && !c->student;
    w[PROGRAMME_OAA] = c->age >= (woman ? 62 : 65) ? 100 : 0;
    w[PROGRAMME_WDA] = woman && c->widow && c->age >= 18 ? 90 : 0;
    w[PROGRAMME_DIS] = c->disabled ? 120 : 0;
    w[PROGRAMME_TBD] = c->bede && c->age >= 18 ? 90 : 0;
    w[PROGRAMME_TEA] = c->tea && working ? 150 : 0;
    w[PROGRAMME_MCB] = c->mother && c->age >= 20 && c->age <= 40 ? 90 : 0;
    w[PROGRAMME_COA] = c->coast && woman && working ? 12 : 0;
    w[PROGRAMME_FFH] = c->fighter && c->age >= 66 ? 400 : 0;
    w[PROGRAMME_PEN] = c->pensioner && c->age >= 58 ? 200 : 0;
    w[PROGRAMME_EGP] = working ? (woman ? 18 : 25) : 0;
    w[PROGRAMME_UWG] = c->garment && working && c->age <= 45 ? 60 : 0;
}

static void weigh_students(const circumstances *c, uint32_t w[PROGRAMME_COUNT])
{
    if (!c->student)
        return;
    w[PROGRAMME_PES] = c->age <= 12 ? (c->age <= 11 ? 100 : 15) : 0;
    w[PROGRAMME_SHM] = c->age >= 11 && c->age <= 18 ? 90 : 0;
    w[PROGRAMME_UPS] = c->age >= 18 ? 40 : 0;
    w[PROGRAMME_SGT] = c->age >= 12 ? 6 : 0;
    w[PROGRAMME_TES] = c->age >= 14 ? (c->age <= 19 ? 14 : 8) : 0;
    w[PROGRAMME_PCS] = c->disabled ? 100 : 0;
    w[PROGRAMME_TBS] = c->bede ? 80 : 0;
}

static bool take(rng *r, uint32_t w[PROGRAMME_COUNT], programme_id *out)
{
    uint32_t total = 0, wanted;
    for (int p = 0; p < PROGRAMME_COUNT; p++)
        total += w[p];
    if (total == 0)
        return false;
    wanted = rng_below(r, total);
    for (int p = 0; p < PROGRAMME_COUNT; p++) {
        if (wanted < w[p]) {
            *out = (programme_id)p;
            w[p] = 0;
            return true;
        }
        wanted -= w[p];
    }
    return false;
}

/* 0 to 4 further programmes beside the main one. */
static unsigned further(rng *r)
{
    uint32_t x = rng_below(r, 1000);
    return x < 560 ? 0 : x < 850 ? 1 : x < 940 ? 2 : x < 980 ? 3 : 4;
}

unsigned programmes_draw(rng *r, const circumstances *c, programme_id out[ENROLMENTS_MAX])
{
    uint32_t w[PROGRAMME_COUNT] = {0};
    unsigned n = 0, wanted;
    weigh_adults(c, w);
    weigh_students(c, w);
    if (rng_chance(r, 40)) /* known to the neighbours, enrolled nowhere */
        return 0;
    wanted = 1 + further(r);
    while (n < wanted && n < ENROLMENTS_MAX && take(r, w, &out[n])) {
        bool fighter = out[n++] == PROGRAMME_FFH;
        if (fighter && n < ENROLMENTS_MAX &&
            rng_chance(r, 900)) /* the festival allowance goes with the honorarium */
            out[n++] = PROGRAMME_FFF;
    }
    return n;
}
