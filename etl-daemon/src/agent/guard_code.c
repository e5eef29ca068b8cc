/*
 * guard_code.c - the guard's part for one-time codes: how many wrong ones may be tried. Of a million codes three are
 * right at a moment; what the database counts, its superuser can undo, so the agent counts too.
 *
 * Promises that a wrong try is on the disk before its outcome is told, and that a restart forgets none of the last
 * day.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "agent/guard_private.h"

enum { DAY_SECONDS = 86400, LINE_ROOM = 800 };

static const char NO_TRACE[] = "the agent's trace cannot be written; see its log";

/* Wrong codes have ledgers of their own: a caller's name has no dot. */
static const char *codes_of(const char *caller_name, char out[LEDGER_OF])
{
    (void)snprintf(out, LEDGER_OF, "%.*s.codes", POST_NAME, caller_name);
    return out;
}

bool guard_take_code(guard *g, const journal_line *line, failure *f)
{
    char name[POST_NAME], of[LEDGER_OF], user[LEDGER_NAME], step[16];
    if (line->at <= time(NULL) - DAY_SECONDS || !guard_field(line->text, "caller", name, sizeof name) ||
        !guard_field(line->text, "user", user, sizeof user) ||
        !guard_field(line->text, "step", step, sizeof step) || strcmp(step, "0") != 0)
        return true;
    ledger *l = guard_ledger(g, codes_of(name, of), user), *all = guard_ledger(g, of, "*");
    if (!l || !all)
        return true;
    return (ledger_count(l, line->number, line->at) && ledger_count(all, line->number, line->at)) ||
           fail(f, EXIT_INTERNAL, "no memory for the wrong codes of a day");
}

/* Nothing is looked at any more once as many were wrong. */
static bool tries_left(guard *g, const guarded_code *what, ledger *l, ledger *all, refusal *out)
{
    const caller *c = what->who;
    const ledger_limits own = {c->wrong_hour, c->wrong_day}, together = {c->all_wrong, c->all_wrong};
    const uint64_t none = UINT64_MAX; /* of no line: it was never counted */
    int64_t now = time(NULL);
    if (l->locked)
        return guard_turn_away(g, l, EKOK_AGENT_NO_LOCKED, "codes", out);
    if (ledger_ask(l, own, none, now) != LEDGER_COUNTED)
        return guard_turn_away(g, l, EKOK_AGENT_NO_QUOTA, "codes-hour", out);
    return ledger_ask(all, together, none, now) == LEDGER_COUNTED ||
           guard_turn_away(g, all, EKOK_AGENT_NO_QUOTA, "codes-all-day", out);
}

static bool count_wrong(guard *g, const caller *c, ledger *l, ledger *all, refusal *out)
{
    const ledger_limits own = {c->wrong_day + 1, c->wrong_day};
    journal_head head;
    int64_t now = time(NULL);
    journal_head_of(g->journal, &head);
    g->codes_wrong++;
    if (!ledger_count(l, head.count, now) || !ledger_count(all, head.count, now))
        return refuse(out, EKOK_AGENT_NO_TRACE, "no memory for the wrong codes of a day");
    if (ledger_ask(l, own, UINT64_MAX, now) == LEDGER_COUNTED)
        return true;
    l->locked = true;
    return guard_alarm(g, l, "lock", "codes") || refuse(out, EKOK_AGENT_NO_TRACE, "%s", NO_TRACE);
}

static bool try_code(guard *g, const guarded_code *what, refusal *out)
{
    char of[LEDGER_OF], user[LEDGER_NAME], by[LEDGER_NAME], line[LINE_ROOM];
    (void)guard_word(what->login, user, sizeof user);
    ledger *l = guard_ledger(g, codes_of(what->who->name, of), user), *all = guard_ledger(g, of, "*");
    if (!l || !all)
        return refuse(out, EKOK_AGENT_NO_QUOTA, "too many users ask at once");
    if (!tries_left(g, what, l, all, out))
        return false;
    (void)snprintf(line, sizeof line, "code caller=%s uid=%u user=%s by=%s step=%" PRIu32, what->who->name,
                   (unsigned)what->who->uid, user, guard_word(what->by, by, sizeof by), what->step);
    if (!journal_add(g->journal, line))
        return refuse(out, EKOK_AGENT_NO_TRACE, "%s", NO_TRACE);
    g->codes++;
    return what->step != 0 || count_wrong(g, what->who, l, all, out);
}

static bool is_named(span login, refusal *out)
{
    return (login.n > 0 && login.n <= GUARD_USER && !(login.n == 1 && *login.p == '*')) ||
           refuse(out, EKOK_AGENT_NO_MESSAGE, "the login is not named, or by more than %d bytes", GUARD_USER);
}

bool guard_code(guard *g, const guarded_code *what, refusal *why_not)
{
    if (!is_named(what->login, why_not))
        return false;
    (void)pthread_mutex_lock(&g->lock);
    bool counted = try_code(g, what, why_not);
    (void)pthread_mutex_unlock(&g->lock);
    return counted;
}

bool guard_factor(guard *g, const caller *who, span login, bool made, refusal *why_not)
{
    char user[LEDGER_NAME], line[LINE_ROOM];
    if (!is_named(login, why_not))
        return false;
    (void)snprintf(line, sizeof line, "factor caller=%s uid=%u user=%s secret=%s", who->name,
                   (unsigned)who->uid, guard_word(login, user, sizeof user), made ? "made" : "given");
    (void)pthread_mutex_lock(&g->lock);
    bool written = journal_add(g->journal, line);
    (void)pthread_mutex_unlock(&g->lock);
    return written || refuse(why_not, EKOK_AGENT_NO_TRACE, "%s", NO_TRACE);
}

bool guard_strange_factor(guard *g, const caller *who, refusal *why_not)
{
    char of[LEDGER_OF];
    refusal told;
    (void)pthread_mutex_lock(&g->lock);
    ledger *all = guard_ledger(g, codes_of(who->name, of), "*");
    bool written = all && !guard_turn_away(g, all, EKOK_AGENT_NO_VALUE, "strange-factor", &told) &&
                   told.code == EKOK_AGENT_NO_VALUE;
    (void)pthread_mutex_unlock(&g->lock);
    if (!written)
        return refuse(why_not, EKOK_AGENT_NO_TRACE, "%s", NO_TRACE);
    return refuse(why_not, EKOK_AGENT_NO_VALUE,
                  "the second factor does not open: it is another login's, was changed, or its key is gone");
}
