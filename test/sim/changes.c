/*
 * changes.c - see changes.h.
 */
#include "changes.h"

static const int64_t beginning = 1704045600000; /* 2024-01-01 00:00 in Dhaka */
static const int64_t epoch_length = 60LL * 86400 * 1000;

static bool changes(const world *w, mis_id mis, uint64_t rank, uint32_t epoch)
{
    return draw(w->seed + epoch, DRAW_CHANGE, rank * MIS_COUNT + (unsigned)mis) % 50 == 0;
}

uint32_t change_epoch(const world *w, mis_id mis, uint64_t rank)
{
    for (uint32_t epoch = w->epoch; epoch > 0; epoch--)
        if (changes(w, mis, rank, epoch))
            return epoch;
    return 0;
}

change_kind change_in(const world *w, mis_id mis, uint64_t rank, uint32_t epoch)
{
    if (epoch == 0)
        return CHANGE_NONE;
    uint64_t h = draw(w->seed + epoch, DRAW_CHANGE, rank * MIS_COUNT + (unsigned)mis);
    return (change_kind)(CHANGE_MOBILE + (h >> 32) % 3);
}

int64_t change_time(mis_id mis, uint64_t rank, uint32_t epoch)
{
    int64_t step = (int64_t)(mis == MIS_PESP ? rank / 3 * 1000 : rank * 250);
    return beginning + epoch * epoch_length + step;
}

void change_at(mis_id mis, int64_t time, uint32_t *epoch, uint64_t *rank)
{
    int64_t since = time < beginning ? 0 : time - beginning, step = since % epoch_length;
    *epoch = (uint32_t)(since / epoch_length);
    *rank = mis == MIS_PESP ? (uint64_t)(step + 999) / 1000 * 3 : (uint64_t)(step + 249) / 250;
}
