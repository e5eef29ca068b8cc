/*
 * test_ask.c - requests as the systems want them, credentials from a file of ours alone, and definitions that are
 * wrong.
 */
#include "verify/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/hex.h"
#include "verify/template.h"

static const char *write_file(const char *text, unsigned mode)
{
    static char path[40];
    (void)snprintf(path, sizeof path, "/tmp/ekok-test-ask-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, (mode_t)mode), 0);
    close(fd);
    return path;
}

static void expect_request(const char *item, const char *item_10, const asked *who, const char *want)
{
    inquiry_def def = {.envelope = "[${items}]"};
    const asker a = {.def = &def};
    reservation *r = calloc(1, sizeof *r);
    failure f = {.text = ""};
    buf out;
    assert_non_null(r);
    (void)snprintf(def.item, sizeof def.item, "%s", item);
    (void)snprintf(def.item_10, sizeof def.item_10, "%s", item_10);
    r->count = 2;
    r->item[0] = r->item[1] = *who;
    buf_init(&out, 4096);
    if (ask_write(&a, r, &out, &f)) {
        char twice[512];
        (void)snprintf(twice, sizeof twice, "[%s,%s]", want, want);
        assert_true(span_equals(buf_span(&out), twice));
    } else {
        assert_string_equal(f.text, want);
    }
    buf_free(&out);
    reservation_wipe(r);
    free(r);
}

static void writes_requests(void **state)
{
    (void)state;
    const asked ten = {.ref = 3, .birth_date = "1960-02-03", .nid = "0123456789", .mobile = "8801712345678"};
    const asked thirteen = {.ref = 4, .birth_date = "1960-02-03", .nid = "1234567890123"};
    const asked seventeen = {.ref = 5, .birth_date = "1960-02-03", .nid = "19601234567890123"};
    expect_request("{\"n\":\"${nid}\",\"d\":\"${birth_date_dmy}\"}", "{\"t\":\"${nid}\",\"m\":\"${msisdn}\"}",
                   &ten, "{\"t\":\"0123456789\",\"m\":\"8801712345678\"}");
    expect_request("{\"n\":\"${nid}\",\"d\":\"${birth_date_dmy}\"}", "x", &thirteen,
                   "{\"n\":\"19601234567890123\",\"d\":\"03/02/1960\"}");
    expect_request("{\"r\":\"${ref}\",\"n\":\"${nid}\"}", "", &seventeen,
                   "{\"r\":\"5\",\"n\":\"19601234567890123\"}");
    expect_request("{\"b\":\"${brn}\"}", "", &ten,
                   "there is no value for ${brn}: see its file and its credentials");
    expect_request("{\"b\":\"${nobody}\"}", "", &ten,
                   "there is no value for ${nobody}: see its file and its credentials");
}

static void fills_templates(void **state)
{
    (void)state;
    const template_value value[] = {
        {"quote", "a\"b\\c\n", false}, {"braces", "${quote}", false}, {NULL, NULL, false}};
    const template_values values = {value, NULL};
    failure f;
    buf out;
    buf_init(&out, 100);
    assert_true(template_fill("<${quote}|${braces}|${open", &values, FILL_JSON, &out, &f));
    assert_true(span_equals(buf_span(&out), "<a\\\"b\\\\c\\u000a|${quote}|${open"));
    buf_clear(&out);
    assert_false(template_fill("X: ${quote}", &values, FILL_HEADER, &out, &f));
    assert_null(strstr(f.text, "a\"b"));
    buf_free(&out);
}

static void reads_credentials(void **state)
{
    (void)state;
    failure f = {.text = ""};
    credential *c = credential_read(write_file("# ours\nusername  etl registry\n\npassword\tx", 0600), &f);
    assert_non_null(c);
    assert_string_equal(credential_find(c, span_of("username")), "etl registry");
    assert_string_equal(credential_find(c, span_of("password")), "x");
    assert_null(credential_find(c, span_of("pass")));
    assert_null(credential_find(NULL, span_of("password")));
    credential_free(c);
    static const struct {
        const char *text;
        unsigned mode;
    } wrong[] = {{"a b\n", 0640}, {"a b\n", 0604}, {"secretonly\n", 0600}, {"A b\n", 0600}, {"a \n", 0600}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(credential_read(write_file(wrong[i].text, wrong[i].mode), &f));
        assert_int_equal(f.code, EXIT_CONFIG);
        assert_null(strstr(f.text, "secretonly"));
    }
    assert_null(credential_read("/nowhere/at/all", &f));
    assert_null(credential_read("/dev/null", &f));
}

#define SOUND                                                                                                \
    "[system]\nname = x\nurl = https://h/p\n[request]\nitem = {\"n\":\"${nid}\"}\n[answer]\ndecides = a!0, " \
    "b:c, http\n"

static void expect_def(const char *text, const char *problem)
{
    static inquiry_def def;
    failure f = {.text = ""};
    const char *path = write_file(text, 0600);
    bool good = inquiry_def_read(path, &def, &f);
    unlink(path);
    assert_int_equal(good, *problem == '\0');
    if (!strstr(f.text, problem))
        fail_msg("\"%s\" instead of \"%s\"", f.text, problem);
}

static void reads_definitions(void **state)
{
    (void)state;
    expect_def(SOUND, "");
    expect_def(SOUND "colour = red\n", ":8: [answer] colour: there is no such key");
    expect_def(SOUND "[answers]\n", "there is no such section");
    expect_def(SOUND "items = rows\n", "[answer] ref: stands alone");
    expect_def(SOUND "decides = a\n", "is given twice");
    expect_def(SOUND "statuses = 200, 99\n", "[answer] statuses:");
    expect_def(SOUND "refused = a:\n", "[answer] refused:");
    expect_def(SOUND "[grant]\nurl = https://h/t\n", "[grant] token: is missing");
    expect_def(SOUND "[system]\ntimeout = 0\n", "[system] timeout:");
    expect_def("[system]\nname = x\n", "[system] url: is missing");
    expect_def("[system]\nname = X Y\n", "[system] name:");
    expect_def("[system]\nurl = http://h/p\n", "[system] url:");
    expect_def(SOUND "[request]\nenvelope = {}\n", "has no ${items}");
}

static void reads_hex(void **state)
{
    (void)state;
    uint8_t out[3];
    assert_int_equal(hex_read_bytea("\\x00ff", out, sizeof out), 2);
    assert_int_equal(out[1], 0xff);
    assert_int_equal(hex_read_bytea("\\x00ff00ff", out, sizeof out), 0);
    assert_int_equal(hex_read_bytea("\\x0", out, sizeof out), 0);
    assert_int_equal(hex_read_bytea("00", out, sizeof out), 0);
    assert_int_equal(hex_read_bytea("", out, sizeof out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_requests),   cmocka_unit_test(fills_templates),
        cmocka_unit_test(reads_credentials), cmocka_unit_test(reads_definitions),
        cmocka_unit_test(reads_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
