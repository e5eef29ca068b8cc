/*
 * rotate.c - see rotate.h. The key file comes first, then the database: a version that is active in the file and not
 * yet in the database is one that a rotation was killed over, and the next one takes it up.
 */
#include "rotate/rotate.h"

#include <inttypes.h>
#include <time.h>

#include "base/stop_point.h"
#include "rotate/books.h"
#include "rotate/content.h"
#include "rotate/pace.h"
#include "rotate/reseal.h"
#include "rotate/turn.h"
#include "secret/key_store.h"

/* Blocks of a part of tokens or MACs: some hundred rows. Writers look at the key file once a second. */
enum { TOKEN_BLOCKS = 24, SETTLE_MS = 1100, WAIT_MS = 500, PROOFS = 100 };

static double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sleep_seconds(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    if (seconds > 0)
        (void)nanosleep(&t, NULL);
}

/* The version to go to: of an unfinished rotation, of one that was killed before it began, or a new one. */
static bool choose_version(const rotate_request *q, uint32_t *version, failure *f)
{
    bool active;
    uint32_t in_file = keyring_version(q->ring, q->purpose);
    if (!books_unfinished(q->pg, q->purpose, version, f) || *version != 0)
        return *version != 0;
    if (!books_register(q->pg, q->ring, q->purpose, f) ||
        !books_active(q->pg, q->purpose, in_file, &active, f))
        return false;
    *version = in_file;
    if (active && !key_store_add(q->key_file, q->purpose, version, f))
        return false;
    stop_point("keys_added");
    return true;
}

/* What does the parts of one kind of rotation. */
typedef struct {
    const char *rotation;
    pace *pace;
    bool (*part)(void *state, const rotate_part *part, int64_t counts[2], failure *f);
    void *state;
    unreadable *unread;
    int64_t *checked; /* NULL: the database counts by itself */
    const char *left; /* what is said of values that could not be brought on */
} part_work;

static const char NOT_OPENED[] = "values do not open and were left";

static bool one_part(const rotate_request *q, const part_work *w, const rotate_part *part,
                     rotate_progress *now, failure *f)
{
    int64_t counts[2];
    if (!pg_run(q->pg, "BEGIN", 0, NULL, f) || !w->part(w->state, part, counts, f))
        return false;
    now->waiting = counts[1] < 0;
    if (now->waiting)
        return pg_run(q->pg, "ROLLBACK", 0, NULL, f);
    stop_point("keys_written");
    if (!books_note(q->pg, w->rotation, part, counts, f) || !pg_run(q->pg, "COMMIT", 0, NULL, f))
        return false;
    stop_point("keys_committed");
    now->values += counts[0];
    now->passed_over += counts[1];
    now->unreadable = w->unread->count;
    return true;
}

/* Every table once, from where the books stand; those in which rows were passed over, again. */
static bool rotate_tables(const rotate_request *q, const part_work *w, rotate_progress *now, failure *f)
{
    double began = seconds_now();
    int64_t before = now->values;
    for (;;) {
        rotate_part part;
        double at = seconds_now();
        if (!books_next(q->pg, w->rotation, w->pace->blocks, &part, f))
            return false;
        if (part.none)
            return true;
        if (!one_part(q, w, &part, now, f))
            return false;
        pace_took(w->pace, seconds_now() - at);
        if (!books_look(q->pg, w->rotation, part.table, now, f))
            return false;
        if (q->report)
            q->report(q->context, now);
        if (now->waiting)
            sleep_seconds(WAIT_MS / 1e3);
        else if (q->most > 0)
            sleep_seconds((double)(now->values - before) / q->most - (seconds_now() - began));
    }
}

static bool tell_left(const part_work *w, failure *f)
{
    return fail(f, EXIT_PARTIAL, "%" PRId64 " %s; the first: %s", w->unread->count, w->left,
                w->unread->first);
}

/* Until the database has counted none. Writers look at the key file once a second: the first count waits for them. */
static bool rotate_until_proved(const rotate_request *q, const part_work *w, reseal *r, rotate_progress *now,
                                failure *f)
{
    bool proved = false;
    for (int i = 0; i < PROOFS && !proved; i++) {
        int64_t before = now->values;
        r->unread.count = 0;
        if (!rotate_tables(q, w, now, f))
            return false;
        if (r->unread.count > 0 && now->values == before)
            return tell_left(w, f);
        sleep_seconds(SETTLE_MS / 1e3);
        if (!books_finish(q->pg, w->rotation, &proved, f))
            return false;
    }
    return proved || fail(f, EXIT_PARTIAL,
                          "values on the old key keep coming: a daemon does not know the new one; copy the "
                          "key file to its "
                          "host, then rotate again");
}

/* What the proof retired is retired in the file. */
static bool retire_in_file(const rotate_request *q, failure *f)
{
    key_facts key[KEY_VERSIONS_MAX];
    size_t count = keyring_versions(q->ring, q->purpose, key);
    for (size_t i = 0; i < count; i++)
        if (key[i].state == KEY_DECRYPT_ONLY &&
            !key_store_end(q->key_file, q->purpose, key[i].version, KEY_RETIRED, f))
            return false;
    return keyring_refresh(q->ring, f);
}

static bool data_part(void *state, const rotate_part *part, int64_t counts[2], failure *f)
{
    return reseal_part(state, part, counts, f);
}

static bool rotate_data(const rotate_request *q, uint32_t version, rotate_progress *now, failure *f)
{
    char rotation[NUMBER_ROOM];
    reseal r;
    if (!key_store_activate(q->key_file, q->purpose, version, f) || !keyring_refresh(q->ring, f))
        return false;
    stop_point("keys_activated");
    if (!books_begin(q->pg, q->purpose, version, rotation, f))
        return false;
    pace steps = pace_begin();
    const part_work work = {rotation, &steps, data_part, &r, &r.unread, NULL, NOT_OPENED};
    bool good = reseal_init(&r, q, rotation, f) && rotate_until_proved(q, &work, &r, now, f);
    reseal_free(&r);
    if (good)
        stop_point("keys_proved");
    return good && retire_in_file(q, f);
}

static bool token_part(void *state, const rotate_part *part, int64_t counts[2], failure *f)
{
    return turn_part(state, part, counts, f);
}

/* Passes until one finds everything on the new version. *w->checked: how much that was. */
static bool turn_all(const rotate_request *q, const part_work *w, rotate_progress *now, failure *f)
{
    for (int i = 0; i < PROOFS; i++) {
        int64_t before = now->values;
        *w->checked = w->unread->count = 0;
        if (!rotate_tables(q, w, now, f))
            return false;
        if (w->unread->count > 0 && now->values == before)
            return tell_left(w, f);
        if (now->values == before && w->unread->count == 0)
            return true;
        if (!books_again(q->pg, w->rotation, f))
            return false;
    }
    return fail(f, EXIT_PARTIAL,
                "rows of the old key keep coming: copy the key file to every daemon's host, "
                "then rotate again");
}

/* Both versions are understood throughout. Nobody makes new tokens before all that stand are turned. */
static bool rotate_tokens(const rotate_request *q, uint32_t version, rotate_progress *now, failure *f)
{
    char rotation[NUMBER_ROOM];
    turn t;
    if (!books_begin(q->pg, q->purpose, version, rotation, f))
        return false;
    pace steps = pace_of(TOKEN_BLOCKS);
    const part_work work = {rotation, &steps, token_part, &t, &t.unread, &t.checked, NOT_OPENED};
    bool good = turn_init(&t, q, rotation, version, f) && rotate_tables(q, &work, now, f) &&
                key_store_activate(q->key_file, q->purpose, version, f) && keyring_refresh(q->ring, f);
    if (good)
        stop_point("keys_activated");
    good = good && books_activate_tokens(q->pg, rotation, f);
    if (good)
        sleep_seconds(SETTLE_MS / 1e3);
    good = good && turn_all(q, &work, now, f) && books_finish_tokens(q->pg, rotation, t.checked, f);
    turn_free(&t);
    if (good)
        stop_point("keys_proved");
    return good && retire_in_file(q, f);
}

static bool content_turn(void *state, const rotate_part *part, int64_t counts[2], failure *f)
{
    return content_part(state, part, counts, f);
}

/*
 * From its beginning in the database pages bring MACs by both versions, from its activation there they write the new
 * one alone: so one pass that finds nothing to turn, begun after that, is the proof.
 */
static bool rotate_contents(const rotate_request *q, uint32_t version, rotate_progress *now, failure *f)
{
    char rotation[NUMBER_ROOM];
    content c;
    if (!books_begin(q->pg, q->purpose, version, rotation, f))
        return false;
    bool good = key_store_activate(q->key_file, q->purpose, version, f) && keyring_refresh(q->ring, f);
    if (good)
        stop_point("keys_activated");
    pace steps = pace_of(TOKEN_BLOCKS);
    const part_work work = {rotation,
                            &steps,
                            content_turn,
                            &c,
                            &c.unread,
                            &c.checked,
                            "rows are not what their content MACs were made of: pull their sources, "
                            "which turns them, then rotate again; for those that never come again: ekok "
                            "keys settle"};
    good = good && books_activate_contents(q->pg, rotation, f);
    if (!good || !content_init(&c, q, rotation, version, f))
        return false;
    good = rotate_tables(q, &work, now, f) && books_again(q->pg, rotation, f) && turn_all(q, &work, now, f) &&
           books_finish_contents(q->pg, rotation, c.checked, f);
    content_free(&c);
    if (good)
        stop_point("keys_proved");
    return good && retire_in_file(q, f);
}

/* A rotation that was killed after its proof: only the key file is to be brought up to it. */
static bool finish_left(const rotate_request *q, bool *left, failure *f)
{
    key_facts key[KEY_VERSIONS_MAX];
    size_t count = keyring_versions(q->ring, q->purpose, key);
    *left = false;
    for (size_t i = 0; i < count && !*left; i++)
        if (key[i].state == KEY_DECRYPT_ONLY && !books_retired(q->pg, q->purpose, key[i].version, left, f))
            return false;
    return !*left || retire_in_file(q, f);
}

bool rotate_key(const rotate_request *q, rotate_progress *done, failure *f)
{
    uint32_t version;
    bool left;
    *done = (rotate_progress){.percent = 0};
    if (!books_hold(q->pg, f) || !keyring_refresh(q->ring, f) || !finish_left(q, &left, f))
        return false;
    if (left)
        return true;
    if (!choose_version(q, &version, f) || !keyring_refresh(q->ring, f) ||
        !books_register(q->pg, q->ring, q->purpose, f))
        return false;
    if (q->purpose == KEY_DATA)
        return rotate_data(q, version, done, f);
    if (q->purpose == KEY_ROW)
        return rotate_contents(q, version, done, f);
    return rotate_tokens(q, version, done, f);
}
