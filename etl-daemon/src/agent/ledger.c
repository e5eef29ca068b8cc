/*
 * ledger.c - see ledger.h.
 */
#include "agent/ledger.h"

#include <stdlib.h>

#include "secret/seal.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, FIRST_ROOM = 32, AT_WORK = 5 };

static void forget_old(ledger *l, int64_t now)
{
    size_t old = 0;
    while (old < l->uses && l->use[old].at <= now - DAY)
        old++;
    if (old == 0)
        return;
    l->uses -= old;
    memmove(l->use, l->use + old, l->uses * sizeof *l->use);
}

ledger_answer ledger_ask(ledger *l, ledger_limits limits, uint64_t ref, int64_t now)
{
    int hour = 0;
    forget_old(l, now);
    for (size_t i = 0; i < l->uses; i++) {
        if (l->use[i].ref == ref)
            return LEDGER_AGAIN;
        hour += l->use[i].at > now - HOUR;
    }
    if (l->uses >= (size_t)limits.per_day)
        return LEDGER_DAY;
    return hour >= limits.per_hour ? LEDGER_HOUR : LEDGER_COUNTED;
}

bool ledger_count(ledger *l, uint64_t ref, int64_t now)
{
    if (l->uses == l->room) {
        size_t room = l->room ? 2 * l->room : FIRST_ROOM;
        ledger_use *grown = realloc(l->use, room * sizeof *grown);
        if (!grown)
            return false;
        l->use = grown;
        l->room = room;
    }
    l->use[l->uses++] = (ledger_use){now, ref};
    return true;
}

int ledger_last_minute(const ledger *l, int64_t now)
{
    int count = 0;
    for (size_t i = l->uses; i > 0 && l->use[i - 1].at > now - MINUTE; i--)
        count++;
    return count;
}

int ledger_neighbours(ledger *l, uint8_t kind, uint64_t number, uint64_t near)
{
    uint64_t word = (uint64_t)(kind + 1) << 60 | number; /* 17 digits take 57 bits */
    int count = 0;
    for (size_t i = 0; i < LEDGER_SEEN; i++) {
        uint64_t other = l->seen[i];
        if (other == word)
            return 0; /* the same again is no neighbour and no news */
        uint64_t apart = other > word ? other - word : word - other;
        count += other != 0 && apart <= near;
    }
    l->seen[l->next_seen] = word;
    l->next_seen = (l->next_seen + 1) % LEDGER_SEEN;
    return count;
}

bool ledger_idle(const ledger *l, int64_t now)
{
    bool empty = l->uses == 0 && l->seen[0] == 0; /* of codes that were right */
    return !l->locked && l->refused == 0 && l->touched < now - (empty ? AT_WORK : HOUR) &&
           (l->uses == 0 || l->use[l->uses - 1].at <= now - DAY);
}

void ledger_forget_numbers(ledger *l)
{
    wipe(l->seen, sizeof l->seen);
    l->next_seen = 0;
}

void ledger_free(ledger *l)
{
    ledger_forget_numbers(l);
    free(l->use);
    l->use = NULL;
    l->uses = l->room = 0;
}

uint64_t ledger_number(span subject)
{
    size_t begin = subject.n;
    uint64_t number = 0;
    while (begin > 0 && subject.p[begin - 1] >= '0' && subject.p[begin - 1] <= '9' && subject.n - begin < 17)
        begin--;
    for (size_t i = begin; i < subject.n; i++)
        number = 10 * number + (uint64_t)(subject.p[i] - '0');
    return number;
}
