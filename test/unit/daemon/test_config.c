/*
 * test_config.c - the daemon's configuration: what is read, and the one line for everything that is wrong.
 */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/ekok-test-config-XXXXXX";

static const char GOOD[] = "# the daemon\n"
                           "[database]\n"
                           "conninfo = host=/run/ekok dbname=registry user=etld\n"
                           "[keys]\n"
                           "file = keys\n"
                           "[tls]\n"
                           "  ca = ca.pem\n"
                           "certificate = /etc/ekok/client.pem\r\n"
                           "key = tls/client.key   ; beside it\n"
                           "[secrets]\n"
                           "directory = given\n";

static const char *file(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *write_file(const char *text, size_t size)
{
    FILE *out = fopen(file("ekok.ini"), "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    fclose(out);
    return file("ekok.ini");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file("ekok.ini"));
    return rmdir(folder);
}

static void reads_every_option(void **state)
{
    (void)state;
    char text[1000], want[300];
    config c;
    failure f = {EXIT_DONE, ""};
    snprintf(text, sizeof text, "%s[run]\nworkers = 3\ninterval = 10\n[sweep]\ninterval = 86400\n", GOOD);
    if (!config_read(write_file(text, strlen(text)), &c, &f))
        fail_msg("%s", f.text);
    assert_string_equal(c.database, "host=/run/ekok dbname=registry user=etld");
    assert_string_equal(c.client_cert, "/etc/ekok/client.pem");
    snprintf(want, sizeof want, "%s/keys", folder);
    assert_string_equal(c.key_file, want);
    snprintf(want, sizeof want, "%s/ca.pem", folder);
    assert_string_equal(c.ca_file, want);
    snprintf(want, sizeof want, "%s/tls/client.key", folder);
    assert_string_equal(c.client_key, want);
    snprintf(want, sizeof want, "%s/given", folder);
    assert_string_equal(c.secret_dir, want);
    assert_int_equal(c.workers, 3);
    assert_int_equal(c.interval_seconds, 10);
    assert_int_equal(c.sweep_seconds, 86400);
}

static void fills_in_defaults(void **state)
{
    (void)state;
    config c;
    failure f = {EXIT_DONE, ""};
    assert_true(config_read(write_file(GOOD, strlen(GOOD)), &c, &f));
    assert_int_equal(c.workers, 10);
    assert_int_equal(c.interval_seconds, 3600);
    assert_int_equal(c.sweep_seconds, 0);
}

/* GOOD with one line exchanged (or, without `old`, the text alone) gives this message behind the path. */
static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *want;
    } table[] = {
        {"[keys]", "[key]",
         ":4: [key]: there is no such section; accepted: database, keys, tls, secrets, run, sweep, verify"},
        {"file = keys", "fil = keys", ":5: [keys] fil: there is no such key; accepted: file, agent"},
        {"  ca = ca.pem", "ca = a\nca = b", ":8: [tls] ca: is given twice; accepted: one value"},
        {"  ca = ca.pem",
         "ca =", ":7: [tls] ca: is empty; accepted: the path of the certificate authority's PEM file"},
        {"file = keys\n", "",
         ":10: [keys]: names neither; accepted: file, the path of the key file, or agent, the socket of the "
         "key agent"},
        {"file = keys", "file = keys\nagent = a",
         ":12: [keys]: names both; accepted: file, the path of the key file, or agent, the socket of the key "
         "agent"},
        {"[secrets]", "[run]\nworkers = 65\n[secrets]",
         ":11: [run] workers: is not such a number; accepted: a whole number from 1 to 64"},
        {"[secrets]", "[run]\nworkers = 0\n[secrets]",
         ":11: [run] workers: is not such a number; accepted: a whole number from 1 to 64"},
        {"[secrets]", "[run]\nworkers = 4x\n[secrets]",
         ":11: [run] workers: is not such a number; accepted: a whole number from 1 to 64"},
        {"[secrets]", "[run]\ninterval = -10\n[secrets]",
         ":11: [run] interval: is not such a number; accepted: seconds, a whole number from 10 to 604800"},
        {"[secrets]", "[run]\ninterval = 99999999999999999999\n[secrets]",
         ":11: [run] interval: is not such a number; accepted: seconds, a whole number from 10 to 604800"},
        {"user=etld", "password = swordfish",
         ":3: [database] conninfo: holds a password; accepted: a libpq connection string without password"},
        {"host=/run/ekok", "postgresql://etld:swordfish@localhost/registry",
         ":3: [database] conninfo: holds a password; accepted: a libpq connection string without password"},
        {"[database]", "x = y\n[database]", ":2: x: stands before the first section"},
        {"[database]", "[database", ":2: a section's name is not closed; accepted: [section]"},
        {"[database]", "[database] x", ":2: something stands behind the section's name; accepted: [section]"},
        {"[keys]", "nonsense", ":4: is neither a section nor a setting; accepted: [section] or key = value"},
        {"file = keys", "file: a = keys", ":5: has a colon before the =; accepted: key = value"},
        {"file = keys", "fi\ale = keys", ":5: contains a control character; accepted: text in UTF-8"},
        {"file = keys", "file = k\xC3ys", ":5: is not valid UTF-8; accepted: text in UTF-8"},
        {"file = keys", "file = \xED\xA0\x80", ":5: is not valid UTF-8; accepted: text in UTF-8"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[2000], want[600];
        const char *at = strstr(GOOD, table[i].old);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - GOOD), GOOD, table[i].new,
                 at + strlen(table[i].old));
        snprintf(want, sizeof want, "%s%s", file("ekok.ini"), table[i].want);
        config c;
        failure f = {EXIT_DONE, ""};
        if (config_read(write_file(text, strlen(text)), &c, &f))
            fail_msg("row %zu was accepted", i);
        assert_int_equal(f.code, EXIT_CONFIG);
        assert_string_equal(f.text, want);
        assert_null(strstr(f.text, "swordfish"));
    }
}

static void refuses_what_cannot_be_read(void **state)
{
    (void)state;
    config c;
    failure f;
    char *big = malloc(65537), want[300];
    memset(big, '\n', 65537);
    assert_false(config_read(file("none.ini"), &c, &f));
    assert_non_null(strstr(f.text, "none.ini: cannot be opened: No such file or directory"));
    assert_false(config_read(folder, &c, &f));
    snprintf(want, sizeof want, "%s: is not a regular file", folder);
    assert_string_equal(f.text, want);
    assert_false(config_read(write_file(big, 65537), &c, &f));
    snprintf(want, sizeof want, "%s: is too large; accepted: at most 65536 bytes", file("ekok.ini"));
    assert_string_equal(f.text, want);
    assert_false(config_read(write_file(big, 65536), &c, &f)); /* fits, and holds nothing */
    assert_non_null(strstr(f.text, "[database] conninfo: is missing"));
    assert_false(config_read(write_file("[keys]\nfile = a\0b\n", 18), &c, &f));
    snprintf(want, sizeof want, "%s:2: contains a control character; accepted: text in UTF-8",
             file("ekok.ini"));
    assert_string_equal(f.text, want);
    free(big);
}

static void refuses_long_lines_with_their_number(void **state)
{
    (void)state;
    config c;
    failure f;
    char text[4000], want[300];
    int n = snprintf(text, sizeof text, "[keys]\nfile = ");
    memset(text + n, 'k', 1600);
    text[n + 1600] = '\0';
    assert_false(config_read(write_file(text, strlen(text)), &c, &f));
    snprintf(want, sizeof want, "%s:2: the line is too long; accepted: at most 1500 bytes a line",
             file("ekok.ini"));
    assert_string_equal(f.text, want);
    text[n + 1200] = '\0';
    assert_false(config_read(write_file(text, strlen(text)), &c, &f));
    snprintf(want, sizeof want, "%s:2: [keys] file: is too long; accepted: at most 1023 bytes",
             file("ekok.ini"));
    assert_string_equal(f.text, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_option), cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(says_what_is_wrong), cmocka_unit_test(refuses_what_cannot_be_read),
        cmocka_unit_test(refuses_long_lines_with_their_number)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
