/* known_pages.c - see known_pages.h. */
#include "job/known_pages.h"

#include "base/wall.h"

/* Is the page of mark known? *behind is moved past it then. */
static bool recall(load_page *load, const page_mark *mark, paging *behind, known_page *page, bool *known)
{
    page_memo memo;
    failure stuck;
    *known = false;
    if (!mark->reading)
        return true;
    if (!load_known_recall(load, mark, &memo, page->why))
        return false;
    const page_facts facts = {.records = memo.records,
                              .total = memo.total,
                              .next = memo.has_next ? span_of(memo.next) : (span){NULL, 0}};
    *page = (known_page){memo.records, memo.total, PAGING_STUCK, page->why};
    if (memo.known)
        page->step = paging_advance(behind, &facts, &stuck);
    *known = page->step != PAGING_STUCK;
    return true;
}

static bool fits(const known_pages *k, const page_mark *mark, const known_page *page)
{
    return k->count < LOAD_KNOWN_MAX && k->records + page->records <= KNOWN_RECORDS_MAX &&
           memcmp(k->reading, mark->reading, SHA256_BYTES) == 0;
}

static void add(known_pages *k, const page_mark *mark, const paging *at, const known_page *page)
{
    if (k->count == 0) {
        k->run_id = mark->run_id;
        k->number = mark->number;
        k->since_ms = wall_steady_ms();
        k->records = 0;
        k->before = *at;
        memcpy(k->reading, mark->reading, SHA256_BYTES);
    }
    memcpy(k->sha256[k->count], mark->sha256, SHA256_BYTES);
    k->bytes[k->count] = mark->bytes;
    k->records += page->records;
    k->count++;
}

/* Is the group to be taken before another page is asked for? */
static bool full(known_pages *k)
{
    if (k->alone > 0) {
        k->alone--;
        return true;
    }
    return k->single || k->count == LOAD_KNOWN_MAX || k->records >= KNOWN_RECORDS_MAX ||
           wall_steady_ms() - k->since_ms >= KNOWN_MS_MAX;
}

bool known_pages_take(known_pages *k, load_page *load, paging *at, bool *again, failure *f)
{
    char cursor[PAGING_CURSOR_TEXT];
    page_counts counts = {0};
    bool accepted = false;
    *again = false;
    if (k->count == 0)
        return true;
    paging_cursor(at, cursor);
    const known_marks marks = {.run_id = k->run_id,
                               .number = k->number,
                               .next_cursor = cursor[0] ? cursor : NULL,
                               .reading = k->reading,
                               .count = k->count,
                               .sha256 = (const uint8_t(*)[SHA256_BYTES])k->sha256,
                               .bytes = k->bytes};
    if (!load_known_take(load, &marks, &counts, &accepted, f))
        return false;
    if (accepted) {
        k->taken += k->count;
        k->counts.unchanged += counts.unchanged;
        k->counts.quarantined += counts.quarantined;
        k->counts.refused += counts.refused;
    } else {
        *again = true;
        *at = k->before;
        k->alone = k->count > 1 ? k->count : 0;
    }
    k->count = 0;
    return true;
}

known_step known_pages_meet(known_pages *k, load_page *load, const page_mark *mark, paging *at,
                            known_page *page)
{
    const paging here = *at;
    paging behind = here;
    bool known = false, again = false;
    if (!recall(load, mark, &behind, page, &known))
        return KNOWN_FAILED;
    if (k->count > 0 && (!known || !fits(k, mark, page)) && !known_pages_take(k, load, at, &again, page->why))
        return KNOWN_FAILED;
    if (again)
        return KNOWN_ASK_AGAIN;
    if (!known)
        return KNOWN_NOT;
    add(k, mark, &here, page);
    *at = behind;
    if (page->step == PAGING_MORE && !full(k))
        return KNOWN_GATHERED;
    const bool alone = k->count == 1;
    if (!known_pages_take(k, load, at, &again, page->why)) {
        k->count--;
        k->records -= page->records;
        *at = here;
        return KNOWN_FAILED;
    }
    return !again ? KNOWN_GATHERED : alone ? KNOWN_NOT : KNOWN_ASK_AGAIN;
}
