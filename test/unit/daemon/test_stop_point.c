/*
 * test_stop_point.c - a child process per case, since the variable is read once.
 */
#include "base/stop_point.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/failure.h"

#include <cmocka.h>

/* A child that passes page_copied, page_merged, page_merged, page_committed and exits by 40. */
static pid_t start(const char *value, const char *file)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    if (value)
        setenv("EKOK_STOP_POINT", value, 1);
    if (file)
        setenv("EKOK_STOP_FILE", file, 1);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    stop_point("page_copied");
    setenv("EKOK_STOP_POINT", "page_merged:1:kill", 1); /* read once: too late */
    stop_point("page_merged");
    stop_point("page_merged");
    stop_point("page_committed");
    _exit(40);
}

static void acts_at_the_nth_passage_only(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int signal, code;
    } table[] = {{NULL, 0, 40},
                 {"", 0, 40},
                 {"page_copied:1:kill", SIGKILL, 0},
                 {"page_merged:2:kill", SIGKILL, 0},
                 {"page_merged:3:kill", 0, 40},
                 {"run_closed:1:kill", 0, 40},
                 {"page_merge:1:kill", 0, EXIT_INTERNAL}, /* no such name: loud, not silent */
                 {"page_merged", 0, EXIT_INTERNAL},
                 {"page_merged:0:kill", 0, EXIT_INTERNAL},
                 {"page_merged:1:stop", 0, EXIT_INTERNAL},
                 {"page_merged:1", 0, EXIT_INTERNAL},
                 {"page_merged:1:hold", 0, EXIT_INTERNAL}}; /* without a file */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int status;
        pid_t child = start(table[i].value, NULL);
        assert_int_equal(waitpid(child, &status, 0), child);
        bool as_wanted = table[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == table[i].signal
                                         : WIFEXITED(status) && WEXITSTATUS(status) == table[i].code;
        if (!as_wanted)
            fail_msg("row %zu: status %x", i, (unsigned)status);
    }
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void holds_until_the_file_is_gone(void **state)
{
    (void)state;
    char file[64];
    int status, waited = 0;
    snprintf(file, sizeof file, "/tmp/ekok-test-hold-%d", (int)getpid());
    pid_t child = start("page_merged:2:hold", file);
    while (access(file, F_OK) != 0 && waited++ < 1000)
        rest();
    assert_int_equal(access(file, F_OK), 0);
    rest();
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* still held */
    assert_int_equal(unlink(file), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(acts_at_the_nth_passage_only),
                                       cmocka_unit_test(holds_until_the_file_is_gone)};
    unsetenv("EKOK_STOP_POINT");
    unsetenv("EKOK_STOP_FILE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
