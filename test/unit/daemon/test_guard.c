/*
 * test_guard.c - what the agent refuses one by one: permissions, purposes, quotas of a user and of a caller with
 * all its users, neighbouring numbers; that a restart forgets none of it, and that no number stands in the trace.
 */
#include "agent/answer.h"

#include "agent_house.h"
#include "secret/seal.h"

static const char DATABASE[] =
    "[caller database]\nuser = %u\nmay = find, status, release\nnames_users = yes\n"
    "per_hour = 5\nper_day = 8\nall_per_hour = 12\n";

typedef struct {
    const char *value, *user, *why;
} question;

static uint8_t token[EKOK_AGENT_TOKENS * TOKEN_BYTES];
static size_t tokens; /* in the last answer */

/* The answer's kind: TOKEN, with token set, or a code of ekok_agent_no below zero. */
static int ask_find(agent_house *h, question q)
{
    uint8_t payload[1200];
    ekok_agent_out to = ekok_agent_write(payload, sizeof payload);
    const char *text[] = {"token_nid", q.value, q.user, "analyst", q.why, "C-1"};
    for (size_t i = 0; i < 6; i++)
        ekok_agent_put_text(&to, (ekok_span){text[i], strlen(text[i])});
    assert_true(to.whole);
    const asking a = {h->ring, h->guard, &h->post.caller[0]};
    buf out;
    buf_init(&out, EKOK_AGENT_LARGE);
    answer_request(&a, EKOK_AGENT_DO_FIND, (span){(char *)payload, to.size}, &out);
    assert_true(out.size > EKOK_AGENT_HEAD);
    int kind = (uint8_t)out.data[1];
    if (kind == EKOK_AGENT_SAYS_TOKEN) {
        tokens = (out.size - EKOK_AGENT_HEAD) / TOKEN_BYTES;
        assert_true(tokens <= EKOK_AGENT_TOKENS);
        memcpy(token, out.data + EKOK_AGENT_HEAD, tokens * TOKEN_BYTES);
    } else {
        kind = -out.data[EKOK_AGENT_HEAD];
    }
    buf_free(&out);
    return kind;
}

static int find(agent_house *h, const char *value, const char *user)
{
    return ask_find(h, (question){value, user, "a complaint at the counter"});
}

static void release(agent_house *h, const char *user, bool expected)
{
    refusal r;
    assert_true(guard_release(h->guard, &h->post.caller[0], span_of(user), span_of("looked into"), &r) ==
                expected);
}

static void tokens_are_those_of_the_keys(void **state)
{
    agent_house h;
    uint8_t expected[TOKEN_BYTES];
    (void)state;
    house_make(&h, DATABASE);
    house_guard(&h);
    assert_int_equal(find(&h, "10:1234567890", "karim"), EKOK_AGENT_SAYS_TOKEN);
    assert_true(make_token(h.ring, KEY_TOKEN_NID, span_of("10:1234567890"), expected));
    assert_memory_equal(token, expected, sizeof expected);
    house_end(&h);
}

/* Before, during and after a rotation: one by each version that a value may stand under, the active one's first. */
static void tokens_of_a_rotation_are_all_there(void **state)
{
    static const struct {
        key_state one, two;
        size_t tokens;
        uint32_t first;
    } step[] = {{KEY_ACTIVE, KEY_PRE_ACTIVE, 2, 1},
                {KEY_DECRYPT_ONLY, KEY_ACTIVE, 2, 2},
                {KEY_RETIRED, KEY_ACTIVE, 1, 2},
                {KEY_DESTROYED, KEY_ACTIVE, 1, 2}};
    agent_house h;
    failure f = {.text = ""};
    uint8_t expected[TOKEN_BYTES];
    uint32_t version;
    (void)state;
    house_make(&h, DATABASE);
    house_guard(&h);
    assert_true(key_store_wrap(h.keys, "file:kek", &f) && key_store_add(h.keys, KEY_TOKEN_NID, &version, &f));
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        if (step[i].two == KEY_ACTIVE)
            assert_true(key_store_activate(h.keys, KEY_TOKEN_NID, 2, &f));
        if (step[i].one > KEY_DECRYPT_ONLY)
            assert_true(key_store_end(h.keys, KEY_TOKEN_NID, 1, step[i].one, &f));
        assert_int_equal(find(&h, "10:1234567890", "karim"),
                         EKOK_AGENT_SAYS_TOKEN); /* nobody told it to look */
        assert_int_equal(tokens, step[i].tokens);
        assert_true(make_token_of(h.ring, KEY_TOKEN_NID, step[i].first, span_of("10:1234567890"), expected));
        assert_memory_equal(token, expected, sizeof expected);
        if (tokens == 2) {
            assert_true(
                make_token_of(h.ring, KEY_TOKEN_NID, 3 - step[i].first, span_of("10:1234567890"), expected));
            assert_memory_equal(token + TOKEN_BYTES, expected, sizeof expected);
        }
    }
    house_end(&h);
}

static void quotas_are_each_users_and_the_callers(void **state)
{
    agent_house h;
    char value[32];
    (void)state;
    house_make(&h, DATABASE);
    house_guard(&h);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(value, sizeof value, "10:%d", 1000000000 + i * 12345678);
        assert_int_equal(find(&h, value, "karim"), EKOK_AGENT_SAYS_TOKEN);
    }
    assert_int_equal(find(&h, "10:7000000001", "karim"), -EKOK_AGENT_NO_QUOTA);
    assert_int_equal(find(&h, "10:1000000000", "karim"),
                     EKOK_AGENT_SAYS_TOKEN); /* again: not another value */
    guard_close(h.guard);
    house_guard(&h); /* a restart forgets nothing */
    assert_int_equal(find(&h, "10:7000000001", "karim"), -EKOK_AGENT_NO_QUOTA);
    assert_int_equal(find(&h, "10:1000000000", "karim"), EKOK_AGENT_SAYS_TOKEN);
    for (int user = 0, had = 5; user < 3;
         user++) { /* a server that names ever new users comes to its own end */
        char name[] = {(char)('a' + user), '\0'};
        for (int i = 0; i < 5; i++, had++) {
            (void)snprintf(value, sizeof value, "10:%d", 2000000000 + had * 1234567);
            assert_int_equal(find(&h, value, name), had < 12 ? EKOK_AGENT_SAYS_TOKEN : -EKOK_AGENT_NO_QUOTA);
        }
    }
    house_end(&h);
}

static void neighbours_lock_until_released(void **state)
{
    agent_house h;
    char value[32];
    (void)state;
    house_make(&h, "[caller database]\nuser = %u\nmay = find, release\nnames_users = yes\nper_hour = "
                   "500\nper_day = 500\n");
    house_guard(&h);
    for (int i = 0; i < 40; i++) { /* people's numbers are far apart */
        (void)snprintf(value, sizeof value, "13:%lld", 1990123400000LL + (long long)i * 7919);
        assert_int_equal(find(&h, value, "karim"), EKOK_AGENT_SAYS_TOKEN);
    }
    for (int i = 1; i <= 6; i++) {
        (void)snprintf(value, sizeof value, "10:%d", 1234567000 + 7 * i);
        assert_int_equal(find(&h, value, "karim"), i < 6 ? EKOK_AGENT_SAYS_TOKEN : -EKOK_AGENT_NO_LOCKED);
    }
    assert_int_equal(find(&h, "10:9999999999", "karim"), -EKOK_AGENT_NO_LOCKED);
    assert_int_equal(find(&h, "10:9999999999", "rahima"), EKOK_AGENT_SAYS_TOKEN); /* nobody else */
    guard_close(h.guard);
    house_guard(&h);
    assert_int_equal(find(&h, "10:9999999999", "karim"), -EKOK_AGENT_NO_LOCKED);
    release(&h, "database/rahima", false);
    release(&h, "database/karim", true);
    assert_int_equal(find(&h, "10:9999999999", "karim"), EKOK_AGENT_SAYS_TOKEN);
    guard_close(h.guard);
    house_guard(&h);
    assert_int_equal(find(&h, "10:9999999998", "karim"), EKOK_AGENT_SAYS_TOKEN);
    house_end(&h);
}

/* Quotas and locks stand when the trace has gone over to another file, locks also when the older one is moved away. */
static void another_file_of_the_trace_forgets_nothing(void **state)
{
    agent_house h;
    char value[32], kept[128];
    (void)state;
    house_make(&h, DATABASE);
    house_guard(&h);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(value, sizeof value, "10:%d", 1000000000 + i * 12345678);
        assert_int_equal(find(&h, value, "karim"), EKOK_AGENT_SAYS_TOKEN);
    }
    h.post.caller[0].near_most = 2;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(value, sizeof value, "10:%d", 1234567000 + 7 * i);
        assert_int_equal(find(&h, value, "rahima"), i < 2 ? EKOK_AGENT_SAYS_TOKEN : -EKOK_AGENT_NO_LOCKED);
    }
    guard_close(h.guard);
    h.post.journal_most = 1;
    house_guard(&h);
    (void)snprintf(kept, sizeof kept, "%s.000000000001", h.journal);
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(find(&h, "10:7000000001", "karim"), -EKOK_AGENT_NO_QUOTA);
    assert_int_equal(find(&h, "10:1000000000", "karim"), EKOK_AGENT_SAYS_TOKEN);
    assert_int_equal(find(&h, "10:9999999999", "rahima"), -EKOK_AGENT_NO_LOCKED);
    guard_close(h.guard);
    h.post.journal_most = 0;
    assert_int_equal(unlink(kept), 0);
    house_guard(&h);
    assert_int_equal(find(&h, "10:9999999999", "rahima"), -EKOK_AGENT_NO_LOCKED);
    house_end(&h);
}

/* While it serves, and by the hands of another process: the same. One that is gone leaves the file as it is. */
static void another_file_while_it_serves_forgets_nothing(void **state)
{
    agent_house h;
    failure f = {.text = ""};
    char value[32], kept[128];
    (void)state;
    house_make(&h, DATABASE);
    journal_keeper *keeper = journal_keeper_start(h.journal, &f);
    assert_non_null(keeper);
    house_guard(&h);
    h.post.caller[0].near_most = 2;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(value, sizeof value, "10:%d", 1234567000 + 7 * i);
        assert_int_equal(find(&h, value, "rahima"), i < 2 ? EKOK_AGENT_SAYS_TOKEN : -EKOK_AGENT_NO_LOCKED);
    }
    (void)snprintf(kept, sizeof kept, "%s.000000000001", h.journal);
    h.post.journal_most = 0;
    assert_true(guard_turn(h.guard, keeper, &f));
    assert_int_equal(access(kept, F_OK), -1); /* without a ceiling it stays */
    h.post.journal_most = 1;
    assert_true(guard_turn(h.guard, keeper, &f));
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(find(&h, "10:9999999999", "rahima"), -EKOK_AGENT_NO_LOCKED);
    assert_int_equal(find(&h, "10:1000000000", "karim"), EKOK_AGENT_SAYS_TOKEN);
    guard_close(h.guard);
    h.post.journal_most = 0;
    assert_int_equal(unlink(kept), 0);
    house_guard(&h);
    assert_int_equal(find(&h, "10:9999999999", "rahima"), -EKOK_AGENT_NO_LOCKED); /* carried over */
    journal_keeper_stop(keeper);
    house_end(&h);
}

static void purposes_are_words(void **state)
{
    agent_house h;
    char text[16384];
    (void)state;
    house_make(&h, DATABASE);
    house_guard(&h);
    const char *refused[] = {
        "", "no", "about 1234567890", "about 1990 123 456 7890 12",
        "about \xE0\xA7\xA7\xE0\xA7\xA8\xE0\xA7\xA9\xE0\xA7\xAA\xE0\xA7\xAB\xE0\xA7\xAC\xE0\xA7\xAD"
        "\xE0\xA7\xAE\xE0\xA7\xAF\xE0\xA7\xA6"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(ask_find(&h, (question){"10:1234567890", "karim", refused[i]}),
                         -EKOK_AGENT_NO_MESSAGE);
    assert_int_equal(ask_find(&h, (question){"10:1234567890", "", "a complaint"}), -EKOK_AGENT_NO_MESSAGE);
    assert_int_equal(ask_find(&h, (question){"10:1234567890", "*", "a complaint"}), -EKOK_AGENT_NO_MESSAGE);
    assert_int_equal(ask_find(&h, (question){"10:1234567890", "ka rim=x", "case 2026-000123\nof 2026-11-22"}),
                     EKOK_AGENT_SAYS_TOKEN);
    FILE *in = fopen(h.journal, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    (void)fclose(in);
    assert_null(strstr(text, "1234567890"));
    assert_non_null(strstr(text, " user=ka%20rim%3Dx role=analyst of=token_nid ref="));
    assert_non_null(strstr(text, " why=case%202026-000123%0Aof%202026-11-22 case=C-1 "));
    house_end(&h);
}

static void nobody_may_what_he_was_not_given(void **state)
{
    agent_house h;
    (void)state;
    house_make(&h, "[caller monitor]\nuser = %u\nmay = status\n");
    house_guard(&h);
    const asking a = {h.ring, h.guard, &h.post.caller[0]};
    for (int kind = 0; kind < 256; kind++) {
        buf out;
        buf_init(&out, EKOK_AGENT_LARGE);
        answer_request(&a, (uint8_t)kind, span_of(""), &out);
        assert_int_equal((uint8_t)out.data[1],
                         kind == EKOK_AGENT_DO_STATUS ? EKOK_AGENT_SAYS_TEXT : EKOK_AGENT_SAYS_REFUSED);
        assert_true(kind == EKOK_AGENT_DO_STATUS || out.data[EKOK_AGENT_HEAD] == EKOK_AGENT_NO_CALLER);
        assert_true((answer_room(&a, (uint8_t)kind) > 0) == (kind == EKOK_AGENT_DO_STATUS));
        buf_free(&out);
    }
    house_end(&h);
}

static void wrong_configurations_are_told(void **state)
{
    static const struct {
        const char *callers, *says;
    } wrong[] = {
        {"", "nobody may ask"},
        {"[caller a]\nuser = %u\n", "has no user, or may nothing"},
        {"[caller a]\nmay = seal\n", "has no user, or may nothing"},
        {"[caller a]\nuser = nobody-of-this-name\nmay = seal\n", "is no user of this machine"},
        {"[caller a]\nuser = 7\nmay = seal\n[caller b]\nuser = 7\nmay = open\n",
         "is that of another caller too"},
        {"[caller a]\nuser = 7\nmay = seal, everything\n", "has a word that is no permission"},
        {"[caller a]\nuser = 7\nmay = seal\nper_hour = many\n",
         "is not such a number; accepted: a whole number up to 100000"},
        {"[caller a]\nuser = 7\nmay = seal\nper_minute = 1\n", "there is no such key; accepted: user, may"},
        {"[caller A]\nuser = 7\nmay = seal\n", "there is no such section"},
        {"[caller a]\nuser = 7\nmay = seal\n[caller a]\n", "stands twice"},
        {"[caller a]\nuser = 7\nmay = seal\nnames_users = perhaps\n", "is neither; accepted: yes or no"},
    };
    agent_house h;
    post p;
    (void)state;
    house_make(&h, "[caller a]\nuser = 7\nmay = seal\n");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        failure f = {.text = ""};
        house_write(&h, wrong[i].callers);
        assert_false(post_read(h.config, &p, &f));
        if (f.code != EXIT_CONFIG || !strstr(f.text, wrong[i].says))
            fail_msg("%s", f.text);
    }
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens_are_those_of_the_keys),
                                       cmocka_unit_test(tokens_of_a_rotation_are_all_there),
                                       cmocka_unit_test(quotas_are_each_users_and_the_callers),
                                       cmocka_unit_test(neighbours_lock_until_released),
                                       cmocka_unit_test(another_file_of_the_trace_forgets_nothing),
                                       cmocka_unit_test(another_file_while_it_serves_forgets_nothing),
                                       cmocka_unit_test(purposes_are_words),
                                       cmocka_unit_test(nobody_may_what_he_was_not_given),
                                       cmocka_unit_test(wrong_configurations_are_told)};
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
