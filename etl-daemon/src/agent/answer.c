/*
 * answer.c - see answer.h.
 */
#include "agent/answer.h"

#include <stdio.h>

#include "agent/code.h"
#include "agent/identity.h"
#include "agent/purpose.h"
#include "secret/seal.h"

enum { TABLE_TEXT = 256, OPENED = EKOK_AGENT_SMALL };

static const permission needed[] = {
    [EKOK_AGENT_DO_BATCH] = MAY_SEAL,    [EKOK_AGENT_DO_FIND] = MAY_FIND,
    [EKOK_AGENT_DO_OPEN] = MAY_OPEN,     [EKOK_AGENT_DO_IDENTITY] = MAY_SEAL,
    [EKOK_AGENT_DO_STATUS] = MAY_STATUS, [EKOK_AGENT_DO_RELEASE] = MAY_RELEASE,
    [EKOK_AGENT_DO_FACTOR] = MAY_ENROL,  [EKOK_AGENT_DO_CODE] = MAY_CODE};

static bool known(uint8_t kind)
{
    return kind >= EKOK_AGENT_DO_BATCH && kind <= EKOK_AGENT_DO_CODE;
}

static bool may(const asking *a, uint8_t kind)
{
    return known(kind) && (a->who->may & needed[kind]) != 0;
}

size_t answer_room(const asking *a, uint8_t kind)
{
    if (!may(a, kind))
        return 0;
    bool record =
        kind == EKOK_AGENT_DO_OPEN && (a->who->may & MAY_SEAL); /* the daemon opens whole records too */
    return kind == EKOK_AGENT_DO_BATCH || record ? EKOK_AGENT_LARGE : EKOK_AGENT_SMALL;
}

/* Puts the head before the payload that was added behind it. */
static void finish(buf *out, ekok_agent_kind kind)
{
    uint8_t head[EKOK_AGENT_HEAD];
    ekok_agent_head_write((ekok_agent_head){(uint8_t)kind, (uint32_t)(out->size - sizeof head)}, head);
    memcpy(out->data, head, sizeof head);
}

static bool begin(buf *out)
{
    static const uint8_t head[EKOK_AGENT_HEAD];
    buf_clear(out);
    return buf_add(out, head, sizeof head);
}

void answer_refusal(const refusal *why, buf *out)
{
    char code = (char)why->code;
    if (begin(out) && buf_add_char(out, code) && buf_add_text(out, why->text))
        finish(out, EKOK_AGENT_SAYS_REFUSED);
    else
        buf_clear(out); /* no memory: the connection is closed */
}

const char answer_no_message[] =
    "the message cannot be read: the programs are of different versions, or it was damaged";
const char answer_no_library[] = "the library cannot do it, or there is no memory";

/* A text with its NUL; false when there is a NUL in it, which would make two places alike. */
static bool text_from(ekok_span text, char out[TABLE_TEXT])
{
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return !memchr(out, '\0', text.n);
}

/* Where a cell is. A second factor is sealed and opened by code.c alone: a message that names one is none. */
static void take_place(ekok_agent_in *in, char table[TABLE_TEXT], char column[TABLE_TEXT])
{
    ekok_span first = ekok_agent_take_text(in), second = ekok_agent_take_text(in);
    bool named = text_from(first, table) && text_from(second, column) && !code_is_table(table);
    in->whole = in->whole && named;
}

static bool seal_one(const asking *a, ekok_agent_in *in, buf *out)
{
    char table[TABLE_TEXT], column[TABLE_TEXT];
    take_place(in, table, column);
    const seal_place place = {table, column, span_from(ekok_agent_take_text(in))};
    span clear = span_from(ekok_agent_take_bytes(in));
    return in->whole && seal_value(a->ring, &place, clear, out);
}

static bool token_one(const asking *a, ekok_agent_in *in, buf *out)
{
    uint8_t token[TOKEN_BYTES];
    uint32_t purpose = ekok_agent_take_number(in, 1);
    span subject = span_from(ekok_agent_take_bytes(in));
    return in->whole && purpose < KEY_PURPOSES && make_token(a->ring, (key_purpose)purpose, subject, token) &&
           buf_add(out, token, sizeof token);
}

/* While the key of content MACs is rotated both versions are asked for, each by its number. */
static bool mac_one(const asking *a, ekok_agent_in *in, buf *out)
{
    uint8_t mac[TOKEN_BYTES];
    uint32_t version = ekok_agent_take_number(in, 4);
    span content = span_from(ekok_agent_take_bytes(in));
    return in->whole && make_token_of(a->ring, KEY_ROW, version, content, mac) &&
           buf_add(out, mac, sizeof mac);
}

/* A record is sealed under its own MAC for a row id: see load/load_writer.c. version: of the MAC's key, 0: active. */
static bool record_one(const asking *a, uint32_t version, ekok_agent_in *in, buf *out)
{
    static const char digit[] = "0123456789abcdef";
    char table[TABLE_TEXT], column[TABLE_TEXT], row_id[2 * TOKEN_BYTES];
    uint8_t mac[TOKEN_BYTES];
    take_place(in, table, column);
    span clear = span_from(ekok_agent_take_bytes(in));
    if (!in->whole || !make_token_of(a->ring, KEY_ROW, version, clear, mac) || !buf_add(out, mac, sizeof mac))
        return false;
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        row_id[2 * i] = digit[mac[i] >> 4];
        row_id[2 * i + 1] = digit[mac[i] & 15];
    }
    const seal_place place = {table, column, {row_id, sizeof row_id}};
    return seal_value(a->ring, &place, clear, out);
}

static bool batch(const asking *a, span payload, buf *out, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    bool good = true;
    while (good && in.whole && in.rest.n > 0) {
        switch (ekok_agent_take_number(&in, 1)) {
        case 'S':
            good = seal_one(a, &in, out);
            break;
        case 'T':
            good = token_one(a, &in, out);
            break;
        case 'R':
            good = record_one(a, 0, &in, out);
            break;
        case 'M':
            good = mac_one(a, &in, out);
            break;
        case 'V':
            good = record_one(a, ekok_agent_take_number(&in, 4), &in, out);
            break;
        default:
            in.whole = false;
        }
    }
    if (!in.whole)
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    return good || refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
}

static bool token_kind(span name, key_purpose *out)
{
    for (int i = KEY_TOKEN_NID; i <= KEY_TOKEN_ACCOUNT; i++) {
        *out = (key_purpose)i;
        if (span_equals(name, key_purpose_name(*out)))
            return true;
    }
    return false;
}

/* By the file as it is now. */
static void look(const asking *a)
{
    failure ignored; /* a file that cannot be read is told by agent/follow.c; the keys are as they were */
    if (!keyring_refresh(a->ring, &ignored))
        ignored.text[0] = '\0';
}

/* The active version's first; while a rotation is under way those of the others. */
static bool put_tokens(const asking *a, key_purpose kind, span value, buf *out)
{
    key_facts key[KEY_VERSIONS_MAX];
    uint8_t token[TOKEN_BYTES];
    look(a);
    size_t count = keyring_versions(a->ring, kind, key);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < count; i++)
            if (key_stands(key[i].state) && (key[i].state == KEY_ACTIVE) == (round == 0) &&
                !(make_token_of(a->ring, kind, key[i].version, value, token) &&
                  buf_add(out, token, sizeof token)))
                return false;
    return true;
}

static bool find(const asking *a, span payload, buf *out, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    span kind = span_from(ekok_agent_take_text(&in));
    guarded what = {.who = a->who, .verb = "find"};
    bool of_a_kind = token_kind(kind, &what.kind);
    what.value = span_from(ekok_agent_take_text(&in));
    what.user = span_from(ekok_agent_take_text(&in));
    what.role = span_from(ekok_agent_take_text(&in));
    what.why = span_from(ekok_agent_take_text(&in));
    what.topic = span_from(ekok_agent_take_text(&in));
    if (!ekok_agent_taken(&in) || !of_a_kind || what.value.n == 0)
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    what.place = kind;
    if (!guard_admit(a->guard, &what, r))
        return false;
    return put_tokens(a, what.kind, what.value, out) ||
           refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
}

static bool open_into(const asking *a, const seal_place *place, span sealed, buf *out, refusal *r)
{
    failure f = {.text = ""};
    if (!buf_reserve(out, sealed.n))
        return refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
    opened_value clear = {(uint8_t *)out->data + out->size, sealed.n, 0};
    if (!open_value(a->ring, place, sealed, &clear, &f))
        return refuse(r, EKOK_AGENT_NO_VALUE, "%.180s", f.text);
    out->size += clear.size;
    return true;
}

/* The trace names the cell, which is in the database for all who may look there; never what is in it. */
static bool open_one(const asking *a, span payload, buf *out, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    char table[TABLE_TEXT], column[TABLE_TEXT], where[300];
    take_place(&in, table, column);
    span row_id = span_from(ekok_agent_take_text(&in));
    guarded what = {.who = a->who, .verb = "open", .kind = KEY_DATA};
    what.why = span_from(ekok_agent_take_text(&in));
    what.topic = span_from(ekok_agent_take_text(&in));
    span sealed = span_from(ekok_agent_take_bytes(&in));
    if (!ekok_agent_taken(&in) || purpose_holds_number((span){table, strlen(table)}) ||
        purpose_holds_number((span){column, strlen(column)}))
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    int n = snprintf(where, sizeof where, "%s.%s/%.*s", table, column, (int)row_id.n, row_id.p);
    if (n < 0 || (size_t)n >= sizeof where)
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    what.place = (span){where, (size_t)n};
    const seal_place place = {table, column, row_id};
    return guard_admit(a->guard, &what, r) && open_into(a, &place, sealed, out, r);
}

static bool status(const asking *a, buf *out)
{
    char text[GUARD_STATUS];
    return buf_add(out, text, guard_status(a->guard, text));
}

static bool release(const asking *a, span payload, refusal *r)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    span user = span_from(ekok_agent_take_text(&in)), why = span_from(ekok_agent_take_text(&in));
    if (!ekok_agent_taken(&in))
        return refuse(r, EKOK_AGENT_NO_MESSAGE, "%s", answer_no_message);
    return guard_release(a->guard, a->who, user, why, r);
}

static bool answered(const asking *a, uint8_t kind, span payload, buf *out, refusal *r)
{
    if (!may(a, kind))
        return refuse(r, EKOK_AGENT_NO_CALLER,
                      "this user may not do that here; see [caller ...] may in the agent's configuration");
    if (!begin(out))
        return refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
    switch ((ekok_agent_kind)kind) {
    case EKOK_AGENT_DO_BATCH:
        return batch(a, payload, out, r);
    case EKOK_AGENT_DO_FIND:
        return find(a, payload, out, r);
    case EKOK_AGENT_DO_OPEN:
        return open_one(a, payload, out, r);
    case EKOK_AGENT_DO_RELEASE:
        return release(a, payload, r);
    case EKOK_AGENT_DO_FACTOR:
        return code_factor(a, payload, out, r);
    case EKOK_AGENT_DO_CODE:
        return code_look(a, payload, out, r);
    case EKOK_AGENT_DO_IDENTITY:
        look(a);
        return identity_write(a->ring, out) || refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
    default:
        return status(a, out) || refuse(r, EKOK_AGENT_NO_TRACE, "%s", answer_no_library);
    }
}

void answer_request(const asking *a, uint8_t kind, span payload, buf *out)
{
    static const uint8_t says[] = {
        [EKOK_AGENT_DO_BATCH] = EKOK_AGENT_SAYS_SEALED,  [EKOK_AGENT_DO_FIND] = EKOK_AGENT_SAYS_TOKEN,
        [EKOK_AGENT_DO_OPEN] = EKOK_AGENT_SAYS_VALUE,    [EKOK_AGENT_DO_IDENTITY] = EKOK_AGENT_SAYS_KEYS,
        [EKOK_AGENT_DO_STATUS] = EKOK_AGENT_SAYS_TEXT,   [EKOK_AGENT_DO_RELEASE] = EKOK_AGENT_SAYS_TEXT,
        [EKOK_AGENT_DO_FACTOR] = EKOK_AGENT_SAYS_FACTOR, [EKOK_AGENT_DO_CODE] = EKOK_AGENT_SAYS_CODE};
    refusal r = {.code = EKOK_AGENT_NO_MESSAGE, .text = ""};
    if (answered(a, kind, payload, out, &r))
        finish(out, (ekok_agent_kind)says[kind]);
    else
        answer_refusal(&r, out);
}
