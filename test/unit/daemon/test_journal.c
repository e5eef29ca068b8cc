/*
 * test_journal.c - the agent's trace: every changed byte, every line taken out, put in or swapped is found; a line
 * that a crash has cut is cut off and said so; who remembers a line finds that the end is gone.
 */
#include "agent/journal.h"

#include <fcntl.h>

#include "agent_house.h"

static char path[] = "/tmp/ekok-test-journal-XXXXXX";

static size_t slurp(char *out, size_t room)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    size_t n = fread(out, 1, room, in);
    (void)fclose(in);
    return n;
}

static void spill(const char *text, size_t n)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, n, out), n);
    assert_int_equal(fclose(out), 0);
}

static int make(void **state)
{
    failure f = {.text = ""};
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0)
        return -1;
    journal *j = journal_open(path, NULL, NULL, &f);
    bool good = j && journal_add(j, "find caller=x ref=1") && journal_add(j, "open caller=y ref=2") &&
                journal_add(j, "open caller=y ref=3");
    journal_close(j);
    return good ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(path);
    return 0;
}

static bool whole(journal_head *head)
{
    failure f = {.text = ""};
    bool good = journal_verify(path, NULL, NULL, head, &f);
    assert_true(good == (f.code != EXIT_EVIDENCE));
    return good;
}

static void every_change_is_found(void **state)
{
    char text[4096], changed[4096];
    journal_head head;
    size_t n = slurp(text, sizeof text);
    (void)state;
    assert_true(whole(&head));
    assert_int_equal(head.count, 4);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' && i == n - 1)
            continue; /* that line is then cut by a crash, as far as anybody can tell */
        memcpy(changed, text, n);
        changed[i] ^= 1;
        spill(changed, n);
        assert_false(whole(&head));
    }
    spill(text, n);
    assert_true(whole(&head));
}

static void lines_cannot_be_taken_out_or_swapped(void **state)
{
    char text[4096], changed[4096];
    journal_head head;
    size_t n = slurp(text, sizeof text);
    (void)state;
    const char *second = strchr(text, '\n') + 1, *third = strchr(second, '\n') + 1,
               *fourth = strchr(third, '\n') + 1;
    size_t a = (size_t)(second - text), b = (size_t)(third - second), c = (size_t)(fourth - third);
    memcpy(changed, text, a);
    memcpy(changed + a, third, n - a - b);
    spill(changed, n - b);
    assert_false(whole(&head));
    memcpy(changed + a, third, c);
    memcpy(changed + a + c, second, b);
    memcpy(changed + a + b + c, fourth, n - a - b - c);
    spill(changed, n);
    assert_false(whole(&head));
    spill(text, a + b); /* the end cut off: only a remembered line tells */
    assert_true(whole(&head));
    assert_int_equal(head.count, 2);
    spill(text, n);
}

static void a_cut_line_is_cut_off(void **state)
{
    char text[4096];
    failure f = {.text = ""};
    journal_head head;
    size_t n = slurp(text, sizeof text);
    (void)state;
    spill(text, n - 10);
    assert_true(whole(&head));
    assert_int_equal(head.count, 3);
    assert_true(head.torn > 0);
    journal *j = journal_open(path, NULL, NULL, &f);
    assert_non_null(j);
    assert_null(journal_open(path, NULL, NULL, &f)); /* one agent alone */
    assert_non_null(strstr(f.text, "another agent"));
    assert_true(journal_add(j, "find caller=x ref=4"));
    journal_close(j);
    assert_true(whole(&head));
    assert_int_equal(head.count, 5);
    assert_true(head.torn == 0);
    text[slurp(text, sizeof text - 1)] = '\0';
    const char *again =
        strstr(text, "start torn=0 "); /* the first line; the next beginning says what was cut */
    assert_non_null(again);
    again = strstr(again + 1, "start torn=");
    assert_non_null(again);
    assert_true(strtol(again + strlen("start torn="), NULL, 10) > 0);
}

static void a_changed_file_is_not_added_to(void **state)
{
    char text[4096];
    failure f = {.text = ""};
    size_t n = slurp(text, sizeof text);
    (void)state;
    text[30] ^= 1;
    spill(text, n);
    assert_null(journal_open(path, NULL, NULL, &f));
    assert_int_equal(f.code, EXIT_EVIDENCE);
    assert_non_null(strstr(f.text, "line 1 does not follow"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_found), cmocka_unit_test(lines_cannot_be_taken_out_or_swapped),
        cmocka_unit_test(a_cut_line_is_cut_off), cmocka_unit_test(a_changed_file_is_not_added_to)};
    return cmocka_run_group_tests_name("journal", tests, make, end);
}
