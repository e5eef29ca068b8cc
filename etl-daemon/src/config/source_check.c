/*
 * source_check.c - one function for each marriage of keys; each names the key that is to be mended.
 */
#include "config/source_check.h"

#include "base/cron.h"

static bool refuse(const char *section, const char *key, const char *origin, const char *const say[2],
                   failure *f)
{
    doc_at at = {origin, 2, {section, key}};
    return doc_wrong(f, &at, say[0], say[1]);
}

#define SAY(problem, accepted)                                                                               \
    (const char *const[])                                                                                    \
    {                                                                                                        \
        problem, accepted                                                                                    \
    }

static connector_kind kind_of(paging_style style)
{
    return style == PAGING_FILE   ? CONNECT_FOLDER
           : style == PAGING_NONE ? CONNECT_VERIFICATION
                                  : CONNECT_HTTPS;
}

/* Without a connector the style says which; with one they must agree. */
static bool check_connector(const source_keys *keys, source_def *def, const char *origin, failure *f)
{
    connector_kind kind = kind_of(def->style);
    if (source_key_given(keys, "source", "connector") && def->connector != kind)
        return refuse(
            "source", "connector", origin,
            SAY("does not go with this paging style", "folder with style file, https with every other"), f);
    def->connector = kind;
    return true;
}

/* Keys only where they say something. */
static bool check_format(const source_keys *keys, const source_def *def, const char *origin, failure *f)
{
    bool csv = def->format == FORMAT_CSV, sheet = def->format == FORMAT_XLSX;
    const struct {
        const char *key[2];
        bool applies;
    } of_format[] = {{{"table", "title_rows"}, csv || sheet},
                     {{"table", "header_rows"}, csv || sheet},
                     {{"table", "delimiter"}, csv},
                     {{"table", "encoding"}, csv},
                     {{"table", "sheet"}, sheet},
                     {{"source", "rows"}, def->format == FORMAT_JSON},
                     {{"source", "signer"}, def->format == FORMAT_SPDCI}};
    for (size_t i = 0; i < sizeof of_format / sizeof *of_format; i++)
        if (!of_format[i].applies &&
            !source_key_only(keys, of_format[i].key, origin, "does not belong to this format", f))
            return false;
    if (def->table.columns > 0 && !csv && !sheet)
        return refuse("columns", def->table.column[0].field, origin,
                      SAY("belongs to csv and xlsx only", NULL), f);
    if (sheet && def->style != PAGING_FILE)
        return refuse("source", "format", origin,
                      SAY("is read from a folder only", "style file with a folder"), f);
    return true;
}

/* A search and its answer are messages of SP-DCI; their proof is the signature in the message. */
static bool check_search(const source_keys *keys, const source_def *def, const char *origin, failure *f)
{
    if (def->style != PAGING_SEARCH)
        return true;
    if (def->format != FORMAT_SPDCI)
        return refuse("source", "format", origin, SAY("does not go with a search", "spdci"), f);
    if (def->auth.kind == AUTH_HMAC || def->auth.kind == AUTH_JWS)
        return refuse("auth", "kind", origin,
                      SAY("signs requests without a body; search.secret signs the message",
                          "mtls, oauth2, grant or key"),
                      f);
    if (def->search.secret[0])
        return source_key_given(keys, "search", "key_id") ||
               source_key_missing("search", "key_id", origin, f);
    return source_key_only(keys, (const char *const[]){"search", "key_id"}, origin,
                           "says nothing without search.secret", f);
}

static bool check_sizes(const source_def *def, const char *origin, failure *f)
{
    if (def->style == PAGING_FILE && def->size > FILE_PAGE_MAX)
        return refuse("paging", "size", origin,
                      SAY("is too large for files", "records a page, at most 20000"), f);
    if (def->row_bytes > def->page_bytes)
        return refuse("source", "row_bytes", origin, SAY("is more than page_bytes", "at most page_bytes"), f);
    if (def->limits.breaker_longest_seconds < def->limits.breaker_seconds)
        return refuse("limits", "breaker_longest", origin,
                      SAY("is less than breaker_pause", "at least breaker_pause"), f);
    if (def->deadlines.longest_delay_ms < def->deadlines.first_delay_ms)
        return refuse("deadlines", "longest_delay", origin,
                      SAY("is less than first_delay", "at least first_delay"), f);
    return true;
}

/* What each kind of authentication needs (N) and may have (M), in the order of the keys below. */
static bool check_auth(const source_keys *keys, const source_def *def, const char *origin, failure *f)
{
    static const char *const key[] = {"token_url", "refresh_url", "scope",      "header",         "id",
                                      "secret",    "app_id",      "app_secret", "grants_per_hour"};
    static const char *const rule[] = {
        [AUTH_MTLS] = "---------", [AUTH_OAUTH2] = "N-M-NN--M", [AUTH_GRANT] = "NM--NNNNM",
        [AUTH_KEY] = "---N-N---",  [AUTH_HMAC] = "---MNN---",   [AUTH_JWS] = "---MNN---",
    };
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        const char *const pair[] = {"auth", key[i]};
        char is = rule[def->auth.kind][i];
        if (is == 'N' && !source_key_given(keys, "auth", key[i]))
            return source_key_missing("auth", key[i], origin, f);
        if (is == '-' &&
            !source_key_only(keys, pair, origin, "does not belong to this kind of authentication", f))
            return false;
    }
    return true;
}

/* A year without a due time is a mistake, not a schedule. */
static bool check_schedule(const source_def *def, const char *origin, failure *f)
{
    cron c;
    if (!def->schedule.cron[0] || def->schedule.hours == HOURS_ANY)
        return true;
    if (cron_parse(def->schedule.cron, &c) == NULL && cron_next(&c, def->schedule.hours, 0) >= 0)
        return true;
    return refuse("schedule", "hours", origin,
                  SAY("never meet the cron expression", "hours in which it comes"), f);
}

bool source_check(const source_keys *keys, source_def *def, const char *origin, failure *f)
{
    return check_connector(keys, def, origin, f) && check_format(keys, def, origin, f) &&
           check_search(keys, def, origin, f) && check_sizes(def, origin, f) &&
           check_auth(keys, def, origin, f) && check_schedule(def, origin, f);
}
