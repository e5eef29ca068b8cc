/*
 * guard.c - see guard.h. One lock: what is asked one by one is asked by people, and waits for the disk anyway.
 */
#include "agent/guard.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/guard_private.h"
#include "agent/purpose.h"
#include "base/log.h"
#include "secret/locked.h"
#include "secret/seal.h"

enum { USERS_OF_CALLER = 256, REFUSAL_EVERY = 60, REF_TEXT = 17, TURN_AGAIN = 60 /* seconds */ };

bool refuse(refusal *r, ekok_agent_no code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    r->code = code;
    (void)vsnprintf(r->text, sizeof r->text, format, arguments);
    va_end(arguments);
    return false;
}

const char *guard_word(span text, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n + 4 < room; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c > 0x20 && c < 0x7F && c != '=' && c != '%')
            out[n++] = (char)c;
        else
            n += (size_t)snprintf(out + n, room - n, "%%%02X", c);
    }
    out[n] = '\0';
    return out;
}

ledger *guard_ledger(guard *g, const char *of, const char *name)
{
    ledger *room = NULL;
    int64_t now = time(NULL);
    int others = 0;
    for (size_t i = 0; i < GUARD_LEDGERS; i++) {
        ledger *l = &g->of[i];
        bool same = l->of[0] && strcmp(l->of, of) == 0;
        if (same && strcmp(l->name, name) == 0) {
            l->touched = now;
            return l;
        }
        bool idle = !l->of[0] || ledger_idle(l, now);
        others += same && !idle;
        if (!room && idle)
            room = l;
    }
    if (!room || others >= USERS_OF_CALLER)
        return NULL;
    ledger_free(room);
    *room = (ledger){.touched = now};
    (void)snprintf(room->name, sizeof room->name, "%s", name);
    (void)snprintf(room->of, sizeof room->of, "%s", of);
    return room;
}

static ledger *ledger_of(guard *g, const char *of, span user)
{
    char name[LEDGER_NAME];
    return guard_ledger(g, of, guard_word(user, name, sizeof name));
}

bool guard_field(span text, const char *key, char *out, size_t room)
{
    size_t length = strlen(key);
    const char *end = text.p + text.n;
    for (const char *p = text.p; p < end; p++) {
        if ((size_t)(end - p) > length && (p == text.p || p[-1] == ' ') && memcmp(p, key, length) == 0 &&
            p[length] == '=') {
            const char *value = p + length + 1, *stop = memchr(value, ' ', (size_t)(end - value));
            size_t n = (size_t)((stop ? stop : end) - value);
            if (n >= room)
                return false;
            memcpy(out, value, n);
            out[n] = '\0';
            return true;
        }
    }
    return false;
}

/* Wrong codes are forgotten with it; values found or opened are not: those are had. */
static void unlock(ledger *l)
{
    const char *codes = strchr(l->of, '.');
    l->locked = false;
    if (codes)
        l->uses = 0;
}

/* What the trace says of the last day becomes the ledgers that it was written by. */
static bool take_line(void *context, const journal_line *line, failure *f)
{
    guard *g = context;
    char of[LEDGER_OF], user[LEDGER_NAME] = "", ref[REF_TEXT], verb[16];
    size_t n = 0;
    while (n < line->text.n && n < sizeof verb - 1 && line->text.p[n] != ' ')
        n++;
    (void)snprintf(verb, sizeof verb, "%.*s", (int)n, line->text.p);
    bool value = strcmp(verb, "find") == 0 || strcmp(verb, "open") == 0;
    bool lock = strcmp(verb, "lock") == 0, release = strcmp(verb, "release") == 0;
    if (strcmp(verb, "code") == 0)
        return guard_take_code(g, line, f);
    if ((!value && !lock && !release) ||
        !guard_field(line->text, lock || release ? "of" : "caller", of, sizeof of))
        return true;
    (void)guard_field(line->text, "user", user, sizeof user);
    ledger *l = guard_ledger(g, of, user), *all = guard_ledger(g, of, "*");
    if (!l || !all)
        return true;
    if (lock)
        l->locked = true;
    if (release)
        unlock(l);
    if (!value || line->at <= time(NULL) - 86400 || !guard_field(line->text, "ref", ref, sizeof ref))
        return true;
    uint64_t number = strtoull(ref, NULL, 16);
    const ledger_limits none = {POST_DAY_MAX + 1, POST_DAY_MAX + 1};
    bool good = ledger_ask(l, none, number, line->at) != LEDGER_COUNTED || ledger_count(l, number, line->at);
    good = good &&
           (ledger_ask(all, none, number, line->at) != LEDGER_COUNTED || ledger_count(all, number, line->at));
    return good || fail(f, EXIT_INTERNAL, "no memory for the quotas");
}

/* The lines that say so may be moved away with an older file. */
static bool carry_locks(guard *g, failure *f)
{
    char line[LEDGER_NAME + LEDGER_OF + 64];
    for (size_t i = 0; i < GUARD_LEDGERS; i++) {
        const ledger *l = &g->of[i];
        if (!l->of[0] || !l->locked)
            continue;
        (void)snprintf(line, sizeof line, "lock of=%s user=%s pattern=carried", l->of, l->name);
        if (!journal_add(g->journal, line))
            return fail(f, EXIT_INTERNAL, "the agent's trace cannot be written");
    }
    return true;
}

guard *guard_open(const post *p, const keyring *ring, failure *f)
{
    guard *g = locked_new(sizeof *g, f);
    if (!g)
        return NULL;
    g->post = p;
    g->ring = ring;
    (void)pthread_mutex_init(&g->lock, NULL);
    const journal_place at = {p->journal, p->journal_most};
    bool turned;
    g->journal = journal_open(&at, take_line, g, &turned, f);
    if (g->journal && (!turned || carry_locks(g, f)))
        return g;
    guard_close(g);
    return NULL;
}

void guard_close(guard *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < GUARD_LEDGERS; i++)
        ledger_free(&g->of[i]);
    journal_close(g->journal);
    (void)pthread_mutex_destroy(&g->lock);
    locked_free(g, sizeof *g);
}

/* A keyed reference: the same value has the same, and nobody without the keys can try values against it. */
static bool reference(const guard *g, const guarded *what, uint64_t *out)
{
    char text[600];
    uint8_t mac[TOKEN_BYTES];
    int n = snprintf(text, sizeof text, "ekok trace %s %d %.*s %.*s", what->verb, (int)what->kind,
                     (int)what->place.n, what->place.p, (int)what->value.n, what->value.p);
    bool good =
        n > 0 && (size_t)n < sizeof text && make_token(g->ring, KEY_ROW, (span){text, (size_t)n}, mac);
    wipe(text, sizeof text);
    *out = 0;
    for (int i = 0; good && i < 8; i++)
        *out = *out << 8 | mac[i];
    return good;
}

enum { WORD = 3 * EKOK_AGENT_WHY + 8 };

static bool write_value(guard *g, const guarded *what, uint64_t ref)
{
    char user[256], role[256], place[300], why[WORD], topic[WORD], line[JOURNAL_LINE];
    int n = snprintf(
        line, sizeof line, "%s caller=%s uid=%u user=%s role=%s of=%s ref=%016" PRIx64 " why=%s case=%s",
        what->verb, what->who->name, (unsigned)what->who->uid, guard_word(what->user, user, sizeof user),
        guard_word(what->role, role, sizeof role), guard_word(what->place, place, sizeof place), ref,
        guard_word(what->why, why, sizeof why), guard_word(what->topic, topic, sizeof topic));
    return n > 0 && (size_t)n < sizeof line && journal_add(g->journal, line);
}

bool guard_alarm(guard *g, const ledger *l, const char *what, const char *pattern)
{
    char line[500];
    g->alarms++;
    log_event(LOG_WARNING, NULL, "key_alarm", "kind=%s caller=%s user=%s", pattern, l->of, l->name);
    (void)snprintf(line, sizeof line, "%s of=%s user=%s pattern=%s", what, l->of, l->name, pattern);
    return journal_add(g->journal, line);
}

bool guard_turn_away(guard *g, ledger *l, ekok_agent_no code, const char *pattern, refusal *out)
{
    int64_t now = time(NULL);
    g->refused++;
    l->refused++;
    if (l->refused_at == 0 || now - l->refused_at >= REFUSAL_EVERY) {
        char line[120];
        (void)snprintf(line, sizeof line, "refuse refusals=%" PRIu64, l->refused);
        bool written = guard_alarm(g, l, line, pattern);
        l->refused_at = now;
        l->refused = 0;
        if (!written)
            return refuse(out, EKOK_AGENT_NO_TRACE, "the agent's trace cannot be written; see its log");
    }
    return refuse(
        out, code,
        code == EKOK_AGENT_NO_LOCKED
            ? "locked after an alarm (%s) until somebody with that right releases it: ekok agent release"
            : "the quota is used up (%s); ask again later, or let it be raised in the agent's configuration",
        pattern);
}

/* Counted for the user and for the whole caller, or refused. */
static bool within_quota(guard *g, const guarded *what, ledger *l, uint64_t ref, refusal *out)
{
    const caller *c = what->who;
    const ledger_limits own = {c->per_hour, c->per_day}, all = {c->all_hour, c->all_day};
    int64_t now = time(NULL);
    ledger *whole = c->roles ? guard_ledger(g, c->name, "*") : NULL;
    if (c->roles && !whole)
        return refuse(out, EKOK_AGENT_NO_QUOTA, "too many users ask at once");
    ledger_answer mine = ledger_ask(l, own, ref, now);
    ledger_answer theirs = whole ? ledger_ask(whole, all, ref, now) : LEDGER_AGAIN;
    if (mine == LEDGER_HOUR || mine == LEDGER_DAY)
        return guard_turn_away(g, l, EKOK_AGENT_NO_QUOTA, mine == LEDGER_HOUR ? "user-hour" : "user-day",
                               out);
    if (theirs == LEDGER_HOUR || theirs == LEDGER_DAY)
        return guard_turn_away(g, whole, EKOK_AGENT_NO_QUOTA, theirs == LEDGER_HOUR ? "all-hour" : "all-day",
                               out);
    bool good = (mine != LEDGER_COUNTED || ledger_count(l, ref, now)) &&
                (theirs != LEDGER_COUNTED || ledger_count(whole, ref, now));
    if (!good)
        return refuse(out, EKOK_AGENT_NO_TRACE, "no memory for the quotas");
    if (ledger_last_minute(l, now) <= c->burst || now - l->burst_at < REFUSAL_EVERY)
        return true;
    l->burst_at = now;
    return guard_alarm(g, l, "alarm", "burst") ||
           refuse(out, EKOK_AGENT_NO_TRACE, "the agent's trace cannot be written; see its log");
}

/* Numbers close to each other are what one tries who has none in hand. */
static bool no_pattern(guard *g, const guarded *what, ledger *l, refusal *out)
{
    uint64_t number = ledger_number(what->value);
    if (what->value.n == 0)
        return true;
    if (ledger_neighbours(l, (uint8_t)what->kind, number, (uint64_t)what->who->near_distance) <
        what->who->near_most)
        return true;
    l->locked = true;
    ledger_forget_numbers(l);
    if (!guard_alarm(g, l, "lock", "neighbours"))
        return refuse(out, EKOK_AGENT_NO_TRACE, "the agent's trace cannot be written; see its log");
    return guard_turn_away(g, l, EKOK_AGENT_NO_LOCKED, "neighbours", out);
}

static bool admit(guard *g, const guarded *what, uint64_t ref, refusal *out)
{
    ledger *l = ledger_of(g, what->who->name, what->user);
    if (!l)
        return refuse(out, EKOK_AGENT_NO_QUOTA, "too many users ask at once");
    if (l->locked)
        return guard_turn_away(g, l, EKOK_AGENT_NO_LOCKED, "neighbours", out);
    if (!no_pattern(g, what, l, out) || !within_quota(g, what, l, ref, out))
        return false;
    if (!write_value(g, what, ref))
        return refuse(out, EKOK_AGENT_NO_TRACE, "the agent's trace cannot be written; see its log");
    *(what->verb[0] == 'f' ? &g->found : &g->opened) += 1;
    return true;
}

static bool purpose_stands(const guarded *what, refusal *out)
{
    if (what->why.n < 3 || what->why.n > EKOK_AGENT_WHY || what->topic.n > EKOK_AGENT_WHY)
        return refuse(out, EKOK_AGENT_NO_MESSAGE, "a purpose of 3 to %d bytes is needed, a case has no more",
                      EKOK_AGENT_WHY);
    if (purpose_holds_number(what->why) || purpose_holds_number(what->topic))
        return refuse(out, EKOK_AGENT_NO_MESSAGE,
                      "the purpose or the case holds a long number; say in words why, without it");
    if (what->who->roles && what->verb[0] == 'f' &&
        (what->user.n == 0 || what->user.n > GUARD_USER || (what->user.n == 1 && *what->user.p == '*')))
        return refuse(out, EKOK_AGENT_NO_MESSAGE, "the user asked for is not named, or by more than %d bytes",
                      GUARD_USER);
    return true;
}

bool guard_admit(guard *g, const guarded *what, refusal *why_not)
{
    uint64_t ref;
    guarded own = *what;
    if (!what->who->roles)
        own.user = own.role = (span){"", 0}; /* it cannot hide behind another's quota */
    if (!purpose_stands(&own, why_not))
        return false;
    if (!reference(g, &own, &ref))
        return refuse(why_not, EKOK_AGENT_NO_TRACE, "no reference can be made of it");
    (void)pthread_mutex_lock(&g->lock);
    bool admitted = admit(g, &own, ref, why_not);
    (void)pthread_mutex_unlock(&g->lock);
    return admitted;
}

/* user: "CALLER", or "CALLER/USER" of a caller that names its users. */
bool guard_release(guard *g, const caller *who, span user, span why, refusal *why_not)
{
    char of[LEDGER_OF], why_text[WORD], user_text[256], line[JOURNAL_LINE];
    const char *slash = user.n ? memchr(user.p, '/', user.n) : NULL;
    span name = slash ? (span){slash + 1, (size_t)(user.p + user.n - slash - 1)} : (span){"", 0};
    (void)snprintf(of, sizeof of, "%.*s", (int)(slash ? (size_t)(slash - user.p) : user.n), user.p);
    if (why.n < 3 || why.n > EKOK_AGENT_WHY || purpose_holds_number(why))
        return refuse(why_not, EKOK_AGENT_NO_MESSAGE,
                      "a reason of 3 to %d bytes without a long number is needed", EKOK_AGENT_WHY);
    (void)pthread_mutex_lock(&g->lock);
    ledger *l = name.n <= GUARD_USER ? ledger_of(g, of, name) : NULL;
    bool good = (l && l->locked) || refuse(why_not, EKOK_AGENT_NO_VALUE, "no such user is locked");
    if (good) {
        (void)snprintf(line, sizeof line, "release of=%s user=%s caller=%s uid=%u why=%s", of,
                       guard_word(name, user_text, sizeof user_text), who->name, (unsigned)who->uid,
                       guard_word(why, why_text, sizeof why_text));
        good = journal_add(g->journal, line) ||
               refuse(why_not, EKOK_AGENT_NO_TRACE, "the agent's trace cannot be written; see its log");
        if (good)
            unlock(l);
        g->released += good;
    }
    (void)pthread_mutex_unlock(&g->lock);
    return good;
}

/* A purpose a word, its versions that are in use, the active one first: "data=2,1", behind before, each with end. */
static size_t versions_text(const keyring *ring, const char *before, const char *end,
                            char out[GUARD_VERSIONS])
{
    size_t n = 0;
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++) {
        key_facts key[KEY_VERSIONS_MAX];
        size_t count = keyring_versions(ring, (key_purpose)purpose, key);
        n += (size_t)snprintf(out + n, GUARD_VERSIONS - n, "%s%s=%u", before,
                              key_purpose_name((key_purpose)purpose),
                              (unsigned)keyring_version(ring, (key_purpose)purpose));
        for (size_t i = count; i-- > 0;)
            if (key[i].state == KEY_PRE_ACTIVE || key[i].state == KEY_DECRYPT_ONLY)
                n += (size_t)snprintf(out + n, GUARD_VERSIONS - n, ",%u", (unsigned)key[i].version);
        n += (size_t)snprintf(out + n, GUARD_VERSIONS - n, "%s", end);
    }
    return n;
}

bool guard_keys(guard *g, char versions[GUARD_VERSIONS])
{
    char line[GUARD_VERSIONS + 8];
    versions[versions_text(g->ring, "", " ", versions) - 1] = '\0';
    (void)snprintf(line, sizeof line, "keys %s", versions);
    (void)pthread_mutex_lock(&g->lock);
    bool written = journal_add(g->journal, line);
    (void)pthread_mutex_unlock(&g->lock);
    return written;
}

/* With the lock held. */
static bool turn(guard *g, journal_keeper *keeper, failure *f)
{
    const journal_turned is = journal_turn_over(g->journal, keeper, f);
    if (is == JOURNAL_TURNED) {
        failure carried = {.text = ""};
        bool good = carry_locks(g, &carried);
        g->not_turned.text[0] = '\0';
        log_event(LOG_INFO, NULL, "trace_turned", "locks=%s", good ? "written" : "not_written");
        return true;
    }
    g->turn_at = time(NULL) + TURN_AGAIN;
    if (strcmp(f->text, g->not_turned.text) != 0)
        log_event(LOG_ERROR, NULL, "trace_not_turned", "problem=\"%s\" file=%s", f->text,
                  is == JOURNAL_STAYS ? "as_before" : "unknown");
    g->not_turned = *f;
    return is == JOURNAL_STAYS;
}

bool guard_turn(guard *g, journal_keeper *keeper, failure *f)
{
    failure why = {.code = EXIT_INTERNAL, .text = ""};
    bool good = true;
    (void)pthread_mutex_lock(&g->lock);
    if (journal_is_long(g->journal, g->post->journal_most) && time(NULL) >= g->turn_at)
        good = turn(g, keeper, &why);
    (void)pthread_mutex_unlock(&g->lock);
    if (!good)
        *f = why;
    return good;
}

size_t guard_status(guard *g, char out[GUARD_STATUS])
{
    journal_head head;
    char versions[GUARD_VERSIONS];
    int locked = 0;
    (void)versions_text(g->ring, "key_", "\n", versions);
    (void)pthread_mutex_lock(&g->lock);
    for (size_t i = 0; i < GUARD_LEDGERS; i++)
        locked += g->of[i].of[0] && g->of[i].locked;
    journal_head_of(g->journal, &head);
    int n = snprintf(out, GUARD_STATUS,
                     "found=%" PRIu64 "\nopened=%" PRIu64 "\ncodes=%" PRIu64 "\ncodes_wrong=%" PRIu64
                     "\nrefused=%" PRIu64 "\nalarms=%" PRIu64 "\nreleased=%" PRIu64
                     "\nlocked=%d\ntrace_lines=%" PRIu64 "\ntrace_head=%s\n%s",
                     g->found, g->opened, g->codes, g->codes_wrong, g->refused, g->alarms, g->released,
                     locked, head.count, head.hash, versions);
    (void)pthread_mutex_unlock(&g->lock);
    return (size_t)n;
}
