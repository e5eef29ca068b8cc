/*
 * job_known.c - what a run counts, and what it does with the pages that known_pages.h gathers for it: they count once
 * they are committed, and none is left behind when the pages end.
 */
#include "job/job_private.h"

#include "base/log.h"

void job_count(job *j, int pages, const page_counts *counts)
{
    job_progress *p = j->progress;
    p->pages += pages;
    p->rows += counts->inserted + counts->updated + counts->unchanged + counts->quarantined + counts->refused;
    p->inserted += counts->inserted;
    p->updated += counts->updated;
    p->unchanged += counts->unchanged;
    p->quarantined += counts->quarantined;
    p->refused += counts->refused;
}

void job_count_known(job *j)
{
    known_pages *k = &j->known;
    if (k->taken == 0)
        return;
    job_count(j, k->taken, &k->counts);
    log_event(LOG_DEBUG, j->task->def->name, "pages_known", "pages=%d up_to=%d", k->taken,
              j->progress->pages);
    k->taken = 0;
    k->counts = (page_counts){.unchanged = 0};
}

loop_step job_take_known(job *j, failure *f)
{
    bool again = false;
    load_page *load = &j->desk->work.load;
    bool good = known_pages_take(&j->known, load, &j->at, &again, f);
    job_count_known(j);
    if (good)
        return LOOP_ON;
    j->known.count = 0;
    load_page_abandon(load);
    return LOOP_FAILED;
}

loop_step job_take_rest(job *j, loop_step step, failure *f)
{
    failure why = {.text = ""};
    if (j->known.count == 0)
        return step;
    j->desk = desk_take(j->task->desks, j->task, &why);
    bool good = j->desk && job_take_known(j, &why) == LOOP_ON;
    if (j->desk)
        desk_leave(j->task->desks, j->desk);
    j->desk = NULL;
    if (good || step == LOOP_FAILED)
        return step;
    *f = why;
    return LOOP_FAILED;
}
