/*
 * test_journal.c - the agent's trace: every changed byte, every line taken out, put in or swapped is found; a line
 * that a crash has cut is cut off and said so; who remembers a line finds that the end is gone. A file that has
 * grown is kept, and the next goes on behind it, wherever a kill falls.
 */
#include "agent/journal.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "agent/journal_files.h"

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

static bool turned;

static journal *open_journal(uint64_t most, journal_line_fn on_line, void *context, failure *f)
{
    const journal_place at = {path, most};
    return journal_open(&at, on_line, context, &turned, f);
}

static int make(void **state)
{
    failure f = {.text = ""};
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0)
        return -1;
    journal *j = open_journal(0, NULL, NULL, &f);
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
    journal *j = open_journal(0, NULL, NULL, &f);
    assert_non_null(j);
    assert_null(open_journal(0, NULL, NULL, &f)); /* one agent alone */
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
    assert_null(open_journal(0, NULL, NULL, &f));
    assert_int_equal(f.code, EXIT_EVIDENCE);
    assert_non_null(strstr(f.text, "line 1 does not follow"));
}

static bool count_line(void *context, const journal_line *line, failure *f)
{
    uint64_t *expected = context;
    (void)f;
    assert_int_equal(line->number, ++*expected);
    return true;
}

/* Opens, which turns the file over when it is longer than `most`; how many lines there are then. */
static uint64_t start_once(uint64_t most, bool expected)
{
    failure f = {.text = ""};
    journal_head head;
    uint64_t lines = 0;
    journal *j = open_journal(most, count_line, &lines, &f);
    if (!j)
        fail_msg("%s", f.text);
    assert_true(turned == expected);
    assert_true(journal_add(j, "open caller=y ref=9"));
    journal_head_of(j, &head);
    assert_int_equal(head.count, lines + (expected ? 3 : 2)); /* continue, start, that one */
    journal_close(j);
    assert_true(whole(&head)); /* each by itself */
    return head.count;
}

static char kept[3][JOURNAL_PATH];

static void forget_kept(void)
{
    for (size_t i = 0; i < 3; i++)
        (void)unlink(kept[i]);
}

/* Four lines in a file of its own, whose kept names are remembered. */
static void begin_anew(void)
{
    (void)unlink(path);
    forget_kept();
    assert_int_equal(start_once(0, false), 2);
    assert_int_equal(start_once(1 << 20, false), 4); /* not long enough */
    journal_kept_name(path, 1, kept[0]);
    journal_kept_name(path, 5, kept[1]);
    journal_kept_name(path, 8, kept[2]);
}

static bool there(const char *name)
{
    return access(name, F_OK) == 0;
}

static void a_file_that_grew_is_kept(void **state)
{
    failure f = {.text = ""};
    char all[8192], command[4 * JOURNAL_PATH];
    journal_head head;
    (void)state;
    begin_anew();
    assert_int_equal(start_once(1, true), 7);
    assert_true(there(kept[0]) && !there(kept[1]));
    assert_int_equal(start_once(1, true), 10);
    assert_true(there(kept[0]) && there(kept[1]) && !there(kept[2]));
    assert_int_equal(start_once(1 << 20, false), 12);
    (void)snprintf(command, sizeof command, "cat %s %s %s >%s.all", kept[0], kept[1], path, path);
    assert_int_equal(system(command), 0);
    (void)snprintf(all, sizeof all, "%s.all", path);
    assert_true(journal_verify(all, NULL, NULL, &head, &f)); /* one behind the other */
    assert_int_equal(head.count, 12);
    (void)unlink(all);
    (void)unlink(kept[0]); /* moved away: the rest stands by itself */
    journal *j = open_journal(0, NULL, NULL, &f);
    assert_non_null(j);
    journal_close(j);
    forget_kept();
}

static void a_kept_file_is_part_of_the_chain(void **state)
{
    char text[4096];
    failure f = {.text = ""};
    (void)state;
    begin_anew();
    assert_int_equal(start_once(1, true), 7);
    assert_int_equal(start_once(1, true), 10);
    FILE *in = fopen(kept[1], "r+");
    assert_non_null(in);
    size_t n = fread(text, 1, sizeof text, in);
    text[n - 3] ^= 1;
    rewind(in);
    assert_int_equal(fwrite(text, 1, n, in), n);
    assert_int_equal(fclose(in), 0);
    assert_null(open_journal(0, NULL, NULL, &f));
    assert_int_equal(f.code, EXIT_EVIDENCE);
    (void)unlink(kept[1]); /* one in the middle is missing */
    assert_null(open_journal(0, NULL, NULL, &f));
    assert_int_equal(f.code, EXIT_EVIDENCE);
    forget_kept();
}

/* What a kill leaves behind: a next file not yet in its place; the kept name beside the old one. */
static void a_kill_in_between_loses_nothing(void **state)
{
    char next[JOURNAL_PATH];
    (void)state;
    begin_anew();
    (void)snprintf(next, sizeof next, "%s.new", path);
    FILE *out = fopen(next, "w");
    assert_non_null(out);
    assert_true(fputs("half a li", out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(start_once(1, true), 7);
    assert_false(there(next));
    begin_anew();
    assert_int_equal(link(path, kept[0]), 0);
    assert_int_equal(start_once(1 << 20, false), 6); /* each line once */
    assert_int_equal(start_once(1, true), 9);
    assert_int_equal(start_once(1 << 20, false), 11);
    forget_kept();
}

/* What stands, all files one behind the other: how many lines, each following from the one before. */
static uint64_t count_all(void)
{
    failure f = {.text = ""};
    uint64_t lines = 0;
    journal *j = open_journal(0, count_line, &lines, &f);
    if (!j)
        fail_msg("%s", f.text);
    journal_close(j);
    return lines;
}

static journal_keeper *keeper_start(void)
{
    failure f = {.text = ""};
    journal_keeper *k = journal_keeper_start(path, &f);
    assert_non_null(k);
    return k;
}

/* While it is open, by the hands of another process. */
static void an_open_file_is_followed_by_another(void **state)
{
    failure f = {.text = ""};
    journal_head head;
    (void)state;
    begin_anew();
    journal_keeper *k = keeper_start();
    journal *j = open_journal(0, NULL, NULL, &f);
    assert_non_null(j);
    assert_false(journal_is_long(j, 0) || journal_is_long(j, 1 << 20));
    assert_true(journal_is_long(j, 1));
    assert_int_equal(journal_turn_over(j, k, &f), JOURNAL_TURNED);
    assert_true(there(kept[0]));
    assert_false(journal_is_long(j, 200));
    assert_true(journal_add(j, "open caller=y ref=10"));
    assert_int_equal(journal_turn_over(j, k, &f), JOURNAL_TURNED); /* lines 6 and 7 */
    journal_kept_name(path, 6, kept[1]);
    assert_true(there(kept[1]));
    assert_true(journal_add(j, "open caller=y ref=11"));
    assert_null(open_journal(0, NULL, NULL, &f)); /* still one agent alone */
    assert_non_null(strstr(f.text, "another agent"));
    journal_head_of(j, &head);
    assert_int_equal(head.count, 9);
    journal_close(j);
    journal_keeper_stop(k);
    assert_int_equal(count_all(), 9);
    forget_kept();
}

/* Nothing has been moved: the file goes on, and a line more is where all look for it. */
static void what_cannot_be_moved_stays(void **state)
{
    failure f = {.text = ""};
    (void)state;
    begin_anew();
    journal_keeper *k = keeper_start();
    journal *j = open_journal(0, NULL, NULL, &f);
    assert_non_null(j);
    int foreign = open(kept[0], O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(foreign >= 0);
    (void)close(foreign);
    assert_int_equal(journal_turn_over(j, k, &f), JOURNAL_STAYS);
    assert_non_null(strstr(f.text, "cannot be kept as"));
    assert_true(journal_add(j, "open caller=y ref=12"));
    (void)unlink(kept[0]);
    assert_int_equal(journal_turn_over(j, k, &f), JOURNAL_TURNED);
    journal_close(j);
    journal_keeper_stop(k);
    assert_int_equal(count_all(), 7);
    forget_kept();
}

/* In a process of its own, since stop points are read once: its keeper is killed while it turns a file over. */
static int turn_with_a_keeper_that_dies(const char *name, journal_turned expected)
{
    failure f = {.text = ""};
    const journal_place at = {name, 0};
    bool begun;
    journal_keeper *k = journal_keeper_start(name, &f);
    journal *j = k ? journal_open(&at, NULL, NULL, &begun, &f) : NULL;
    bool good = j && journal_turn_over(j, k, &f) == expected && strstr(f.text, "is gone");
    good = good && journal_add(j, "open caller=y ref=13") == (expected == JOURNAL_STAYS);
    f.text[0] = '\0';
    return good && journal_turn_over(j, k, &f) == JOURNAL_STAYS && strstr(f.text, "is gone") ? 0 : 1;
}

/* What a start finds then: every line once. */
static void keeper_killed_at(const char *point, journal_turned expected, uint64_t lines)
{
    char stop[64];
    begin_anew();
    (void)snprintf(stop, sizeof stop, "%s:1:kill", point);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("EKOK_STOP_POINT", stop, 1);
        (void)execl("/proc/self/exe", "test_journal", path, expected == JOURNAL_STAYS ? "stays" : "lost",
                    (char *)NULL);
        _exit(127);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0)
        fail_msg("%s: %d", point, status);
    assert_int_equal(count_all(), lines);
    forget_kept();
}

static void a_keeper_killed_in_between_loses_nothing(void **state)
{
    (void)state;
    keeper_killed_at("trace_next", JOURNAL_STAYS, 6); /* four, a start, one that was added */
    keeper_killed_at("trace_begun", JOURNAL_LOST, 5);
    keeper_killed_at("trace_kept", JOURNAL_LOST, 5);
    keeper_killed_at("trace_turned", JOURNAL_LOST, 6); /* the next has begun */
}

int main(int count, char **word)
{
    if (count == 3)
        return turn_with_a_keeper_that_dies(word[1],
                                            strcmp(word[2], "stays") == 0 ? JOURNAL_STAYS : JOURNAL_LOST);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_found),
                                       cmocka_unit_test(lines_cannot_be_taken_out_or_swapped),
                                       cmocka_unit_test(a_cut_line_is_cut_off),
                                       cmocka_unit_test(a_changed_file_is_not_added_to),
                                       cmocka_unit_test(a_file_that_grew_is_kept),
                                       cmocka_unit_test(a_kept_file_is_part_of_the_chain),
                                       cmocka_unit_test(a_kill_in_between_loses_nothing),
                                       cmocka_unit_test(an_open_file_is_followed_by_another),
                                       cmocka_unit_test(what_cannot_be_moved_stays),
                                       cmocka_unit_test(a_keeper_killed_in_between_loses_nothing)};
    return cmocka_run_group_tests_name("journal", tests, make, end);
}
