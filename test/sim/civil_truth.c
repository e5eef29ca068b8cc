/*
 * civil_truth.c - see civil_truth.h. Rates stand in civil_truth.def.
 */
#include "civil_truth.h"

#include <string.h>

enum {
#define X(NAME, rate) RATE_##NAME = rate,
#include "civil_truth.def"
#undef X
};

enum { ONLINE_SINCE = 1990 };

const char *civil_name(civil_system system)
{
    static const char *const names[CIVIL_COUNT] = {"bdris",   "btrc",      "bkash",      "nagad", "rocket",
                                                   "ec",      "employees", "pensioners", "tin",   "mpo",
                                                   "savings", "land",      "agriculture"};
    return names[system];
}

/* 0 to 999, another for each register and subject. */
static uint32_t chance_of(const world *w, unsigned of, uint64_t subject)
{
    return (uint32_t)(draw(w->seed, DRAW_REGISTER, subject * 32 + of) % 1000);
}

static uint64_t number_of(const char *digits)
{
    uint64_t n = 0;
    for (int i = 0; i < 11 && digits[i]; i++)
        n = n * 10 + (uint64_t)(digits[i] - '0');
    return n;
}

const char *truth_birth(const world *w, const civil_claim *claim)
{
    if (claim->person < 0 || !claim->date_right)
        return "found=false";
    uint32_t x = chance_of(w, CIVIL_BDRIS, (uint64_t)claim->person);
    if (claim->birth_year < ONLINE_SINCE && x < RATE_BIRTH_ABSENT_OLD)
        return "found=false";
    x = chance_of(w, CIVIL_BDRIS + 16, (uint64_t)claim->person);
    if (x < RATE_BIRTH_DEAD)
        return "dead=true";
    if (x < RATE_BIRTH_DEAD + RATE_BIRTH_CANCELLED)
        return "status=cancelled";
    return x < RATE_BIRTH_DEAD + RATE_BIRTH_CANCELLED + RATE_BIRTH_CORRECTED ? "status=corrected"
                                                                             : "status=registered";
}

const char *truth_voter(const world *w, const civil_claim *claim)
{
    uint32_t x = claim->person < 0 ? 0 : chance_of(w, CIVIL_EC, (uint64_t)claim->person);
    if (claim->person < 0 || x < RATE_VOTER_ABSENT)
        return "http=404";
    if (x < RATE_VOTER_ABSENT + RATE_VOTER_LOCKED)
        return "http=403";
    return claim->date_right ? "verified=true" : "verified=false";
}

const char *truth_list(const world *w, civil_system list, const civil_claim *claim)
{
    uint32_t x = claim->person < 0 ? 0 : chance_of(w, list, (uint64_t)claim->person);
    if (claim->person < 0 || x < RATE_LIST_ABSENT)
        return "listed=not_found";
    return x < RATE_LIST_ABSENT + RATE_LIST_YES ? "listed=yes" : "listed=no";
}

const char *truth_sim(const world *w, const char *number, int64_t owner, int64_t asked)
{
    uint32_t x = chance_of(w, CIVIL_BTRC, number_of(number));
    if (owner < 0 || x < RATE_SIM_ABSENT)
        return "match=NOT_FOUND";
    if (x < RATE_SIM_ABSENT + RATE_SIM_OTHER || owner != asked)
        return "match=N";
    return "match=Y";
}

typedef enum {
    WALLET_ABSENT,
    WALLET_INACTIVE,
    WALLET_CLOSED,
    WALLET_OTHER,
    WALLET_OWN,
    WALLET_STATES
} wallet_state;

const char *truth_wallet(const world *w, civil_system provider, const char *number,
                         const int64_t owner_person[2])
{
    static const char *const answer[3][WALLET_STATES] = {
        {"statusCode=2045", "accountStatus=INACTIVE", "accountStatus=CLOSED", "nidMatch=N", "nidMatch=Y"},
        {"status=NotFound", "status=Inactive", "status=Inactive", "nidMatched=false", "nidMatched=true"},
        {"wallet=NOT_FOUND", "wallet=INACTIVE", "wallet=CLOSED", "nid_match=N", "nid_match=Y"}};
    uint32_t x = chance_of(w, provider, number_of(number));
    wallet_state state = WALLET_OWN;
    if (owner_person[0] < 0 || x < RATE_WALLET_ABSENT)
        state = WALLET_ABSENT;
    else if (x < RATE_WALLET_ABSENT + RATE_WALLET_INACTIVE)
        state = WALLET_INACTIVE;
    else if (x < RATE_WALLET_ABSENT + RATE_WALLET_INACTIVE + RATE_WALLET_CLOSED)
        state = WALLET_CLOSED;
    else if (x < RATE_WALLET_ABSENT + RATE_WALLET_INACTIVE + RATE_WALLET_CLOSED + RATE_WALLET_OTHER ||
             owner_person[0] != owner_person[1])
        state = WALLET_OTHER;
    return answer[provider - CIVIL_BKASH][state];
}

static wallet_provider provider_of(civil_system system)
{
    return (wallet_provider)(PROVIDER_BKASH + (system - CIVIL_BKASH));
}

const char *truth_expected(const world *w, civil_system system, const record *r)
{
    const civil_claim claim = {(int64_t)r->person, r->birth.year,
                               !r->swapped || r->birth.day == r->birth.month};
    const int64_t wallet[2] = {(int64_t)r->wallet_owner, (int64_t)r->person};
    switch (system) {
    case CIVIL_BDRIS:
        return *r->brn ? truth_birth(w, &claim) : NULL;
    case CIVIL_BTRC:
        return *r->nid && *r->mobile ? truth_sim(w, r->mobile, (int64_t)r->mobile_owner, claim.person) : NULL;
    case CIVIL_BKASH:
    case CIVIL_NAGAD:
    case CIVIL_ROCKET:
        return *r->nid && r->provider == provider_of(system) ? truth_wallet(w, system, r->wallet, wallet)
                                                             : NULL;
    case CIVIL_EC:
        return *r->nid ? truth_voter(w, &claim) : NULL;
    default:
        return *r->nid ? truth_list(w, system, &claim) : NULL;
    }
}
