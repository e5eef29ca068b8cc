/*
 * test_serve.c - the agent's socket with the sealing of many rows over it: what is filled in is what the keys
 * give, an agent that is restarted costs nothing, one with other keys is refused, and one caller that says half a
 * message delays nobody.
 */
#include "agent/serve.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "agent/seal_batch.h"
#include "agent_house.h"

static const char DAEMON[] = "[caller daemon]\nuser = %u\nmay = seal, open, status\nseats = 3\n";
static const char ROW[] = "01234567-89ab-8def-8123-456789abcdef";

static server *start(agent_house *h)
{
    failure f = {.text = ""};
    house_guard(h);
    server *s = server_open(&h->post, h->ring, h->guard, &f);
    if (!s)
        fail_msg("%s", f.text);
    server_begin(s);
    return s;
}

static void stop(agent_house *h, server *s)
{
    server_close(s);
    guard_close(h->guard);
    h->guard = NULL;
}

static sealer *with(const agent_house *h)
{
    failure f = {.text = ""};
    sealer *s = sealer_open("", h->socket, &f);
    if (!s)
        fail_msg("%s", f.text);
    return s;
}

static size_t unhex(const char *text, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n / 2; i++) {
        const char pair[] = {text[2 * i], text[2 * i + 1], '\0'};
        char *end = NULL;
        out[i] = (uint8_t)strtoul(pair, &end, 16);
        assert_true(end == pair + 2);
    }
    return n / 2;
}

static void opens(const agent_house *h, span hex, const seal_place *place, const char *clear)
{
    uint8_t sealed[8192], value[8192];
    opened_value opened = {value, sizeof value, 0};
    failure f = {.text = ""};
    size_t n = unhex(hex.p, hex.n, sealed);
    if (!open_value(h->ring, place, (span){(char *)sealed, n}, &opened, &f))
        fail_msg("%s", f.text);
    assert_int_equal(opened.size, strlen(clear));
    assert_memory_equal(value, clear, opened.size);
}

/* "value token mac record" of number i, appended. */
static void add_row(seal_batch *b, int i, buf *out)
{
    char clear[32], record[64];
    const seal_place cell = {"registry.enrolment", "nid_sealed", span_of(ROW)},
                     kept = {"etl.quarantine", "sealed", {NULL, 0}};
    (void)snprintf(clear, sizeof clear, "%010d", i);
    (void)snprintf(record, sizeof record, "{\"nid\":\"%010d\"}", i);
    assert_true(seal_batch_value(b, &cell, span_of(clear), out) && buf_add_char(out, ' ') &&
                seal_batch_token(b, KEY_TOKEN_NID, span_of(clear), out) && buf_add_char(out, ' ') &&
                seal_batch_record_mac(b, &kept, span_of(record), out) && buf_add_char(out, ' ') &&
                seal_batch_record(b, out) && buf_add_char(out, '\n'));
}

static void check_row(const agent_house *h, int i, span line)
{
    char clear[32], record[64];
    uint8_t expected[TOKEN_BYTES], got[TOKEN_BYTES];
    const char *part[4];
    size_t size[4];
    for (int k = 0; k < 4; k++) {
        const char *end = memchr(line.p, k < 3 ? ' ' : '\n', line.n);
        assert_non_null(end);
        part[k] = line.p;
        size[k] = (size_t)(end - line.p);
        line = (span){end + 1, line.n - size[k] - 1};
    }
    (void)snprintf(clear, sizeof clear, "%010d", i);
    (void)snprintf(record, sizeof record, "{\"nid\":\"%010d\"}", i);
    const seal_place cell = {"registry.enrolment", "nid_sealed", span_of(ROW)};
    const seal_place kept = {"etl.quarantine", "sealed", {part[2], size[2]}};
    opens(h, (span){part[0], size[0]}, &cell, clear);
    opens(h, (span){part[3], size[3]}, &kept, record);
    assert_true(make_token(h->ring, KEY_TOKEN_NID, span_of(clear), expected));
    assert_int_equal(unhex(part[1], size[1], got), TOKEN_BYTES);
    assert_memory_equal(got, expected, TOKEN_BYTES);
    assert_true(make_token(h->ring, KEY_ROW, span_of(record), expected));
    assert_int_equal(unhex(part[2], size[2], got), TOKEN_BYTES);
    assert_memory_equal(got, expected, TOKEN_BYTES);
}

static void check_rows(const agent_house *h, int from, int to, const buf *out)
{
    span rest = buf_span(out), line = {NULL, 0};
    for (int i = from; i < to; i++) {
        assert_true(span_take_line(&rest, &line));
        check_row(h, i, (span){line.p, line.n + 1});
    }
    assert_int_equal(rest.n, 0);
}

static void fills_what_was_left_open(void **state)
{
    agent_house h;
    seal_batch b;
    buf one, two;
    (void)state;
    house_make(&h, DAEMON);
    server *s = start(&h);
    sealer *keys = with(&h);
    assert_null(sealer_ring(keys));
    assert_int_equal(sealer_version(keys, KEY_DATA), 1);
    seal_batch_init(&b, keys);
    buf_init(&one, 8 << 20);
    buf_init(&two, 8 << 20);
    for (int i = 0; i < 5000; i++) /* more than one message, into two buffers by turns */
        add_row(&b, i, i < 2500 ? &one : &two);
    assert_true(seal_batch_settle(&b));
    check_rows(&h, 0, 2500, &one);
    check_rows(&h, 2500, 5000, &two);
    buf_clear(&one);
    add_row(&b, 1, &one);
    seal_batch_forget(&b); /* a page that is tried again */
    buf_clear(&one);
    stop(&h, s);
    s = start(&h); /* another process, the same keys */
    add_row(&b, 2, &one);
    assert_true(seal_batch_settle(&b));
    check_rows(&h, 2, 3, &one);
    seal_batch_free(&b);
    buf_free(&one);
    buf_free(&two);
    sealer_close(keys);
    stop(&h, s);
    house_end(&h);
}

static void other_keys_are_refused(void **state)
{
    agent_house h;
    failure f = {.text = ""};
    seal_batch b;
    buf out;
    (void)state;
    house_make(&h, DAEMON);
    server *s = start(&h);
    sealer *keys = with(&h);
    stop(&h, s);
    keyring_close(h.ring);
    (void)unlink(h.keys);
    assert_true(keyring_create(h.keys, &f));
    h.ring = keyring_open(h.keys, &f);
    assert_non_null(h.ring);
    (void)unlink(h.journal);
    s = start(&h);
    seal_batch_init(&b, keys);
    buf_init(&out, 1 << 20);
    add_row(&b, 1, &out);
    assert_false(seal_batch_settle(&b));
    assert_non_null(strstr(b.why.text, "came back with other keys"));
    seal_batch_free(&b);
    buf_free(&out);
    sealer_close(keys);
    stop(&h, s);
    house_end(&h);
}

/* While a key is rotated: the daemon's sealer goes on, and knows what the agent knows when it looks. */
static void a_rotation_is_followed(void **state)
{
    agent_house h;
    failure f = {.text = ""};
    uint32_t version;
    seal_batch b;
    buf out;
    (void)state;
    house_make(&h, DAEMON);
    server *s = start(&h);
    sealer *keys = with(&h);
    seal_batch_init(&b, keys);
    buf_init(&out, 1 << 20);
    add_row(&b, 1, &out);
    assert_true(seal_batch_settle(&b));
    const key_purpose turned[] = {KEY_DATA, KEY_TOKEN_NID};
    house_wrap(&h);
    for (size_t i = 0; i < 2; i++)
        assert_true(key_store_add(h.keys, turned[i], &version, &f) &&
                    key_store_activate(h.keys, turned[i], version, &f));
    assert_true(keyring_refresh(h.ring, &f));
    buf_clear(&out);
    add_row(&b, 2, &out); /* on the connection that is there */
    assert_true(seal_batch_settle(&b));
    check_rows(&h, 2, 3, &out);
    client_close(&b.client); /* and on a new one, which asks what keys there are */
    buf_clear(&out);
    add_row(&b, 3, &out);
    if (!seal_batch_settle(&b))
        fail_msg("%s", b.why.text);
    check_rows(&h, 3, 4, &out);
    key_facts facts[KEY_VERSIONS_MAX];
    sealer_look(keys);
    assert_int_equal(sealer_version(keys, KEY_DATA), 2);
    assert_int_equal(sealer_versions(keys, KEY_TOKEN_NID, facts), 2);
    assert_int_equal(facts[0].state, KEY_DECRYPT_ONLY);
    assert_int_equal(facts[1].state, KEY_ACTIVE);
    assert_int_equal(sealer_version(keys, KEY_ROW), 1);
    seal_batch_free(&b);
    buf_free(&out);
    sealer_close(keys);
    stop(&h, s);
    house_end(&h);
}

static void expect_mac(const agent_house *h, uint32_t version, const char *text, const char *hex)
{
    uint8_t expected[TOKEN_BYTES], got[TOKEN_BYTES];
    assert_true(make_token_of(h->ring, KEY_ROW, version, span_of(text), expected));
    assert_int_equal(unhex(hex, 2 * TOKEN_BYTES, got), TOKEN_BYTES);
    assert_memory_equal(got, expected, TOKEN_BYTES);
}

/* A content and a record, whose MACs are made by version `by` and, where there is one, told by `other`. */
static void expect_macs(const agent_house *h, const sealer *keys, uint32_t by, uint32_t other)
{
    enum { HEX = 2 * TOKEN_BYTES };
    seal_batch b;
    buf out;
    const seal_place kept = {"etl.quarantine", "sealed", {NULL, 0}};
    seal_batch_init(&b, keys);
    buf_init(&out, 1 << 20);
    seal_batch_choose(&b);
    assert_int_equal(b.row_keys, other ? 2 : 1);
    assert_int_equal(b.row_key[0], by);
    assert_true(seal_batch_content_mac(&b, span_of("content"), &out) &&
                seal_batch_record_mac(&b, &kept, span_of("record"), &out) && seal_batch_record(&b, &out) &&
                seal_batch_settle(&b));
    expect_mac(h, by, "content", out.data);
    expect_mac(h, by, "record", out.data + HEX);
    const seal_place sealed = {"etl.quarantine", "sealed", {out.data + HEX, HEX}};
    opens(h, (span){out.data + 2 * HEX, out.size - 2 * HEX}, &sealed, "record");
    assert_int_equal(b.made.size, other ? 2 + 2 * HEX : 0);
    assert_int_equal(b.other.size, b.made.size);
    if (other) {
        assert_memory_equal(b.made.data, "\\x", 2);
        expect_mac(h, by, "content", b.made.data + 2);
        expect_mac(h, by, "record", b.made.data + 2 + HEX);
        expect_mac(h, other, "content", b.other.data + 2);
        expect_mac(h, other, "record", b.other.data + 2 + HEX);
    }
    seal_batch_free(&b);
    buf_free(&out);
}

/* While two versions of the key of content MACs stand a MAC is told by both, with the agent and without. */
static void macs_are_told_by_every_version(void **state)
{
    agent_house h;
    failure f = {.text = ""};
    uint32_t version;
    (void)state;
    house_make(&h, DAEMON);
    house_wrap(&h);
    assert_true(keyring_refresh(h.ring, &f));
    server *s = start(&h);
    sealer *keys[] = {with(&h), sealer_open(h.keys, "", &f)};
    for (size_t i = 0; i < 2; i++)
        expect_macs(&h, keys[i], 1, 0);
    assert_true(key_store_add(h.keys, KEY_ROW, &version, &f) && keyring_refresh(h.ring, &f));
    for (size_t i = 0; i < 2; i++) {
        sealer_look(keys[i]);
        expect_macs(&h, keys[i], 1, 2);
    }
    assert_true(key_store_activate(h.keys, KEY_ROW, 2, &f) && keyring_refresh(h.ring, &f));
    for (size_t i = 0; i < 2; i++) {
        sealer_look(keys[i]);
        expect_macs(&h, keys[i], 2, 1);
    }
    assert_true(key_store_end(h.keys, KEY_ROW, 1, KEY_RETIRED, &f));
    for (size_t i = 0; i < 2; i++) {
        sealer_look(keys[i]); /* of the agent: it reads its file when it is asked for its keys */
        expect_macs(&h, keys[i], 2, 0);
        sealer_close(keys[i]);
    }
    stop(&h, s);
    house_end(&h);
}

static int connect_to(const agent_house *h)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", h->socket);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static void half_a_message_delays_nobody(void **state)
{
    agent_house h;
    uint8_t head[EKOK_AGENT_HEAD], answer[EKOK_AGENT_HEAD + 2];
    failure f = {.text = ""};
    buf sealed;
    (void)state;
    house_make(&h, DAEMON);
    server *s = start(&h);
    int stalled[2] = {connect_to(&h), connect_to(&h)};
    ekok_agent_head_write((ekok_agent_head){EKOK_AGENT_DO_BATCH, 1000}, head);
    for (int i = 0; i < 2; i++)
        assert_int_equal(write(stalled[i], head, sizeof head), sizeof head);
    sealer *keys = with(&h); /* the third seat, over and over */
    const seal_place cell = {"registry.enrolment", "nid_sealed", span_of(ROW)};
    buf_init(&sealed, 65536);
    for (int i = 0; i < 20; i++) {
        bool good = false;
        for (int tries = 0; !good && tries < 600;
             tries++) { /* the seat before is given back a moment after its end */
            good = sealer_seal(keys, &cell, span_of("1234567890"), &sealed, &f);
            if (!good)
                (void)usleep(10000);
        }
        if (!good)
            fail_msg("%s", f.text);
    }
    int third = -1; /* all seats taken: said, not waited for */
    bool busy = false;
    for (int tries = 0; !busy && tries < 600; tries++) {
        if (third >= 0)
            (void)close(third);
        third = connect_to(&h);
        int fourth = connect_to(&h);
        ekok_agent_head_write((ekok_agent_head){EKOK_AGENT_DO_STATUS, 0}, head);
        if (send(third, head, sizeof head, MSG_NOSIGNAL) == (ssize_t)sizeof head &&
            recv(third, answer, sizeof answer, MSG_WAITALL) > 0 && answer[1] == EKOK_AGENT_SAYS_TEXT) {
            ssize_t n = recv(fourth, answer, EKOK_AGENT_HEAD + 1, MSG_WAITALL);
            busy = n == EKOK_AGENT_HEAD + 1 && answer[EKOK_AGENT_HEAD] == EKOK_AGENT_NO_BUSY;
        }
        (void)close(fourth);
        if (!busy)
            (void)usleep(10000);
    }
    assert_true(busy);
    (void)close(third);
    (void)close(stalled[0]);
    (void)close(stalled[1]);
    buf_free(&sealed);
    sealer_close(keys);
    stop(&h, s);
    house_end(&h);
}

static void strangers_and_nonsense_are_turned_away(void **state)
{
    agent_house h;
    uint8_t answer[EKOK_AGENT_HEAD + 1];
    failure f = {.text = ""};
    (void)state;
    house_make(&h, "[caller other]\nuser = 65533\nmay = seal\n");
    server *s = start(&h);
    assert_null(sealer_open("", h.socket, &f));
    assert_non_null(strstr(f.text, "is nobody here"));
    stop(&h, s);
    house_write(&h, "[caller a]\nuser = %u\nmay = seal, status\n");
    assert_true(post_read(h.config, &h.post, &f));
    s = start(&h);
    const char *nonsense[] = {"GET / HTTP/1.0\r\n\r\n", "\1\1\0\0\377\377\377\377", "\1\2\0\0\0\0\0\1x"};
    for (size_t i = 0; i < 3; i++) {
        int fd = connect_to(&h);
        assert_true(send(fd, nonsense[i], i ? 8 : 18, MSG_NOSIGNAL) > 0);
        assert_int_equal(recv(fd, answer, sizeof answer, MSG_WAITALL), sizeof answer);
        assert_int_equal(answer[1], EKOK_AGENT_SAYS_REFUSED);
        assert_int_equal(answer[EKOK_AGENT_HEAD], i < 2 ? EKOK_AGENT_NO_MESSAGE : EKOK_AGENT_NO_CALLER);
        (void)close(fd);
    }
    stop(&h, s);
    house_end(&h);
}

static void values_are_opened_with_a_reason(void **state)
{
    agent_house h;
    failure f = {.text = ""};
    uint8_t value[64];
    opened_value opened = {value, sizeof value, 0};
    buf sealed;
    (void)state;
    house_make(&h, DAEMON);
    server *s = start(&h);
    sealer *keys = with(&h);
    const seal_place cell = {"registry.enrolment", "nid_sealed", span_of(ROW)};
    buf_init(&sealed, 65536);
    assert_true(sealer_seal(keys, &cell, span_of("1234567890"), &sealed, &f));
    sealed_value asked = {cell, buf_span(&sealed), {"a complaint", "C-1"}};
    if (!sealer_unseal(keys, &asked, &opened, &f))
        fail_msg("%s", f.text);
    assert_int_equal(opened.size, 10);
    assert_memory_equal(value, "1234567890", 10);
    asked.place.column = "brn_sealed";
    assert_false(sealer_unseal(keys, &asked, &opened, &f));
    assert_non_null(strstr(f.text, "does not open"));
    asked = (sealed_value){cell, buf_span(&sealed), {"", NULL}};
    assert_false(sealer_unseal(keys, &asked, &opened, &f));
    assert_non_null(strstr(f.text, "a purpose of 3"));
    buf_free(&sealed);
    sealer_close(keys);
    stop(&h, s);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fills_what_was_left_open),
                                       cmocka_unit_test(other_keys_are_refused),
                                       cmocka_unit_test(a_rotation_is_followed),
                                       cmocka_unit_test(macs_are_told_by_every_version),
                                       cmocka_unit_test(half_a_message_delays_nobody),
                                       cmocka_unit_test(strangers_and_nonsense_are_turned_away),
                                       cmocka_unit_test(values_are_opened_with_a_reason)};
    return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
