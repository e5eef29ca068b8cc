/* search.c - see search.h. */
#include "source/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/hex.h"
#include "base/json_text.h"

enum { TRANSACTION = 16 /* bytes */, MOMENT = 24 };

static bool add_member(buf *out, const char *name, const char *value)
{
    return !*value || (buf_add_char(out, ',') && json_add_string(out, name) && buf_add_char(out, ':') &&
                       json_add_string(out, value));
}

static const char *const operators[] = {"gt", "lt", "eq", "ge", "le"};

static bool add_header(const paging *at, const char *moment, buf *out)
{
    const source_search *s = &at->def->search;
    return buf_printf(out, "{\"version\":\"1.0.0\",\"message_id\":\"%s\",\"message_ts\":\"%s\",", at->asked,
                      moment) &&
           buf_add_text(out, "\"action\":\"search\"") && add_member(out, "sender_id", s->sender) &&
           add_member(out, "receiver_id", s->receiver) &&
           buf_add_text(out, ",\"total_count\":1,\"is_msg_encrypted\":false}");
}

static bool add_criteria(const source_search *s, buf *out)
{
    return buf_add_text(out, "{\"version\":\"1.0.0\"") && add_member(out, "reg_type", s->type) &&
           add_member(out, "reg_event_type", s->event) &&
           add_member(out, "reg_record_type", s->record_type) &&
           buf_add_text(out, ",\"query_type\":\"predicate\",\"query\":[{\"seq_num\":1,\"expression1\":"
                             "{\"attribute_name\":") &&
           json_add_string(out, s->attribute) && add_member(out, "operator", operators[s->compare]) &&
           add_member(out, "attribute_value", s->value) &&
           buf_add_text(out, "}}],\"sort\":[{\"attribute_name\":") && json_add_string(out, s->sort) &&
           buf_add_text(out, ",\"sort_order\":\"asc\"}]");
}

static bool add_message(const paging *at, const char *moment, buf *out)
{
    return buf_printf(out,
                      "{\"transaction_id\":\"%s\",\"search_request\":[{\"reference_id\":\"%s\","
                      "\"timestamp\":\"%s\",\"search_criteria\":",
                      at->asked, at->asked, moment) &&
           add_criteria(&at->def->search, out) &&
           buf_printf(out,
                      ",\"pagination\":{\"page_size\":%d,\"page_number\":%" PRId64 "}},\"locale\":\"eng\"}]}",
                      at->def->size, at->number);
}

static bool new_transaction(paging *at)
{
    uint8_t bytes[TRANSACTION];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    hex_write(bytes, sizeof bytes, at->asked);
    return true;
}

/* Header and message as they are signed, a JSON object of their own. */
static bool add_signed_part(const paging *at, time_t now, buf *out)
{
    char moment[MOMENT];
    struct tm tm;
    return gmtime_r(&now, &tm) && strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0 &&
           buf_add_text(out, "{\"header\":") && add_header(at, moment, out) &&
           buf_add_text(out, ",\"message\":") && add_message(at, moment, out) && buf_add_char(out, '}');
}

bool search_write(const auth *a, paging *at, time_t now, buf *out, failure *f)
{
    buf body;
    if (!new_transaction(at))
        return fail(f, EXIT_INTERNAL, "no random bytes for a message to the source");
    buf_init(&body, SEARCH_MESSAGE_MAX);
    bool good = add_signed_part(at, now, &body) ||
                fail(f, EXIT_CONFIG, "the message to the source is too long; see search of its definition");
    size_t start = out->size;
    good =
        good && (buf_add_text(out, "{\"signature\":\"") || fail(f, EXIT_INTERNAL, "a message has no room"));
    size_t unsigned_size = out->size;
    good = good && auth_sign(a, buf_span(&body), out, f);
    if (good && out->size == unsigned_size)
        out->size = start; /* nothing signs: the message alone */
    else if (good)
        good = buf_add_text(out, "\",") || fail(f, EXIT_INTERNAL, "a message has no room");
    size_t skip = good && out->size > start ? 1 : 0; /* its own opening bracket stands already */
    good = good && (buf_add(out, body.data + skip, body.size - skip) ||
                    fail(f, EXIT_INTERNAL, "a message has no room"));
    buf_free(&body);
    return good;
}

static int two_digits(const char *p)
{
    return p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9' ? -1 : (p[0] - '0') * 10 + (p[1] - '0');
}

/* Seconds east of UTC; false for what is no zone. */
static bool read_zone(const char *zone, int *seconds)
{
    *seconds = 0;
    if (strcmp(zone, "Z") == 0)
        return true;
    if ((zone[0] != '+' && zone[0] != '-') || (strlen(zone) != 6 && strlen(zone) != 5))
        return false;
    int hours = two_digits(zone + 1), minutes = two_digits(zone + strlen(zone) - 2);
    *seconds = (zone[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours >= 0 && minutes >= 0 && (strlen(zone) == 5 || zone[3] == ':');
}

bool search_time(span text, time_t *out)
{
    char copy[40];
    int seconds = 0, east = 0;
    if (text.n < 17 || text.n >= sizeof copy || memchr(text.p, '\0', text.n))
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    for (size_t i = 0; i < 16; i++) /* yyyy-mm-ddThh:mm */
        if (i == 4 || i == 7 ? copy[i] != '-'
            : i == 10        ? copy[i] != 'T'
            : i == 13        ? copy[i] != ':'
                             : copy[i] < '0' || copy[i] > '9')
            return false;
    char *zone = copy + 16;
    if (*zone == ':') {
        if ((seconds = two_digits(zone + 1)) < 0)
            return false;
        zone += 3;
        if (*zone == '.')
            zone += 1 + strspn(zone + 1, "0123456789");
    }
    struct tm tm = {.tm_year = two_digits(copy) * 100 + two_digits(copy + 2) - 1900,
                    .tm_mon = two_digits(copy + 5) - 1,
                    .tm_mday = two_digits(copy + 8),
                    .tm_hour = two_digits(copy + 11),
                    .tm_min = two_digits(copy + 14),
                    .tm_sec = seconds};
    if (!read_zone(zone, &east))
        return false;
    *out = timegm(&tm) - east;
    return true;
}

static bool wrong(failure *f, const char *what)
{
    return fail(f, EXIT_PARTIAL, "the message does not answer what was asked: %s", what);
}

static bool is_page(span text, int64_t number)
{
    char want[24];
    (void)snprintf(want, sizeof want, "%" PRId64, number);
    return span_equals(text, want);
}

bool search_answers(const paging *at, const search_said *said, time_t now, failure *f)
{
    const source_search *s = &at->def->search;
    time_t then = 0;
    bool searched = at->def->style == PAGING_SEARCH;
    if (said->reason.n > 0 && (!searched || at->number == 1))
        return fail(f, EXIT_PARTIAL, "the registry rejects the search: rjct.pagination.invalid");
    if (!searched)
        return true;
    if (!span_equals(said->transaction, at->asked))
        return wrong(f, "its transaction_id is another");
    if (!span_equals(said->reference, at->asked))
        return wrong(f, "its reference_id is another");
    if (!span_equals(said->sender, s->receiver))
        return wrong(f, "its sender_id is not search.receiver");
    if (said->receiver.n > 0 && !span_equals(said->receiver, s->sender))
        return wrong(f, "its receiver_id is not search.sender");
    if (!search_time(said->time, &then))
        return wrong(f, "its message_ts is no time with a zone");
    if (then < now - SEARCH_STALE || then > now + SEARCH_STALE)
        return wrong(f, "its message_ts lies more than five minutes away; are both clocks right?");
    if (said->page.n > 0 ? !is_page(said->page, at->number) : at->number > 1 && said->reason.n == 0)
        return wrong(f, "its page_number is not the one asked for");
    return true;
}
