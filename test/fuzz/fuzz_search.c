/*
 * fuzz_search.c - any texts as what an SP-DCI registry is asked for, and any page of it: the message is one JSON
 * object within its bounds, each has a transaction of its own, and nothing but its own answer answers it. The bytes
 * are the texts of the definition, one behind the other, each up to a NUL; the first eight are numbers.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "config/json_doc.h"
#include "feed.h"
#include "source/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NUMBERS = 8, DEPTH = 8 };

/* The next text of the input: the definition's reader lets through no control character, and UTF-8 alone. */
static void take(span *left, char *out, size_t room)
{
    size_t n = strnlen(left->p, left->n);
    size_t kept = 0;
    for (size_t i = 0; i < n && kept + 1 < room; i++)
        if ((unsigned char)left->p[i] >= 0x20 && (unsigned char)left->p[i] < 0x7F)
            out[kept++] = left->p[i];
    out[kept] = '\0';
    n += n < left->n;
    left->p += n;
    left->n -= n;
}

/* Balanced outside of strings, and nothing behind its end: what a JSON text is, as far as this message can break it. */
static void check_json(span text, size_t strings_least)
{
    int depth = 0;
    size_t strings = 0;
    bool within = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        must((unsigned char)c >= 0x20);
        if (within && c == '\\') {
            must(++i < text.n);
        } else if (c == '"') {
            within = !within;
            strings += within;
        } else if (!within && (c == '{' || c == '[')) {
            must(++depth <= DEPTH);
        } else if (!within && (c == '}' || c == ']')) {
            must(--depth >= 0 && (depth > 0 || i + 1 == text.n));
        }
    }
    must(depth == 0 && !within && strings >= strings_least);
}

static void check_answers(const paging *at, time_t now)
{
    char moment[32];
    failure f;
    struct tm tm;
    must(gmtime_r(&now, &tm) && strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    char page[24];
    (void)snprintf(page, sizeof page, "%lld", (long long)at->number);
    search_said said = {span_of(at->def->search.receiver),
                        span_of(at->def->search.sender),
                        span_of(moment),
                        span_of(at->asked),
                        span_of(at->asked),
                        span_of(page),
                        {NULL, 0}};
    must(search_answers(at, &said, now, &f));
    said.transaction.n--;
    must(!search_answers(at, &said, now, &f) && f.text[0]);
    said.transaction.n++;
    must(!search_answers(at, &said, now + SEARCH_STALE + 1, &f));
    must(!search_answers(at, &said, now - SEARCH_STALE - 1, &f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static source_def def = {.style = PAGING_SEARCH, .format = FORMAT_SPDCI};
    if (size < NUMBERS)
        return 0;
    source_search *s = &def.search;
    span left = {(const char *)data + NUMBERS, size - NUMBERS};
    char *const text[] = {s->sender,      s->receiver,  s->type,  s->event,
                          s->record_type, s->attribute, s->value, s->sort};
    const size_t room[] = {sizeof s->sender,      sizeof s->receiver,  sizeof s->type,  sizeof s->event,
                           sizeof s->record_type, sizeof s->attribute, sizeof s->value, sizeof s->sort};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        take(&left, text[i], room[i]);
    s->compare = (search_operator)(data[0] % 5);
    def.size = 1 + data[1] + 256 * data[2];
    paging at = {.def = &def, .number = 1 + data[3] + 256 * data[4] + 65536 * data[5]};
    const time_t now = 946684800 + (time_t)data[6] * 15778800 + data[7]; /* from the year 2000 on */
    char first[sizeof at.asked];
    failure f;
    buf out;
    buf_init(&out, 3 * SEARCH_MESSAGE_MAX);
    must(search_write(NULL, &at, now, &out, &f)); /* texts of their largest size fit */
    must(out.size <= SEARCH_MESSAGE_MAX);
    check_json(buf_span(&out), 20);
    memcpy(first, at.asked, sizeof first);
    check_answers(&at, now);
    buf_clear(&out);
    must(search_write(NULL, &at, now, &out, &f) && strcmp(first, at.asked) != 0);
    buf_free(&out);
    return 0;
}
