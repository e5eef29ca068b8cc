/*
 * test_log.c - one event, one line, one write; threads' lines do not mix; a value cannot forge a line.
 */
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int kept_stderr, capture;

/* Standard error goes to a file that forgets its name. */
static int begin_capture(void **state)
{
    char name[] = "/tmp/ekok-test-log-XXXXXX";
    (void)state;
    kept_stderr = dup(STDERR_FILENO);
    capture = mkstemp(name);
    unlink(name);
    return dup2(capture, STDERR_FILENO) < 0;
}

static int end_capture(void **state)
{
    (void)state;
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(capture);
    log_set_level(LOG_INFO);
    return 0;
}

static char *captured(void)
{
    static char text[4 << 20];
    ssize_t n = pread(capture, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static bool matches(const char *text, const char *pattern)
{
    regex_t compiled;
    assert_int_equal(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

#define TIME "^time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "

static void writes_logfmt(void **state)
{
    (void)state;
    log_event(LOG_INFO, "dss", "page_loaded", "page=%d rows=%d", 3, 500);
    assert_true(matches(captured(), TIME "level=info source=dss event=page_loaded page=3 rows=500\n$"));
}

static void leaves_out_what_is_not_given(void **state)
{
    (void)state;
    log_event(LOG_ERROR, NULL, "stopped", "%s", "");
    assert_true(matches(captured(), TIME "level=error event=stopped ?\n$"));
}

static void obeys_the_level(void **state)
{
    (void)state;
    log_event(LOG_DEBUG, NULL, "hidden", "a=1");
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, NULL, "hidden", "a=1");
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, NULL, "shown", "a=1");
    assert_null(strstr(captured(), "hidden"));
    assert_non_null(strstr(captured(), "level=debug event=shown"));
}

static void stays_one_line(void **state)
{
    (void)state;
    char *text = malloc(9001);
    memset(text, 'y', 9000);
    text[9000] = '\0';
    log_event(LOG_INFO, "dss", "odd", "problem=%s", "one\nlevel=error event=forged\r\x1b[0m");
    log_event(LOG_INFO, text, text, "%s", text);
    free(text);
    const char *first_end = strchr(captured(), '\n');
    assert_non_null(first_end);
    const char *second_end = strchr(first_end + 1, '\n');
    assert_non_null(second_end);
    assert_int_equal(second_end[1], '\0');
    assert_true(second_end - first_end <= 2048);
    assert_null(memchr(captured(), '\x1b', (size_t)(second_end - captured())));
}

static void *chatter(void *argument)
{
    for (int i = 0; i < 500; i++)
        log_event(LOG_INFO, argument, "tick", "n=%03d text=%s", i, "abcdefghijklmnopqrstuvwxyz");
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t thread[4];
    char name[4][2] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, chatter, name[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    int lines = 0;
    for (char *line = captured(), *end; (end = strchr(line, '\n')) != NULL; line = end + 1, lines++) {
        *end = '\0';
        if (lines % 97 == 0) /* a regular expression on each would be slow */
            assert_true(matches(line, TIME "level=info source=[a-d] event=tick n=[0-9]{3} text=[a-z]{26}$"));
        assert_int_equal(end - line,
                         strlen("time=2000-01-01T00:00:00.000Z level=info source=a event=tick n=000 "
                                "text=abcdefghijklmnopqrstuvwxyz"));
    }
    assert_int_equal(lines, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_logfmt, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(leaves_out_what_is_not_given, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(obeys_the_level, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(stays_one_line, begin_capture, end_capture),
        cmocka_unit_test_setup_teardown(threads_do_not_mix, begin_capture, end_capture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
