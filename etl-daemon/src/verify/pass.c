/*
 * pass.c - see pass.h. A batch is reserved, sent, recorded; whatever ends this process in between costs its quota once
 * and no verdict (test/tap/14_verification.t ends it at each stop point).
 */
#include "verify/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/stop_point.h"
#include "secret/seal.h"
#include "verify/ask.h"

enum { TRIES = 3, TOKEN_TRIES = 2, LOOK_EVERY_MS = 100, BACKOFF_SECONDS = 1, WAIT_MOST = 61 };

typedef struct {
    const pass_task *task;
    pass_progress *out;
    pg_session *pg;
    asker asker;
    cell cell;
    credential *secrets;
    reservation *batch;
    answer_item *item;
    ledger_token *token;
    int failures, refusals; /* in a row */
} pass;

static void tell(pass *p, pass_state state)
{
    p->out->state = state;
    p->task->report(p->task->context, p->out);
}

/* False when told to stop. */
static bool wait_for(const pass *p, int seconds)
{
    for (int64_t left = (int64_t)seconds * 1000; left > 0 && !*p->task->stop; left -= LOOK_EVERY_MS)
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
    return !*p->task->stop;
}

static bool prepare(pass *p, failure *f)
{
    const pass_task *t = p->task;
    p->asker = (asker){.def = t->def, .cell = &p->cell, .cancel = t->urgent};
    p->batch = calloc(1, sizeof *p->batch);
    p->item = calloc(BATCH_MAX, sizeof *p->item);
    p->token = calloc(1, sizeof *p->token);
    if (!p->batch || !p->item || !p->token)
        return fail(f, EXIT_INTERNAL, "no memory for a batch");
    if (!cell_open(&p->cell, t->home, ANSWER_ITEM_MAX))
        return fail(f, EXIT_INTERNAL, "no memory for a decoder");
    if (t->def->credentials[0] && !(p->secrets = credential_read(t->def->credentials, f)))
        return false;
    p->asker.secrets = p->secrets;
    p->asker.wire = exchange_new(t->identity, f);
    p->pg = p->asker.wire ? pg_open(t->conninfo, "ekok-etld verify", f) : NULL;
    return p->pg != NULL;
}

static void release(pass *p)
{
    exchange_free(p->asker.wire);
    cell_close(&p->cell);
    credential_free(p->secrets);
    pg_close(p->pg);
    if (p->batch)
        reservation_wipe(p->batch);
    if (p->token)
        wipe(p->token, sizeof *p->token);
    free(p->batch);
    free(p->item);
    free(p->token);
}

/* A token in hand where the system wants one. */
static bool have_token(pass *p, failure *f)
{
    bool again = false;
    if (!p->task->def->grant_url[0] || p->token->text[0])
        return true;
    if (!ledger_grant(p->pg, p->task->keys, p->task->def->name, p->token, f))
        return false;
    if (p->token->kept)
        return true;
    if (p->token->grant == 0)
        return fail(f, EXIT_PARTIAL,
                    "no token may be asked for until %d minutes from now: its grants of the hour are used up",
                    (p->token->wait_seconds + 59) / 60);
    stop_point("verify_granting");
    if (!ask_token(&p->asker, p->token, &again, f)) {
        p->token->text[0] = '\0';
        return false;
    }
    stop_point("verify_granted");
    return ledger_keep(p->pg, p->task->keys, p->token, p->task->def->grant_seconds, f);
}

/* What is to be done after a batch. */
typedef enum { GO_ON, GO_END, GO_FAIL } next_step;

/* The token was refused: a new one, if the books allow it; else the system fails. */
static next_step on_refusal(pass *p, failure *f)
{
    failure books = {.text = ""};
    if (!ledger_fail(p->pg, p->batch->batch, "our token or key is refused", false, &books)) {
        *f = books;
        return GO_FAIL;
    }
    if (p->task->def->grant_url[0] && ++p->refusals < TOKEN_TRIES) {
        wipe(p->token->text, sizeof p->token->text);
        if (ledger_drop(p->pg, p->token->grant, f))
            return GO_ON;
        return GO_FAIL;
    }
    (void)fail(f, EXIT_PARTIAL, "our token or key is refused; see its credentials: %s",
               p->task->def->credentials);
    return GO_FAIL;
}

static next_step on_no_answer(pass *p, bool again, failure *f)
{
    failure books = {.text = ""};
    if (!ledger_fail(p->pg, p->batch->batch, f->text, false, &books)) {
        *f = books;
        return GO_FAIL;
    }
    if (*p->task->stop)
        return GO_END;
    if (!again || ++p->failures >= TRIES)
        return GO_FAIL;
    (void)snprintf(p->out->problem, sizeof p->out->problem, "%s", f->text);
    tell(p, PASS_RETRYING);
    p->out->problem[0] = '\0';
    *f = (failure){.text = ""};
    return wait_for(p, BACKOFF_SECONDS << p->failures) ? GO_ON : GO_END;
}

static next_step on_answer(pass *p, const answer *answers, failure *f)
{
    stop_point("verify_answered");
    if (!ledger_record(p->pg, p->batch->batch, answers, &p->out->counts, f))
        return GO_FAIL;
    stop_point("verify_recorded");
    p->failures = p->refusals = 0;
    p->out->asked += (int64_t)p->batch->count;
    p->out->batches++;
    tell(p, PASS_RUNNING);
    return GO_ON;
}

static next_step ask(pass *p, failure *f)
{
    ask_result result = {.answers = {.item = p->item, .count = p->batch->count}};
    for (size_t i = 0; i < p->batch->count; i++)
        p->item[i] = (answer_item){.ref = p->batch->item[i].ref};
    stop_point("verify_reserved");
    bool good = ask_send(&p->asker, p->batch, p->token->text[0] ? p->token->text : NULL, &result, f);
    for (size_t i = 0; i < p->batch->count; i++)
        wipe(&p->batch->item[i], sizeof p->batch->item[i]);
    if (good && result.answers.refused)
        return on_refusal(p, f);
    if (good && result.answers.exhausted) {
        (void)snprintf(
            p->out->problem, sizeof p->out->problem,
            "it says that its quota is used up: nothing more is asked today (ekok verify reopen %s)",
            p->task->def->name);
        return ledger_fail(p->pg, p->batch->batch, "the system says that its quota is used up", true, f)
                   ? GO_END
                   : GO_FAIL;
    }
    return good ? on_answer(p, &result.answers, f) : on_no_answer(p, result.again, f);
}

/* Nothing could be reserved: at its end, for today, or for this minute. */
static next_step on_nothing(pass *p, failure *f)
{
    ledger_left left;
    if (!ledger_look(p->pg, p->task->def->name, &left, f))
        return GO_FAIL;
    if (left.closed_by[0])
        (void)snprintf(p->out->problem, sizeof p->out->problem, "nothing more is asked today: %s",
                       left.closed_by);
    else if (left.day_left == 0)
        (void)snprintf(p->out->problem, sizeof p->out->problem, "the quota of the day is used up");
    if (p->out->problem[0] || left.planned == 0)
        return GO_END;
    int seconds = left.wait_seconds < 1 ? 1 : left.wait_seconds < WAIT_MOST ? left.wait_seconds : WAIT_MOST;
    return wait_for(p, seconds) ? GO_ON : GO_END;
}

/* No token is asked for when nothing can be asked with it. */
static bool worth_a_token(pass *p, bool *worth, failure *f)
{
    ledger_left left;
    *worth = true;
    if (!p->task->def->grant_url[0] || p->token->text[0])
        return true;
    if (!ledger_look(p->pg, p->task->def->name, &left, f))
        return false;
    *worth = left.planned > 0 && left.day_left > 0 && left.minute_left > 0;
    return true;
}

static next_step turn(pass *p, failure *f)
{
    bool worth;
    if (!worth_a_token(p, &worth, f))
        return GO_FAIL;
    if (!worth)
        return on_nothing(p, f);
    if (!have_token(p, f) || !ledger_reserve(p->pg, p->task->keys, p->task->def->name, p->batch, f))
        return GO_FAIL;
    return p->batch->batch ? ask(p, f) : on_nothing(p, f);
}

static bool work(pass *p, failure *f)
{
    int planned = 0;
    next_step next = GO_ON;
    if (!ledger_plan(p->pg, p->task->def->name, p->task->most, &planned, f))
        return false;
    p->out->planned = planned;
    stop_point("verify_planned");
    tell(p, PASS_RUNNING);
    while (next == GO_ON && !*p->task->stop)
        next = turn(p, f);
    return next != GO_FAIL && ledger_share(p->pg, p->task->def->name, f);
}

void pass_run(const pass_task *task, pass_progress *out)
{
    failure f = {.text = ""};
    *out = (pass_progress){.system = task->def->name};
    pass p = {.task = task, .out = out, .cell = {.fd = -1}};
    bool good = prepare(&p, &f) && work(&p, &f);
    out->code = !good ? f.code : *task->stop ? EXIT_INTERRUPTED : EXIT_DONE;
    if (!good)
        (void)snprintf(out->problem, sizeof out->problem, "%s", f.text);
    log_event(good ? LOG_INFO : LOG_WARNING, task->def->name, "verify_ended",
              "asked=%lld match=%lld mismatch=%lld unknown=%lld problem=\"%s\"", (long long)out->asked,
              (long long)out->counts.matches, (long long)out->counts.mismatches,
              (long long)out->counts.unknowns, out->problem);
    release(&p);
    tell(&p, !good ? PASS_FAILED : *task->stop ? PASS_STOPPED : PASS_FINISHED);
}
