/*
 * match_score.c - see match.h: weights, their sum, and what it allows.
 */
#include "match.h"

static const struct {
    uint8_t field;
    uint32_t m, u; /* millionths */
    const char *name, *english, *bengali;
} LEVELS[EKOK_LEVELS] = {
#define X(FIELD, LEVEL, m, u, english, bengali) {EKOK_FIELD_##FIELD, m, u, #LEVEL, english, bengali},
#include "match_weight.def"
#undef X
};

static const struct {
    const char *name, *english, *bengali;
} FIELDS[EKOK_FIELDS] = {
#define X(FIELD, name, english, bengali) {#name, english, bengali},
#include "match_field.def"
#undef X
};

double ekok_log2(double x)
{
    int whole = 0;

    if (!(x > 0)) {
        return -1022;
    }
    for (; x >= 2 && whole < 1100; whole++) {
        x /= 2;
    }
    for (; x < 1 && whole > -1100; whole--) {
        x *= 2;
    }
    /* ln x = 2 artanh((x - 1) / (x + 1)), here at most a third. */
    double z = (x - 1) / (x + 1), square = z * z, power = z, sum = 0;
    for (int k = 1; k < 40; k += 2) {
        sum += power / k;
        power *= square;
    }
    return whole + 2 * sum * 1.4426950408889634;
}

double ekok_exp2(double x)
{
    double result = 1, term = 1;
    int whole;

    x = x > 1000 ? 1000 : x < -1000 ? -1000 : x;
    whole = (int)x;
    x = (x - whole) * 0.6931471805599453;
    for (int k = 1; k < 24; k++) {
        term *= x / k;
        result += term;
    }
    for (; whole > 0; whole--) {
        result *= 2;
    }
    for (; whole < 0; whole++) {
        result /= 2;
    }
    return result;
}

double ekok_level_m(uint8_t level)
{
    return LEVELS[level].m / 1e6;
}

double ekok_level_u(uint8_t level)
{
    return LEVELS[level].u / 1e6;
}

void ekok_match_standard(float weights[EKOK_LEVELS])
{
    for (uint8_t level = 0; level < EKOK_LEVELS; level++) {
        weights[level] = (float)(ekok_log2(ekok_level_m(level)) - ekok_log2(ekok_level_u(level)));
    }
}

float ekok_match_score(const ekok_levels *levels, const float weights[EKOK_LEVELS])
{
    float sum = 0;

    for (int field = 0; field < EKOK_FIELDS; field++) {
        sum += levels->of[field] < EKOK_LEVELS ? weights[levels->of[field]] : 0;
    }
    return sum;
}

static bool within(uint8_t level, int best, int worst)
{
    return level >= best && level <= worst;
}

static bool same_number(const ekok_levels *levels)
{
    return levels->of[EKOK_FIELD_NID] == EKOK_NID_SAME || levels->of[EKOK_FIELD_BRN] == EKOK_BRN_SAME;
}

static bool same_day(uint8_t birth)
{
    return within(birth, EKOK_BIRTH_EXACT, EKOK_BIRTH_SWAPPED);
}

static bool a_parent(const ekok_levels *levels)
{
    return within(levels->of[EKOK_FIELD_FATHER], EKOK_FATHER_SAME, EKOK_FATHER_ALIKE) ||
           within(levels->of[EKOK_FIELD_MOTHER], EKOK_MOTHER_SAME, EKOK_MOTHER_ALIKE);
}

/*
 * Parents of twins choose names that resemble each other. With two birth registrations only the same name, or
 * nearly, is taken for one child, without them also one that sounds alike; two registrations in one programme
 * are two children.
 */
static bool twins(const ekok_levels *levels)
{
    uint8_t brn = levels->of[EKOK_FIELD_BRN];
    int from = brn == EKOK_BRN_TOGETHER    ? EKOK_NAME_SAME_RARE
               : brn == EKOK_BRN_DIFFERENT ? EKOK_NAME_ALIKE
                                           : EKOK_NAME_CLOSE;

    return a_parent(levels) && same_day(levels->of[EKOK_FIELD_BIRTH]) &&
           within(levels->of[EKOK_FIELD_NAME], from, EKOK_NAME_DIFFERENT);
}

ekok_apart ekok_match_contradiction(const ekok_levels *levels)
{
    if (levels->of[EKOK_FIELD_NID] == EKOK_NID_DIFFERENT) {
        return EKOK_APART_NID;
    }
    if (levels->of[EKOK_FIELD_SEX] == EKOK_SEX_DIFFERENT) {
        return EKOK_APART_SEX;
    }
    return twins(levels) && !same_number(levels) ? EKOK_APART_TWIN : EKOK_APART_NOT;
}

static bool private_number(const ekok_levels *levels)
{
    return within(levels->of[EKOK_FIELD_MOBILE], EKOK_MOBILE_FEW, EKOK_MOBILE_SOME) ||
           within(levels->of[EKOK_FIELD_WALLET], EKOK_WALLET_FEW, EKOK_WALLET_SOME) ||
           within(levels->of[EKOK_FIELD_ACCOUNT], EKOK_ACCOUNT_FEW, EKOK_ACCOUNT_SOME) ||
           within(levels->of[EKOK_FIELD_OTHER], EKOK_OTHER_FEW, EKOK_OTHER_SOME);
}

bool ekok_match_strangers(const ekok_levels *levels)
{
    return levels->of[EKOK_FIELD_FATHER] == EKOK_FATHER_DIFFERENT &&
           levels->of[EKOK_FIELD_MOTHER] == EKOK_MOTHER_DIFFERENT && !same_number(levels) &&
           !private_number(levels);
}

/* More than a namesake of the same place has: a number, a birth year, or both parents. */
static bool beyond_namesake(const ekok_levels *levels)
{
    bool parents = within(levels->of[EKOK_FIELD_FATHER], EKOK_FATHER_SAME, EKOK_FATHER_ALIKE) &&
                   within(levels->of[EKOK_FIELD_MOTHER], EKOK_MOTHER_SAME, EKOK_MOTHER_ALIKE);

    return private_number(levels) || parents ||
           within(levels->of[EKOK_FIELD_BIRTH], EKOK_BIRTH_EXACT, EKOK_BIRTH_YEAR);
}

/* A number that is one person's alone; telephones and wallets are shared in families. */
static bool own_number(const ekok_levels *levels)
{
    return same_number(levels) ||
           within(levels->of[EKOK_FIELD_ACCOUNT], EKOK_ACCOUNT_FEW, EKOK_ACCOUNT_SOME) ||
           within(levels->of[EKOK_FIELD_OTHER], EKOK_OTHER_FEW, EKOK_OTHER_SOME);
}

/*
 * What brothers, sisters and cousins of one house have as well: another day, in a list where nobody forgot it; or a day
 * that nobody knew, and a parent who differs.
 */
static bool perhaps_kin(const ekok_levels *levels)
{
    uint8_t birth = levels->of[EKOK_FIELD_BIRTH];
    bool other_parent = levels->of[EKOK_FIELD_FATHER] == EKOK_FATHER_DIFFERENT ||
                        levels->of[EKOK_FIELD_MOTHER] == EKOK_MOTHER_DIFFERENT;

    return !own_number(levels) && (within(birth, EKOK_BIRTH_YEAR, EKOK_BIRTH_FAR) ||
                                   (birth == EKOK_BIRTH_YEAR_HEAPED && other_parent));
}

/* One day, one family, and names that are near but not the same: one child or two, a human has to say. */
static bool near_names(const ekok_levels *levels, ekok_numbers numbers)
{
    int from = numbers == EKOK_NUMBERS_LACKING ? EKOK_NAME_CLOSE : EKOK_NAME_NEAR;

    return !own_number(levels) && a_parent(levels) && same_day(levels->of[EKOK_FIELD_BIRTH]) &&
           within(levels->of[EKOK_FIELD_NAME], from, EKOK_NAME_DIFFERENT);
}

bool ekok_match_perhaps_twins(const ekok_levels *levels, ekok_numbers numbers)
{
    if (numbers == EKOK_NUMBERS_TOGETHER) {
        return !own_number(levels);
    }
    return (numbers == EKOK_NUMBERS_APART || levels->of[EKOK_FIELD_BRN] == EKOK_BRN_DIFFERENT) &&
           !own_number(levels) && a_parent(levels) && same_day(levels->of[EKOK_FIELD_BIRTH]) &&
           within(levels->of[EKOK_FIELD_MOBILE], EKOK_MOBILE_FEW, EKOK_MOBILE_CROWD);
}

bool ekok_match_twins(const ekok_levels *levels, ekok_numbers numbers)
{
    return ekok_match_contradiction(levels) == EKOK_APART_TWIN || ekok_match_perhaps_twins(levels, numbers);
}

/* A parent in common and another birth year. */
static bool siblings(const ekok_levels *levels)
{
    return a_parent(levels) && within(levels->of[EKOK_FIELD_BIRTH], EKOK_BIRTH_NEAR_YEAR, EKOK_BIRTH_FAR);
}

/* A number that the whole list shows to be each person's own. */
static bool proven_number(const ekok_levels *levels, bool own_others)
{
    return own_others && within(levels->of[EKOK_FIELD_OTHER], EKOK_OTHER_FEW, EKOK_OTHER_SOME);
}

static bool sure(const ekok_levels *levels, ekok_match_context context)
{
    bool different_name = levels->of[EKOK_FIELD_NAME] == EKOK_NAME_DIFFERENT;
    bool far = levels->of[EKOK_FIELD_BIRTH] == EKOK_BIRTH_FAR;
    bool named = levels->of[EKOK_FIELD_NAME] != EKOK_MISSING && !different_name;

    if (same_number(levels)) {
        return !(different_name && far);
    }
    if (proven_number(levels, context.own_others)) {
        return !different_name || same_day(levels->of[EKOK_FIELD_BIRTH]);
    }
    return named && !far && !siblings(levels) && !perhaps_kin(levels) &&
           !near_names(levels, context.numbers) && !ekok_match_perhaps_twins(levels, context.numbers) &&
           beyond_namesake(levels);
}

ekok_verdict ekok_match_verdict_in(const ekok_levels *levels, float bits, ekok_match_context context)
{
    if (ekok_match_contradiction(levels) != EKOK_APART_NOT) {
        return EKOK_VERDICT_APART;
    }
    if (bits < EKOK_PROBABLE_BITS || ekok_match_strangers(levels)) {
        return EKOK_VERDICT_DIFFERENT;
    }
    return bits >= EKOK_CERTAIN_BITS && sure(levels, context) ? EKOK_VERDICT_CERTAIN : EKOK_VERDICT_PROBABLE;
}

ekok_verdict ekok_match_verdict(const ekok_levels *levels, float bits)
{
    return ekok_match_verdict_in(levels, bits, (ekok_match_context){false, EKOK_NUMBERS_NOT_KNOWN});
}

float ekok_match_prior(double records)
{
    return records > 2 ? (float)-ekok_log2(records) : -1.0f;
}

const char *ekok_field_name(ekok_field field)
{
    return FIELDS[field].name;
}

const char *ekok_field_title(ekok_field field, bool bengali)
{
    return bengali ? FIELDS[field].bengali : FIELDS[field].english;
}

const char *ekok_level_text(uint8_t level, bool bengali)
{
    return bengali ? LEVELS[level].bengali : LEVELS[level].english;
}

const char *ekok_level_name(uint8_t level)
{
    return LEVELS[level].name;
}

ekok_field ekok_level_field(uint8_t level)
{
    return (ekok_field)LEVELS[level].field;
}

int ekok_field_first(int field)
{
    static const uint8_t FIRST[] = {EKOK_NAME_SAME_RARE, EKOK_FATHER_SAME, EKOK_MOTHER_SAME, EKOK_BIRTH_EXACT,
                                    EKOK_SEX_SAME,       EKOK_PLACE_UNION, EKOK_NID_SAME,    EKOK_BRN_SAME,
                                    EKOK_MOBILE_FEW,     EKOK_WALLET_FEW,  EKOK_ACCOUNT_FEW, EKOK_OTHER_FEW,
                                    EKOK_LEVELS};

    return FIRST[field];
}
