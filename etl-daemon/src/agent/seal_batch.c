/*
 * seal_batch.c - see seal_batch.h.
 */
#include "agent/seal_batch.h"

#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { WAIT_SECONDS = 20, PAUSE_MS = 100, FIRST_ROOM = 1024, TABLE_ROOM = 2 * 256, MACS_MAX = 64 << 20 };

/* Where `bytes` bytes of the answer belong, as twice as many digits. */
struct seal_hole {
    buf *to;
    size_t at, bytes;
};

void seal_batch_init(seal_batch *b, const sealer *with)
{
    *b = (seal_batch){.with = with, .why = {.code = EXIT_DONE, .text = ""}};
    client_init(&b->client, sealer_socket(with));
    buf_init(&b->request, EKOK_AGENT_LARGE);
    buf_init(&b->answer, EKOK_AGENT_LARGE);
    buf_init(&b->sealed, EKOK_AGENT_LARGE);
    buf_init(&b->made, MACS_MAX);
    buf_init(&b->other, MACS_MAX);
}

void seal_batch_forget(seal_batch *b)
{
    if (b->request.data)
        wipe(b->request.data, b->request.size);
    buf_clear(&b->request);
    buf_clear(&b->sealed);
    b->holes = 0;
    b->record = 0;
}

void seal_batch_free(seal_batch *b)
{
    seal_batch_forget(b);
    client_close(&b->client);
    buf_free(&b->request);
    buf_free(&b->answer);
    buf_free(&b->sealed);
    buf_free(&b->made);
    buf_free(&b->other);
    free(b->hole);
    b->hole = NULL;
}

static bool no_memory(seal_batch *b)
{
    return fail(&b->why, EXIT_INTERNAL, "a value cannot be sealed, or its line is larger than its ceiling");
}

static bool leave_hole(seal_batch *b, buf *out, size_t bytes)
{
    if (b->holes == b->room) {
        size_t room = b->room ? 2 * b->room : FIRST_ROOM;
        seal_hole *grown = realloc(b->hole, room * sizeof *grown);
        if (!grown)
            return no_memory(b);
        b->hole = grown;
        b->room = room;
    }
    if (!buf_reserve(out, 2 * bytes))
        return no_memory(b);
    b->hole[b->holes++] = (seal_hole){out, out->size, bytes};
    memset(out->data + out->size, '-',
           2 * bytes); /* no digit: a place that stayed open is refused by the database */
    out->size += 2 * bytes;
    return true;
}

/* Before an operation is added: is what is gathered enough for one message? */
static bool make_way(seal_batch *b, size_t size)
{
    return b->request.size == 0 || b->request.size + size <= EKOK_AGENT_BATCH || seal_batch_settle(b);
}

/* An operation of at most so many bytes, whose answer are TOKEN_BYTES: written to *to, then ended. */
static bool begin_operation(seal_batch *b, size_t most, ekok_agent_out *to)
{
    if (!make_way(b, most))
        return false;
    if (!buf_reserve(&b->request, most))
        return no_memory(b);
    *to = ekok_agent_write((uint8_t *)b->request.data + b->request.size, most);
    return true;
}

static bool end_operation(seal_batch *b, const ekok_agent_out *to, buf *out)
{
    b->request.size += to->size;
    return leave_hole(b, out, TOKEN_BYTES);
}

bool seal_batch_value(seal_batch *b, const seal_place *place, span clear, buf *out)
{
    const keyring *ring = sealer_ring(b->with);
    if (ring) {
        buf_clear(&b->sealed);
        return (seal_value(ring, place, clear, &b->sealed) &&
                buf_add_hex(out, b->sealed.data, b->sealed.size)) ||
               no_memory(b);
    }
    return make_way(b, clear.n + TABLE_ROOM) &&
           (sealer_put_seal(&b->request, place, clear) || no_memory(b)) &&
           leave_hole(b, out, clear.n + SEAL_OVERHEAD);
}

bool seal_batch_token(seal_batch *b, key_purpose purpose, span subject, buf *out)
{
    const keyring *ring = sealer_ring(b->with);
    uint8_t token[TOKEN_BYTES];
    ekok_agent_out to;
    if (ring)
        return (make_token(ring, purpose, subject, token) && buf_add_hex(out, token, sizeof token)) ||
               no_memory(b);
    if (!begin_operation(b, 6 + subject.n, &to))
        return false;
    ekok_agent_put_number(&to, 'T', 1);
    ekok_agent_put_number(&to, (uint32_t)purpose, 1);
    ekok_agent_put_bytes(&to, (ekok_span){subject.p, subject.n});
    return end_operation(b, &to, out);
}

void seal_batch_choose(seal_batch *b)
{
    key_facts key[KEY_VERSIONS_MAX];
    size_t count = sealer_versions(b->with, KEY_ROW, key);
    buf_clear(&b->made);
    buf_clear(&b->other);
    b->row_keys = 0;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < count; i++)
            if (key_stands(key[i].state) && (key[i].state == KEY_ACTIVE) == (round == 0))
                b->row_key[b->row_keys++] = key[i].version;
}

/* While one version stands it is the active one, whichever that is by now. */
static uint32_t row_version(const seal_batch *b)
{
    return b->row_keys > 1 ? b->row_key[0] : 0;
}

static bool add_mac(seal_batch *b, uint32_t version, span content, buf *out)
{
    const keyring *ring = sealer_ring(b->with);
    uint8_t mac[TOKEN_BYTES];
    ekok_agent_out to;
    if (ring)
        return (make_token_of(ring, KEY_ROW, version, content, mac) && buf_add_hex(out, mac, sizeof mac)) ||
               no_memory(b);
    if (!begin_operation(b, 9 + content.n, &to))
        return false;
    ekok_agent_put_number(&to, 'M', 1);
    ekok_agent_put_number(&to, version, 4);
    ekok_agent_put_bytes(&to, (ekok_span){content.p, content.n});
    return end_operation(b, &to, out);
}

static bool add_others(seal_batch *b, span content)
{
    bool good = b->row_keys < 2 || b->made.size > 0 ||
                (buf_add_text(&b->made, "\\x") && buf_add_text(&b->other, "\\x")) || no_memory(b);
    for (size_t i = 1; i < b->row_keys && good; i++)
        good = add_mac(b, b->row_key[0], content, &b->made) && add_mac(b, b->row_key[i], content, &b->other);
    return good;
}

bool seal_batch_content_mac(seal_batch *b, span content, buf *out)
{
    return add_others(b, content) && add_mac(b, row_version(b), content, out);
}

/* With keys of our own: MAC, then sealed under its hex. */
static bool record_here(seal_batch *b, const seal_place *place, span record, buf *out)
{
    const keyring *ring = sealer_ring(b->with);
    uint8_t mac[TOKEN_BYTES];
    size_t at = out->size;
    if (!make_token_of(ring, KEY_ROW, row_version(b), record, mac) || !buf_add_hex(out, mac, sizeof mac))
        return no_memory(b);
    const seal_place under = {place->table, place->column, {out->data + at, out->size - at}};
    buf_clear(&b->sealed);
    return seal_value(ring, &under, record, &b->sealed) || no_memory(b);
}

bool seal_batch_record_mac(seal_batch *b, const seal_place *place, span record, buf *out)
{
    ekok_agent_out to;
    if (!add_others(b, record))
        return false;
    if (sealer_ring(b->with))
        return record_here(b, place, record, out);
    if (!begin_operation(b, 9 + TABLE_ROOM + record.n, &to))
        return false;
    ekok_agent_put_number(&to, row_version(b) ? 'V' : 'R', 1);
    if (row_version(b))
        ekok_agent_put_number(&to, row_version(b), 4);
    ekok_agent_put_text(&to, (ekok_span){place->table, strlen(place->table)});
    ekok_agent_put_text(&to, (ekok_span){place->column, strlen(place->column)});
    ekok_agent_put_bytes(&to, (ekok_span){record.p, record.n});
    b->record = record.n + SEAL_OVERHEAD;
    return (to.whole || no_memory(b)) && end_operation(b, &to, out);
}

bool seal_batch_record(seal_batch *b, buf *out)
{
    size_t bytes = b->record;
    if (sealer_ring(b->with))
        return buf_add_hex(out, b->sealed.data, b->sealed.size) || no_memory(b);
    b->record = 0;
    return leave_hole(b, out, bytes);
}

/* Once a connection: are its keys those that the registry was opened with, and what a rotation has added to them? */
static client_answer meet(seal_batch *b)
{
    if (b->known && b->client.fd >= 0)
        return CLIENT_ANSWERED;
    client_answer got = client_ask(&b->client, (ekok_agent_head){EKOK_AGENT_DO_IDENTITY, 0}, span_of(""),
                                   &b->answer, &b->why);
    b->known = got == CLIENT_ANSWERED && sealer_follow(b->with, buf_span(&b->answer));
    if (got != CLIENT_ANSWERED || b->known)
        return got;
    (void)fail(&b->why, EXIT_KEYS,
               "the key agent came back with other keys than this registry's; put the right key file in its "
               "place and reload it, then the daemon");
    return CLIENT_REFUSED;
}

/* An agent that is being restarted is waited for; nothing is half done meanwhile. */
static bool exchange(seal_batch *b)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    for (int tries = 0; tries < WAIT_SECONDS * 1000 / PAUSE_MS; tries++) {
        client_answer got = meet(b);
        if (got == CLIENT_ANSWERED)
            got = client_ask(&b->client, (ekok_agent_head){EKOK_AGENT_DO_BATCH, 0}, buf_span(&b->request),
                             &b->answer, &b->why);
        if (got != CLIENT_LOST)
            return got == CLIENT_ANSWERED;
        if (tries == 0)
            log_event(LOG_WARNING, NULL, "key_agent_lost", "problem=\"%s\" waits=%d", b->why.text,
                      WAIT_SECONDS);
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

static void fill(char *to, const char *from, size_t bytes)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        *to++ = digit[(unsigned char)from[i] >> 4];
        *to++ = digit[from[i] & 15];
    }
}

bool seal_batch_settle(seal_batch *b)
{
    size_t expected = 0, at = 0;
    if (b->holes == 0)
        return true;
    for (size_t i = 0; i < b->holes; i++)
        expected += b->hole[i].bytes;
    bool good = exchange(b) &&
                (b->answer.size == expected || fail(&b->why, EXIT_KEYS, "the key agent answered too little"));
    for (size_t i = 0; good && i < b->holes; i++) {
        const seal_hole *h = &b->hole[i];
        fill(h->to->data + h->at, b->answer.data + at, h->bytes);
        at += h->bytes;
    }
    seal_batch_forget(b);
    return good;
}
