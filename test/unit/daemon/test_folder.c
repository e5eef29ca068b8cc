/*
 * test_folder.c - a folder of dropped files: which are taken and in which order, which are left alone, how they are put
 * away, and the cursor that tells where in which file a run stands.
 */
#include "source/folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/file_hash.h"
#include "source/paging.h"

#define MARK "cbf29ce484222325" /* of no text */

static char home[] = "/tmp/ekok-test-folder-XXXXXX";
static source_def def;

static void put(const char *name, const char *text)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", home, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static bool there(const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", home, name);
    return access(path, F_OK) == 0;
}

static int begin(void **state)
{
    (void)state;
    memset(&def, 0, sizeof def);
    strcpy(home, "/tmp/ekok-test-folder-XXXXXX");
    assert_non_null(mkdtemp(home));
    (void)snprintf(def.folder, sizeof def.folder, "%s", home);
    strcpy(def.names, "*.csv");
    return 0;
}

static int end(void **state)
{
    char command[300];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", home);
    return system(command);
}

/* The names of all ready files in their order. */
static void expect_files(const char *want)
{
    char seen[1000] = "", after[FOLDER_NAME] = "";
    folder d;
    folder_file file;
    failure f;
    assert_true(folder_open(&d, &def, &f));
    while (folder_next(&d, after, &file, &f) == FOLDER_FOUND) {
        (void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s ", file.name);
        strcpy(after, file.name);
        folder_file_close(&file);
    }
    folder_close(&d);
    assert_string_equal(seen, want);
}

static void takes_regular_files_by_name(void **state)
{
    char path[300];
    (void)state;
    put("b.csv", "b");
    put("a.csv", "a");
    put("a.txt", "no");
    put(".hidden.csv", "no");
    put("~$b.csv", "no");
    put("c.csv.part", "no");
    put("linked.csv", "two names");
    (void)snprintf(path, sizeof path, "%s/dir.csv", home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/pipe.csv", home);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(path, sizeof path, "%s/symlink.csv", home);
    assert_int_equal(symlink("a.csv", path), 0);
    int fd = open(home, O_RDONLY);
    assert_int_equal(linkat(fd, "linked.csv", fd, "again.csv", 0), 0);
    close(fd);
    expect_files("a.csv b.csv ");
}

static void waits_until_a_file_is_whole(void **state)
{
    (void)state;
    put("a.csv", "a");
    def.settle_seconds = 3600; /* changed a moment ago */
    expect_files("");
    def.ready = READY_MARKER;
    expect_files("");
    put("a.csv.done", "");
    expect_files("a.csv ");
}

static void puts_files_away(void **state)
{
    (void)state;
    folder d;
    folder_file file;
    failure f;
    def.ready = READY_MARKER;
    assert_true(folder_open(&d, &def, &f));
    for (int i = 0; i < 2; i++) {
        put("a.csv", i ? "second" : "first");
        put("a.csv.done", "");
        assert_int_equal(folder_next(&d, "", &file, &f), FOLDER_FOUND);
        assert_true(folder_unchanged(&file));
        assert_true(folder_put_away(&d, &file, false, "0123456789abcdef", &f));
        assert_false(there("a.csv") || there("a.csv.done"));
        folder_file_close(&file);
    }
    assert_true(there("done/a.csv") && there("done/0123456789ab-a.csv"));
    put("a.csv", "x");
    put("a.csv.done", "");
    assert_int_equal(folder_next(&d, "", &file, &f), FOLDER_FOUND);
    put("a.csv", "longer"); /* changed behind our back: it stays */
    assert_false(folder_unchanged(&file));
    assert_true(folder_put_away(&d, &file, true, "00", &f));
    assert_true(there("a.csv"));
    folder_file_close(&file);
    assert_int_equal(folder_next(&d, "", &file, &f), FOLDER_FOUND);
    assert_true(folder_put_away(&d, &file, true, "00", &f));
    assert_true(there("refused/a.csv") && !there("a.csv"));
    folder_file_close(&file);
    def.after = AFTER_DELETE;
    put("a.csv", "x");
    put("a.csv.done", "");
    assert_int_equal(folder_next(&d, "", &file, &f), FOLDER_FOUND);
    assert_true(folder_put_away(&d, &file, false, "00", &f));
    assert_false(there("a.csv"));
    folder_file_close(&file);
    folder_close(&d);
}

static void hashes_content(void **state)
{
    (void)state;
    char text[FILE_HASH_TEXT], path[300];
    put("a.csv", "abc");
    (void)snprintf(path, sizeof path, "%s/a.csv", home);
    int fd = open(path, O_RDONLY);
    assert_true(file_hash(fd, 3, text)); /* FIPS 180-4, first example */
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_false(file_hash(fd, 4, text));
    close(fd);
}

static void keeps_a_position_in_a_file(void **state)
{
    (void)state;
    static const char hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char cursor[PAGING_CURSOR_TEXT], url[PAGING_URL_TEXT], want[200];
    failure f;
    paging p;
    page_facts facts = {.records = 20, .total = -1};
    def.style = PAGING_FILE;
    def.size = 20;
    assert_true(paging_start(&p, &def, NULL));
    assert_false(paging_url(&p, url));
    paging_cursor(&p, cursor);
    assert_string_equal(cursor, "");
    paging_enter_file(&p, hash);
    p.slice = 20;
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_MORE);
    paging_cursor(&p, cursor);
    (void)snprintf(want, sizeof want, "file=%s&def=%s&rows=20", hash, MARK);
    assert_string_equal(cursor, want);
    assert_true(paging_start(&p, &def, cursor));
    paging_enter_file(&p, hash); /* goes on */
    assert_int_equal(p.number, 20);
    p.slice = facts.records = 3;
    p.last = true;
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_DONE);
    paging_cursor(&p, cursor);
    (void)snprintf(want, sizeof want, "file=%s&def=%s&rows=23&end", hash, MARK);
    assert_string_equal(cursor, want);
    assert_true(paging_start(&p, &def, cursor) && p.ended && p.number == 23);
    def.text = strcpy(url, "another definition");
    def.text_size = strlen(def.text);
    (void)snprintf(want, sizeof want, "file=%s&def=%s&rows=20", hash, MARK);
    assert_true(paging_start(&p, &def, want)); /* of the same file, from its start */
    assert_string_equal(p.value, hash);
    assert_int_equal(p.number, 0);
    assert_true(paging_start(&p, &def, cursor) && p.ended);
    p.number = 23;
    p.slice = 4; /* the decoder found others than were cut */
    assert_int_equal(paging_advance(&p, &facts, &f), PAGING_STUCK);
    static const char *const wrong[] = {
        "page=2",
        "file=ba78&def=" MARK "&rows=1",
        "file=",
        "file=BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad&def=" MARK "&rows=1",
        "file=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad&def=" MARK "&rows=x",
        "file=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad&def=" MARK "&end"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(paging_start(&p, &def, wrong[i]) || p.value[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_regular_files_by_name, begin, end),
        cmocka_unit_test_setup_teardown(waits_until_a_file_is_whole, begin, end),
        cmocka_unit_test_setup_teardown(puts_files_away, begin, end),
        cmocka_unit_test_setup_teardown(hashes_content, begin, end),
        cmocka_unit_test_setup_teardown(keeps_a_position_in_a_file, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
