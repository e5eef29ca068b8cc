/*
 * test_answer.c - each documented answer of each system, read by the very definitions that the simulated registers are
 * asked with, in a cell: which code decides, what is refused, what cannot be read; and that a code carries no number.
 */
#include "verify/answer.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "cell/object.h"

static house *home;
static cell one;

static void replace(char *text, size_t room, const char *what, const char *by)
{
    for (char *at; (at = strstr(text, what));) {
        size_t tail = strlen(at + strlen(what)) + 1;
        assert_true((size_t)(at - text) + strlen(by) + tail < room);
        memmove(at + strlen(by), at + strlen(what), tail);
        memcpy(at, by, strlen(by));
    }
}

static void read_def(const char *name, inquiry_def *out)
{
    char path[100], text[8192], copy[] = "/tmp/ekok-test-inquiry-XXXXXX";
    failure f = {.text = ""};
    (void)snprintf(path, sizeof path, "test/sim/systems/%s.ini.in", name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    size_t size = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[size] = '\0';
    replace(text, sizeof text, "@PORT@", "443");
    replace(text, sizeof text, "@DIR@", "/tmp");
    replace(text, sizeof text, "@NAME@", "land");
    int fd = mkstemp(copy);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    bool good = inquiry_def_read(copy, out, &f);
    unlink(copy);
    assert_string_equal(f.text, "");
    assert_true(good);
}

/* The code of ref 7, "" when none can be read, "refused", "exhausted", "missing", or "!" and a part of the failure. */
static void expect(const char *system, int status, const char *body, const char *want)
{
    static inquiry_def def;
    answer_item item = {.ref = 7};
    answer got = {.item = &item, .count = 1};
    failure f = {.text = ""};
    read_def(system, &def);
    const char *have = item.code;
    const page_reader reader = cell_reader(&one);
    const answer_body came = {&reader, status, span_of(body)};
    if (!answer_read(&def, &came, &got, &f)) {
        assert_int_equal(want[0], '!');
        assert_non_null(strstr(f.text, want + 1));
        return;
    }
    if (got.refused)
        have = "refused";
    else if (got.exhausted)
        have = "exhausted";
    else if (item.ref < 0)
        have = "missing";
    if (strcmp(have, want) != 0)
        fail_msg("%s %d %s: \"%s\" instead of \"%s\"", system, status, body, have, want);
}

#define ITEM(fields) "{\"results\":[{\"ref\":\"7\"," fields "}]}"

static void reads_births(void **state)
{
    (void)state;
    expect("bdris", 200, ITEM("\"found\":false"), "found=false");
    expect("bdris", 200, ITEM("\"found\":true,\"dead\":false,\"status\":\"registered\""),
           "status=registered");
    expect("bdris", 200, ITEM("\"found\":true,\"dead\":true,\"status\":\"registered\""), "dead=true");
    expect("bdris", 200, ITEM("\"found\":true,\"status\":\"cancelled\""), "status=cancelled");
    expect("bdris", 200, ITEM("\"found\":true"), "");
    expect("bdris", 200, ITEM("\"found\":true,\"status\":null"), "");
    expect("bdris", 401, "{\"error\":\"key\"}", "refused");
    expect("bdris", 429, "", "exhausted");
    expect("bdris", 500, "{}", "!answered 500");
    expect("bdris", 200, "{\"results\":\"maintenance\"}", "!broken");
    expect("bdris", 200, "{\"results\":[]}", "missing");
    expect("bdris", 200, "{\"results\":[{\"ref\":\"8\",\"found\":false}]}", "missing");
    expect("bdris", 200, "{\"results\":[{\"ref\":7,\"found\":false}]}", "found=false");
}

static void reads_sims(void **state)
{
    static const char *const code[] = {"01", "07", "08", "09", "10", "11", "17"};
    (void)state;
    expect("btrc", 200, "{\"match\":\"Y\",\"err_code\":\"\",\"err_desc\":\"\"}", "match=Y");
    expect("btrc", 200, "{\"match\":\"N\",\"err_code\":null}", "match=N");
    expect("btrc", 200, "{\"match\":\"NOT_FOUND\"}", "match=NOT_FOUND");
    for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
        char body[100], want[40];
        (void)snprintf(body, sizeof body, "{\"match\":\"\",\"err_code\":\"EXP0102%s\"}", code[i]);
        (void)snprintf(want, sizeof want, "err_code=EXP0102%s", code[i]);
        expect("btrc", 200, body, want);
    }
    expect("btrc", 200, "{\"err_code\":\"EXP010203\"}", "refused");
    expect("btrc", 200, "{\"err_code\":\"EXP010204\"}", "refused");
    expect("btrc", 200, "{\"err_code\":\"EXP010206\"}", "refused");
    expect("btrc", 200, "{\"match\":\"Y\",\"match\":\"N\"}", "!cannot be read");
    expect("btrc", 200, "{}", "");
}

static void reads_wallets(void **state)
{
    static const char *const code[] = {"2012", "2037", "2039", "2040", "2045", "2057", "2058", "503", "9999"};
    (void)state;
    expect("bkash", 200, ITEM("\"statusCode\":\"0000\",\"accountStatus\":\"ACTIVE\",\"nidMatch\":\"Y\""),
           "nidMatch=Y");
    expect("bkash", 200, ITEM("\"statusCode\":\"0000\",\"accountStatus\":\"ACTIVE\",\"nidMatch\":\"N\""),
           "nidMatch=N");
    expect("bkash", 200, ITEM("\"statusCode\":\"0000\",\"accountStatus\":\"INACTIVE\",\"nidMatch\":\"Y\""),
           "accountStatus=INACTIVE");
    for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
        char body[100], want[40];
        (void)snprintf(body, sizeof body, ITEM("\"statusCode\":\"%s\""), code[i]);
        (void)snprintf(want, sizeof want, "statusCode=%s", code[i]);
        expect("bkash", 200, body, want);
    }
    expect("bkash", 401, "{\"message\":\"The incoming token has expired\"}", "refused");
    expect("nagad", 200, "{\"status\":\"Active\",\"nidMatched\":true}", "nidMatched=true");
    expect("nagad", 200, "{\"status\":\"Active\",\"nidMatched\":false}", "nidMatched=false");
    expect("nagad", 200, "{\"status\":\"Inactive\"}", "status=Inactive");
    expect("nagad", 400, "{\"reason\":\"16_0006_001\",\"message\":\"Invalid request\"}",
           "reason=16_0006_001");
    expect("rocket", 200, "{\"wallet\":\"ACTIVE\",\"nid_match\":\"Y\"}", "nid_match=Y");
    expect("rocket", 200, "{\"wallet\":\"NOT_FOUND\"}", "wallet=NOT_FOUND");
    expect("rocket", 400, "{}", "!answered 400");
}

static void reads_voters_and_lists(void **state)
{
    (void)state;
    expect("ec", 200,
           "{\"status\":\"OK\",\"verified\":true,\"fieldVerificationResult\":{\"dateOfBirth\":true},"
           "\"success\":{\"data\":{}}}",
           "verified=true");
    expect("ec", 406, "{\"verified\":false,\"fieldVerificationResult\":{\"dateOfBirth\":false}}",
           "verified=false");
    expect(
        "ec", 403,
        "{\"status\":\"FORBIDDEN\",\"error\":{\"message\":\"Voter is locked. Details cannot be fetched\"}}",
        "http=403");
    expect("ec", 403, "", "http=403");
    expect("ec", 404, "<html>", "http=404");
    expect("ec", 401, "{\"status\":\"UNAUTHORIZED\"}", "refused");
    expect("ec", 429, "{}", "exhausted");
    expect("ec", 200, "{\"verified\":\"1234567890\"}", "");
    expect("ec", 502, "", "!answered 502");
    expect("list", 200, ITEM("\"listed\":\"yes\""), "listed=yes");
    expect("list", 200, ITEM("\"listed\":\"not_found\""), "listed=not_found");
}

static void lets_no_number_through(void **state)
{
    (void)state;
    expect("rocket", 200, "{\"wallet\":\"01712345678\"}", "");
    expect("rocket", 200, "{\"wallet\":\"NID-1234567-890\"}", "wallet=NID-1234567-890");
    expect("rocket", 200, "{\"wallet\":\"12345678\"}", "");
    expect("rocket", 200, "{\"wallet\":\"a\\\"b\"}", "");
    expect("rocket", 200, "{\"wallet\":\"\\u09b0\\u09b9\"}", "");
    expect("rocket", 200,
           "{\"wallet\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}", "");
}

static void two_answers_about_one_are_none(void **state)
{
    (void)state;
    expect("list", 200,
           "{\"results\":[{\"ref\":\"7\",\"listed\":\"yes\"},{\"ref\":\"7\",\"listed\":\"no\"}]}", "");
}

static void finds_texts(void **state)
{
    char out[8];
    (void)state;
    const page_reader reader = cell_reader(&one);
    const answer_place place = {"a.b", out, sizeof out};
    failure f;
    assert_true(answer_text(&reader, span_of("{\"a\":{\"b\":\"token\"}}"), &place, &f));
    assert_string_equal(out, "token");
    static const char *const none[] = {"{\"a\":{\"b\":\"token too long\"}}",
                                       "{\"a\":",
                                       "{}",
                                       "",
                                       "[]",
                                       "{\"a\":{\"b\":\"x\"}},{\"a\":{\"b\":\"y\"}}",
                                       "{\"a\":{\"b\":\"x\"}}],[1",
                                       "{\"a\":{\"b\":\"x\"}}]"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (answer_text(&reader, span_of(none[i]), &place, &f))
            fail_msg("%s was taken", none[i]);
}

/* An answer is in our hands until it is read: whoever reads it may die. */
static void a_cell_that_dies_costs_nothing(void **state)
{
    (void)state;
    int deaths = one.deaths;
    expect("bdris", 200, ITEM("\"found\":false"), "found=false");
    assert_true(one.fd >= 0);
    assert_int_equal(kill(one.pid, SIGKILL), 0);
    expect("bdris", 200, ITEM("\"found\":false"), "found=false");
    assert_int_equal(kill(one.pid, SIGKILL), 0);
    expect("bdris", 200, ITEM("\"found\":true,\"dead\":true"), "dead=true");
    assert_int_equal(one.deaths, deaths + 2);
}

static void is_no_word_of_a_cell(void *context)
{
    ++*(int *)context;
}

/* A cell that dies of the very answer is tried three times. */
static cell_answer dies(void *who, const decode_options *options, span page, failure *f)
{
    (void)who, (void)options, (void)page;
    *f = (failure){.code = EXIT_PARTIAL, .text = "the decoder died of signal 11"};
    return CELL_DIED;
}

static void gives_an_answer_up(void **state)
{
    (void)state;
    int tries = 0;
    failure f;
    const page_reader reader = {dies, NULL};
    const decode_options options = {.context = &tries};
    assert_int_equal(page_read(&reader, &options, span_of("[]"), is_no_word_of_a_cell, &f), CELL_DIED);
    assert_int_equal(tries, OBJECT_TRIES);
    assert_string_equal(f.text, "the decoder died of signal 11");
}

static int open_cell(void **state)
{
    failure f = {.text = ""};
    (void)state;
    home = house_open("build/bin/ekok-decode", &f);
    return home && cell_open(&one, home, ANSWER_ITEM_MAX) ? 0 : -1;
}

static int close_cell(void **state)
{
    (void)state;
    cell_close(&one);
    house_close(home);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_births),
        cmocka_unit_test(reads_sims),
        cmocka_unit_test(reads_wallets),
        cmocka_unit_test(reads_voters_and_lists),
        cmocka_unit_test(lets_no_number_through),
        cmocka_unit_test(two_answers_about_one_are_none),
        cmocka_unit_test(finds_texts),
        cmocka_unit_test(a_cell_that_dies_costs_nothing),
        cmocka_unit_test(gives_an_answer_up),
    };
    return cmocka_run_group_tests(tests, open_cell, close_cell);
}
