/*
 * paging.c - the paging styles. All that comes from a source is length-checked and percent-encoded on
 * its way into an address; refuses to guess: a cursor that cannot be read means the start of the listing.
 */
#include "source/paging.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "source/skew.h"
#include "wire/http.h"

/* Decodes percent-encoded text; false when it is malformed, holds NUL or does not fit. */
static bool decode_into(char *out, size_t room, span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int c = (unsigned char)text.p[i];
        if (c == '%') {
            if (i + 2 >= text.n)
                return false;
            int high = hex_digit(text.p[i + 1]), low = hex_digit(text.p[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c == 0 || n + 1 >= room)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return n > 0;
}

static bool fits(span text, size_t room)
{
    return text.n > 0 && text.n < room && !memchr(text.p, '\0', text.n);
}

static bool copy_into(char *out, size_t room, span text)
{
    if (!fits(text, room))
        return false;
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return true;
}

/* "page=12": the number after the prefix, whole and not negative. */
static bool read_number(const char *cursor, const char *prefix, int64_t *out)
{
    size_t n = strlen(prefix);
    if (strncmp(cursor, prefix, n) != 0 || cursor[n] < '0' || cursor[n] > '9' || strlen(cursor + n) > 15)
        return false;
    char *end = NULL;
    *out = strtoll(cursor + n, &end, 10);
    return *end == '\0';
}

static bool read_since(paging *p, const char *cursor)
{
    static const char since[] = "since=", after[] = "&after=";
    const char *middle = strstr(cursor, after);
    if (strncmp(cursor, since, sizeof since - 1) != 0 || !middle)
        return false;
    const char *begin = cursor + sizeof since - 1;
    return decode_into(p->value, sizeof p->value, (span){begin, (size_t)(middle - begin)}) &&
           decode_into(p->after, sizeof p->after, span_of(middle + sizeof after - 1));
}

/* FNV-1a of the definition: a position counts records as that definition tells them. */
static uint64_t definition_mark(const source_def *def)
{
    uint64_t mark = 0xCBF29CE484222325U;
    for (size_t i = 0; i < def->text_size; i++)
        mark = (mark ^ (unsigned char)def->text[i]) * 0x100000001B3U;
    return mark;
}

/* file=SHA-256&def=MARK&rows=N, and &end where the file is done. Under another definition the file begins anew. */
static bool read_file(paging *p, const char *cursor)
{
    static const char file[] = "file=", middle[] = "&def=", rows[] = "&rows=", end[] = "&end",
                      hex[] = "0123456789abcdef";
    enum { HASH = 64, MARK = 16, AT_MARK = 5 + HASH + 5, AT_ROWS = AT_MARK + MARK };
    char number[32];
    size_t n = strlen(cursor);
    if (n < AT_ROWS + 7 || strncmp(cursor, file, 5) != 0 || strspn(cursor + 5, hex) != HASH ||
        strncmp(cursor + 5 + HASH, middle, 5) != 0 || strspn(cursor + AT_MARK, hex) != MARK)
        return false;
    bool ended = strcmp(cursor + n - 4, end) == 0;
    n -= (size_t)AT_ROWS + (ended ? 4 : 0);
    if (n >= sizeof number)
        return false;
    memcpy(number, cursor + AT_ROWS, n);
    number[n] = '\0';
    if (!read_number(number, rows, &p->number))
        return false;
    memcpy(p->value, cursor + 5, HASH);
    p->value[HASH] = '\0';
    p->ended = ended;
    if (!ended && strtoull(cursor + AT_MARK, NULL, 16) != definition_mark(p->def))
        p->number = 0;
    return true;
}

/* search=PAGE, and &total=N where the registry had announced one. */
static bool read_search(paging *p, const char *cursor)
{
    char page[40];
    const char *total = strstr(cursor, "&total=");
    size_t n = total ? (size_t)(total - cursor) : strlen(cursor);
    if (n >= sizeof page)
        return false;
    memcpy(page, cursor, n);
    page[n] = '\0';
    return read_number(page, "search=", &p->number) && p->number >= 1 &&
           (!total || read_number(total, "&total=", &p->total));
}

static bool read_cursor(paging *p, const char *cursor)
{
    switch (p->def->style) {
    case PAGING_PAGE:
        return read_number(cursor, "page=", &p->number);
    case PAGING_OFFSET:
        return read_number(cursor, "offset=", &p->number);
    case PAGING_CURSOR:
        return strncmp(cursor, "cursor=", 7) == 0 &&
               decode_into(p->value, sizeof p->value, span_of(cursor + 7));
    case PAGING_SINCE:
        return read_since(p, cursor);
    case PAGING_FILE:
        return read_file(p, cursor);
    case PAGING_SEARCH:
        return read_search(p, cursor);
    case PAGING_LINK:
        return strncmp(cursor, "link=", 5) == 0 &&
               decode_into(p->value, sizeof p->value, span_of(cursor + 5)) && p->value[0] == '/';
    default:
        return false; /* begins at the start each time */
    }
    return false;
}

static int64_t first_number(const source_def *def)
{
    return def->style == PAGING_PAGE ? def->first : def->style == PAGING_SEARCH ? 1 : 0;
}

static void go_to_start(paging *p)
{
    p->number = first_number(p->def);
    p->total = -1;
    p->value[0] = p->after[0] = p->link[0] = p->asked[0] = '\0';
    p->ended = p->last = p->back = false;
    p->slice = 0;
    p->line = 0;
}

bool paging_start(paging *p, const source_def *def, const char *cursor)
{
    p->def = def;
    go_to_start(p);
    if (!cursor || !*cursor)
        return true;
    if (!read_cursor(p, cursor)) {
        go_to_start(p);
        return false;
    }
    p->back = def->style == PAGING_SINCE && def->overlap_seconds > 0;
    return true;
}

/* Appends "?name=value" or "&name=value". */
static bool add_param(char out[PAGING_URL_TEXT], const char *name, const char *value)
{
    size_t n = strlen(out);
    if (n + 2 > PAGING_URL_TEXT)
        return false;
    char last = n > 0 ? out[n - 1] : '\0';
    if (last != '?' && last != '&') {
        out[n] = strchr(out, '?') ? '&' : '?';
        out[n + 1] = '\0';
    }
    if (!http_append_encoded(out, PAGING_URL_TEXT, span_of(name)))
        return false;
    n = strlen(out);
    if (n + 2 > PAGING_URL_TEXT)
        return false;
    out[n] = '=';
    out[n + 1] = '\0';
    return http_append_encoded(out, PAGING_URL_TEXT, span_of(value));
}

static bool add_number(char out[PAGING_URL_TEXT], const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    return add_param(out, name, text);
}

/* The position; of a run's first page the one before it by the overlap, where that can be told. */
static bool add_since(const paging *p, char out[PAGING_URL_TEXT])
{
    char from[PAGING_VALUE_TEXT];
    memcpy(from, p->value, sizeof from);
    bool whole = !p->back || !skew_back(from, p->def->overlap_seconds);
    return add_param(out, p->def->since_param, from) &&
           (!whole || add_param(out, p->def->after_param, p->after));
}

/* Bytes of scheme, host and port of an address. */
static size_t origin_of(const char *url)
{
    size_t scheme = strlen("https://");
    return scheme + strcspn(url + scheme, "/?#");
}

/* The same host as the definition's: a listing cannot send us, and our credentials, elsewhere. */
static bool linked_url(const paging *p, char out[PAGING_URL_TEXT])
{
    int written =
        snprintf(out, PAGING_URL_TEXT, "%.*s%s", (int)origin_of(p->def->url), p->def->url, p->value);
    return written > 0 && written < PAGING_URL_TEXT;
}

bool paging_url(const paging *p, char out[PAGING_URL_TEXT])
{
    const source_def *def = p->def;
    bool good = copy_into(out, PAGING_URL_TEXT, span_of(def->url));
    switch (def->style) {
    case PAGING_PAGE:
        good = good && add_number(out, def->page_param, p->number);
        break;
    case PAGING_OFFSET:
        good = good && add_number(out, def->offset_param, p->number);
        break;
    case PAGING_CURSOR:
        good = good && (!p->value[0] || add_param(out, def->cursor_param, p->value));
        break;
    case PAGING_SINCE:
        good = good && (!p->value[0] || add_since(p, out));
        break;
    case PAGING_LINK:
        if (p->value[0])
            return linked_url(p, out);
        break;
    case PAGING_WHOLE:
    case PAGING_SEARCH:
        break;
    default:
        return false; /* has no address */
    }
    return good && (!def->size_param[0] || add_number(out, def->size_param, def->size));
}

void paging_cursor(const paging *p, char out[PAGING_CURSOR_TEXT])
{
    bool complete = true;
    out[0] = '\0';
    switch (p->def->style) {
    case PAGING_PAGE:
        if (p->number != p->def->first)
            (void)snprintf(out, PAGING_CURSOR_TEXT, "page=%" PRId64, p->number);
        break;
    case PAGING_OFFSET:
        if (p->number != 0)
            (void)snprintf(out, PAGING_CURSOR_TEXT, "offset=%" PRId64, p->number);
        break;
    case PAGING_SEARCH:
        if (p->number != 1 && p->total >= 0)
            (void)snprintf(out, PAGING_CURSOR_TEXT, "search=%" PRId64 "&total=%" PRId64, p->number, p->total);
        else if (p->number != 1)
            (void)snprintf(out, PAGING_CURSOR_TEXT, "search=%" PRId64, p->number);
        break;
    case PAGING_CURSOR:
        if (p->value[0])
            complete =
                strcpy(out, "cursor=") && http_append_encoded(out, PAGING_CURSOR_TEXT, span_of(p->value));
        break;
    case PAGING_SINCE:
        if (p->value[0])
            complete =
                strcpy(out, "since=") && http_append_encoded(out, PAGING_CURSOR_TEXT, span_of(p->value)) &&
                strcat(out, "&after=") && http_append_encoded(out, PAGING_CURSOR_TEXT, span_of(p->after));
        break;
    case PAGING_LINK:
        if (p->value[0])
            complete =
                strcpy(out, "link=") && http_append_encoded(out, PAGING_CURSOR_TEXT, span_of(p->value));
        break;
    case PAGING_FILE:
        if (p->value[0])
            (void)snprintf(out, PAGING_CURSOR_TEXT, "file=%s&def=%016" PRIx64 "&rows=%" PRId64 "%s", p->value,
                           definition_mark(p->def), p->number, p->ended ? "&end" : "");
        break;
    default:
        break;
    }
    if (!complete) /* cannot be: PAGING_CURSOR_TEXT holds two encoded values; the start is always right */
        out[0] = '\0';
}

void paging_enter_file(paging *p, const char *sha256)
{
    if (strcmp(p->value, sha256) == 0 && !p->ended)
        return;
    go_to_start(p);
    (void)snprintf(p->value, sizeof p->value, "%s", sha256);
}

bool paging_can_skip(const paging *p)
{
    return p->def->style == PAGING_PAGE || p->def->style == PAGING_OFFSET || p->def->style == PAGING_SEARCH;
}

void paging_skip(paging *p)
{
    p->number += p->def->style == PAGING_OFFSET ? p->def->size : 1;
}

int64_t paging_records_before(const paging *p)
{
    if (p->def->style == PAGING_PAGE || p->def->style == PAGING_SEARCH)
        return (p->number - first_number(p->def)) * p->def->size;
    return p->def->style == PAGING_OFFSET ? p->number : 0;
}

static paging_step advance_counted(paging *p, const page_facts *facts, failure *f)
{
    int64_t seen = paging_records_before(p) + facts->records;
    if (facts->records >= p->def->size) {
        p->number += p->def->style == PAGING_OFFSET ? facts->records : 1;
        return PAGING_MORE;
    }
    go_to_start(p);
    if (facts->total <= seen)
        return PAGING_DONE;
    (void)fail(f, EXIT_PARTIAL,
               "the listing ended after %" PRId64 " of %" PRId64
               " records: does the source give pages of paging.size = %d?",
               seen, facts->total, p->def->size);
    return PAGING_STUCK;
}

/* The pages of this run no longer fit together: the next one begins at the start. */
static paging_step begin_anew(paging *p, failure *f, const char *why)
{
    go_to_start(p);
    (void)fail(f, EXIT_PARTIAL, "%s; the next run begins at the start", why);
    return PAGING_STUCK;
}

/*
 * New records come last by the definition's order, so that a total that grows does no harm; where one went away, those
 * behind it have moved to pages that were read before.
 */
static paging_step advance_search(paging *p, const page_facts *facts, failure *f)
{
    int64_t seen = paging_records_before(p) + facts->records, known = p->total;
    if (facts->records > p->def->size)
        return begin_anew(p, f, "a page holds more records than paging.size asks for");
    if (known >= 0 && facts->total >= 0 && facts->total < known)
        return begin_anew(p, f, "the registry's total fell while it was listed, so a record may be missed");
    if (facts->total >= 0)
        p->total = known = facts->total;
    if (facts->records == p->def->size && (known < 0 || seen < known)) {
        p->number++;
        return PAGING_MORE;
    }
    if (known >= 0 && seen < known) {
        go_to_start(p);
        (void)fail(
            f, EXIT_PARTIAL,
            "the listing ended after %" PRId64 " of %" PRId64
            " records: does the registry give pages of paging.size = %d? The next run begins at the start",
            seen, known, p->def->size);
        return PAGING_STUCK;
    }
    go_to_start(p);
    return PAGING_DONE;
}

static paging_step advance_cursor(paging *p, const page_facts *facts, failure *f)
{
    if (facts->next.n == 0) {
        go_to_start(p);
        return PAGING_DONE;
    }
    if (span_equals(facts->next, p->value)) {
        (void)fail(f, EXIT_PARTIAL, "the source's next cursor is the one it was asked with");
        return PAGING_STUCK;
    }
    if (copy_into(p->value, sizeof p->value, facts->next))
        return PAGING_MORE;
    (void)fail(f, EXIT_PARTIAL, "the source's next cursor is longer than %d bytes", PAGING_VALUE_TEXT - 1);
    return PAGING_STUCK;
}

static paging_step advance_since(paging *p, const page_facts *facts, failure *f)
{
    bool last = facts->records < p->def->size;
    bool moved = fits(facts->since, sizeof p->value) && fits(facts->after, sizeof p->after) &&
                 (p->back || !span_equals(facts->since, p->value) || !span_equals(facts->after, p->after));
    p->back = false;
    if (moved && copy_into(p->value, sizeof p->value, facts->since) &&
        copy_into(p->after, sizeof p->after, facts->after))
        return last ? PAGING_DONE : PAGING_MORE;
    if (last)
        return PAGING_DONE;
    (void)fail(f, EXIT_PARTIAL, "a full page whose last record gives no further position (paging.%s, %s)",
               "since_field", "after_field");
    return PAGING_STUCK;
}

static paging_step advance_file(paging *p, const page_facts *facts, failure *f)
{
    if (p->slice >= 0 && facts->records != p->slice) {
        (void)fail(f, EXIT_INTERNAL,
                   "a page of a file holds %" PRId64 " records, not the %" PRId64 " cut for it",
                   facts->records, p->slice);
        return PAGING_STUCK;
    }
    p->number += facts->records;
    p->ended = p->last;
    return p->last ? PAGING_DONE : PAGING_MORE;
}

static bool printable(span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    return true;
}

/* Path and query of what the header named; empty where it leads to another host, or is no address. */
static span path_of(const paging *p)
{
    span link = span_of(p->link);
    size_t origin = origin_of(p->def->url);
    if (link.n > origin && strncmp(link.p, p->def->url, origin) == 0)
        link = (span){link.p + origin, link.n - origin};
    bool good = link.p[0] == '/' && !(link.n > 1 && link.p[1] == '/') && !memchr(link.p, '#', link.n);
    return good && printable(link) ? link : (span){NULL, 0};
}

static paging_step advance_link(paging *p, failure *f)
{
    if (!p->link[0]) {
        go_to_start(p);
        return PAGING_DONE;
    }
    span path = path_of(p);
    if (span_equals(path, p->value))
        (void)fail(f, EXIT_PARTIAL, "the header Link names the page that it came with");
    else if (!copy_into(p->value, sizeof p->value, path))
        (void)fail(f, EXIT_PARTIAL,
                   "the header Link leads to another host, or names no address of at most %d bytes",
                   PAGING_VALUE_TEXT - 1);
    else
        return PAGING_MORE;
    return PAGING_STUCK;
}

/* All at once: what the source announces must be there. */
static paging_step advance_whole(paging *p, const page_facts *facts, failure *f)
{
    go_to_start(p);
    if (facts->total <= facts->records)
        return PAGING_DONE;
    (void)fail(f, EXIT_PARTIAL, "the answer holds %" PRId64 " of %" PRId64 " records: does the source page?",
               facts->records, facts->total);
    return PAGING_STUCK;
}

paging_step paging_advance(paging *p, const page_facts *facts, failure *f)
{
    switch (p->def->style) {
    case PAGING_CURSOR:
        return advance_cursor(p, facts, f);
    case PAGING_SINCE:
        return advance_since(p, facts, f);
    case PAGING_FILE:
        return advance_file(p, facts, f);
    case PAGING_LINK:
        return advance_link(p, f);
    case PAGING_WHOLE:
        return advance_whole(p, facts, f);
    case PAGING_SEARCH:
        return advance_search(p, facts, f);
    default:
        return advance_counted(p, facts, f);
    }
}
