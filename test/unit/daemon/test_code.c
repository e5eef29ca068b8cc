/*
 * test_code.c - second factors in the agent: what is made is sealed for one login, a right code is said with its step,
 * wrong ones come to an end that a restart does not move, and no other request opens or seals a factor.
 */
#include "agent/answer.h"

#include <time.h>

#include "agent_house.h"
#include "secret/seal.h"
#include "secret/totp.h"

static const char CALLERS[] = "[caller database]\nuser = %u\nmay = code, enrol, seal, open, release\n"
                              "wrong_per_hour = 5\nwrong_per_day = 8\nall_wrong_per_day = 14\n";

typedef struct {
    uint8_t secret[TOTP_SECRET], sealed[TOTP_SECRET + SEAL_OVERHEAD];
} factor;

static ekok_span text_of(const char *text)
{
    return (ekok_span){text, strlen(text)};
}

/* The answer's kind, or below zero the code of a refusal; the payload in out. */
static int ask(agent_house *h, ekok_agent_kind kind, const ekok_agent_out *request, buf *out)
{
    const asking a = {h->ring, h->guard, &h->post.caller[0]};
    assert_true(request->whole);
    answer_request(&a, (uint8_t)kind, (span){(const char *)request->at, request->size}, out);
    assert_true(out->size >= EKOK_AGENT_HEAD);
    int said = (uint8_t)out->data[1];
    return said == EKOK_AGENT_SAYS_REFUSED ? -out->data[EKOK_AGENT_HEAD] : said;
}

static void make_factor(agent_house *h, const char *login, const uint8_t *given, factor *out)
{
    uint8_t memory[512];
    buf answer;
    ekok_agent_out to = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_text(&to, text_of(login));
    ekok_agent_put_bytes(&to, (ekok_span){(const char *)given, given ? TOTP_SECRET : 0});
    buf_init(&answer, EKOK_AGENT_LARGE);
    assert_int_equal(ask(h, EKOK_AGENT_DO_FACTOR, &to, &answer), EKOK_AGENT_SAYS_FACTOR);
    ekok_agent_in in = {{answer.data + EKOK_AGENT_HEAD, answer.size - EKOK_AGENT_HEAD}, true};
    ekok_span sealed = ekok_agent_take_bytes(&in), secret = ekok_agent_take_bytes(&in);
    assert_true(ekok_agent_taken(&in));
    assert_int_equal(sealed.n, sizeof out->sealed);
    assert_int_equal(secret.n, given ? 0 : TOTP_SECRET);
    memcpy(out->sealed, sealed.p, sealed.n);
    memcpy(out->secret, given ? (const char *)given : secret.p, TOTP_SECRET);
    buf_free(&answer);
}

/* The step, 0: wrong, below zero: refused. */
static int64_t try_code(agent_house *h, const char *login, const factor *of, const char *code, uint32_t after)
{
    uint8_t memory[512];
    buf answer;
    ekok_agent_out to = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_text(&to, text_of(login));
    ekok_agent_put_text(&to, text_of("some body"));
    ekok_agent_put_text(&to, text_of(code));
    ekok_agent_put_number(&to, after, 4);
    ekok_agent_put_bytes(&to, (ekok_span){(const char *)of->sealed, sizeof of->sealed});
    buf_init(&answer, EKOK_AGENT_LARGE);
    int said = ask(h, EKOK_AGENT_DO_CODE, &to, &answer);
    int64_t step = said;
    if (said == EKOK_AGENT_SAYS_CODE) {
        ekok_agent_in in = {{answer.data + EKOK_AGENT_HEAD, answer.size - EKOK_AGENT_HEAD}, true};
        uint32_t right = ekok_agent_take_number(&in, 1);
        step = ekok_agent_take_number(&in, 4);
        assert_true(ekok_agent_taken(&in) && (right == 1) == (step != 0));
    }
    buf_free(&answer);
    return step;
}

static uint32_t now_step(void)
{
    return (uint32_t)(time(NULL) / TOTP_SECONDS);
}

static int64_t try_right(agent_house *h, const char *login, const factor *of, uint32_t after)
{
    char code[TOTP_DIGITS + 1];
    assert_true(totp_code(of->secret, now_step(), code));
    return try_code(h, login, of, code, after);
}

/* A code that is none of those around this moment. */
static int64_t try_wrong(agent_house *h, const char *login, const factor *of)
{
    char code[TOTP_DIGITS + 1], around[TOTP_DIGITS + 1];
    for (unsigned guess = 0;; guess++) {
        bool free = true;
        (void)snprintf(code, sizeof code, "%06u", guess % 1000000);
        for (uint32_t s = now_step() - 2; free && s < now_step() + 4; s++)
            free = totp_code(of->secret, s, around) && strcmp(around, code) != 0;
        if (free)
            return try_code(h, login, of, code, 0);
    }
}

static void reopen(agent_house *h)
{
    guard_close(h->guard);
    house_guard(h);
}

static void read_trace(agent_house *h, char *text, size_t room)
{
    FILE *in = fopen(h->journal, "r");
    assert_non_null(in);
    text[fread(text, 1, room - 1, in)] = '\0';
    (void)fclose(in);
}

static void a_factor_counts_for_its_login(void **state)
{
    agent_house h;
    factor mine, hers;
    (void)state;
    house_make(&h, CALLERS);
    house_guard(&h);
    make_factor(&h, "karim", NULL, &mine);
    make_factor(&h, "rahima", (const uint8_t *)"12345678901234567890", &hers);
    int64_t step = try_right(&h, "karim", &mine, 0);
    assert_in_range(step, now_step() - 1, now_step());
    assert_true(try_right(&h, "rahima", &hers, 0) > 0);
    assert_int_equal(try_right(&h, "karim", &mine, now_step() + 1), 0);        /* used */
    assert_int_equal(try_right(&h, "rahima", &mine, 0), -EKOK_AGENT_NO_VALUE); /* his, as hers */
    mine.sealed[40] ^= 1;
    assert_int_equal(try_right(&h, "karim", &mine, 0), -EKOK_AGENT_NO_VALUE);
    house_end(&h);
}

static void wrong_codes_come_to_an_end(void **state)
{
    agent_house h;
    factor of, other;
    char text[32768];
    refusal r;
    (void)state;
    house_make(&h, CALLERS);
    house_guard(&h);
    make_factor(&h, "karim", NULL, &of);
    make_factor(&h, "rahima", NULL, &other);
    for (int i = 0; i < 5; i++)
        assert_int_equal(try_wrong(&h, "karim", &of), 0);
    assert_int_equal(try_wrong(&h, "karim", &of), -EKOK_AGENT_NO_QUOTA);
    assert_int_equal(try_right(&h, "karim", &of, 0), -EKOK_AGENT_NO_QUOTA); /* not said any more */
    assert_true(try_right(&h, "rahima", &other, 0) > 0);
    reopen(&h);
    assert_int_equal(try_right(&h, "karim", &of, 0), -EKOK_AGENT_NO_QUOTA);
    h.post.caller[0].wrong_hour = 100;
    for (int i = 5; i < 8; i++)
        assert_int_equal(try_wrong(&h, "karim", &of), 0);
    assert_int_equal(try_right(&h, "karim", &of, 0), -EKOK_AGENT_NO_LOCKED);
    reopen(&h);
    assert_int_equal(try_right(&h, "karim", &of, 0), -EKOK_AGENT_NO_LOCKED);
    read_trace(&h, text, sizeof text);
    assert_non_null(strstr(text, " factor caller=database uid="));
    assert_non_null(strstr(text, " user=karim by=some%20body step=0 "));
    assert_non_null(strstr(text, " lock of=database.codes user=karim pattern=codes "));
    assert_non_null(strstr(text, " of=database.codes user=karim pattern=codes-hour "));
    assert_true(guard_release(h.guard, &h.post.caller[0], span_of("database.codes/karim"),
                              span_of("he was asked"), &r));
    assert_true(try_right(&h, "karim", &of, 0) > 0);
    reopen(&h);
    assert_true(try_right(&h, "karim", &of, 0) > 0); /* what was released stays so */
    for (int i = 8; i < 14; i++)
        assert_int_equal(try_wrong(&h, "rahima", &other), 0);
    assert_int_equal(try_right(&h, "karim", &of, 0), -EKOK_AGENT_NO_QUOTA); /* all logins together */
    house_end(&h);
}

static void no_other_request_touches_a_factor(void **state)
{
    agent_house h;
    factor of;
    uint8_t memory[512];
    buf answer;
    (void)state;
    house_make(&h, CALLERS);
    house_guard(&h);
    make_factor(&h, "karim", NULL, &of);
    buf_init(&answer, EKOK_AGENT_LARGE);
    ekok_agent_out to = ekok_agent_write(memory, sizeof memory);
    const char *text[] = {"access.factor", "sealed", "karim", "a complaint", ""};
    for (size_t i = 0; i < 5; i++)
        ekok_agent_put_text(&to, text_of(text[i]));
    ekok_agent_put_bytes(&to, (ekok_span){(const char *)of.sealed, sizeof of.sealed});
    assert_int_equal(ask(&h, EKOK_AGENT_DO_OPEN, &to, &answer), -EKOK_AGENT_NO_MESSAGE);
    to = ekok_agent_write(memory, sizeof memory);
    ekok_agent_put_number(&to, 'S', 1);
    for (size_t i = 0; i < 3; i++)
        ekok_agent_put_text(&to, text_of(text[i]));
    ekok_agent_put_bytes(&to, text_of("12345678901234567890"));
    assert_int_equal(ask(&h, EKOK_AGENT_DO_BATCH, &to, &answer), -EKOK_AGENT_NO_MESSAGE);
    buf_free(&answer);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_factor_counts_for_its_login),
                                       cmocka_unit_test(wrong_codes_come_to_an_end),
                                       cmocka_unit_test(no_other_request_touches_a_factor)};
    return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
