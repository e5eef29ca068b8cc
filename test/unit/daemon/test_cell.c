/*
 * test_cell.c - decoding in a process of its own: the same records as decoding here, whatever the size; a cell that is
 * killed, crashes, lies or talks nonsense is found out, and the next question is answered by a new one.
 * Run as the program that gives cells (its standard input is a socket), it gives hostile ones.
 */
#include "cell/cell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char PROGRAM[] = "build/bin/ekok-decode";
enum { ROW_BYTES = 65536 };

/* A trace of what was handed over: equal traces, equal records. */
typedef struct {
    buf text;
    size_t records, stop_after;
    pid_t kill;
} trace;

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    trace *t = context;
    bool good = buf_printf(&t->text, "[%zu %d", record->bytes.n, record->line) &&
                buf_add(&t->text, record->bytes.p, record->bytes.n);
    for (size_t i = 0; damaged->count == 0 && i < record->count; i++) {
        const raw_field *f = &record->field[i];
        good = good && buf_printf(&t->text, "|%d:%.*s=%.*s", (int)f->type, (int)f->path.n, f->path.p,
                                  (int)f->text.n, f->text.p);
    }
    for (size_t i = 0; i < damaged->count; i++)
        good = good &&
               buf_printf(&t->text, "!%s %d %s", reason_name(damaged->item[i].code),
                          damaged->item[i].position, damaged->item[i].detail ? damaged->item[i].detail : "-");
    assert_true(good);
    if (t->kill)
        (void)kill(t->kill, SIGKILL);
    return ++t->records != t->stop_after;
}

static decode_options options_of(source_format format, trace *t)
{
    static const source_table table = {.header_rows = 1, .encoding = ENCODING_WINDOWS_1252};
    return (decode_options){.format = format,
                            .table = &table,
                            .rows_path = format == FORMAT_JSON ? "data.items" : "",
                            .envelope = {"total", "next"},
                            .row_bytes = ROW_BYTES,
                            .on_record = on_record,
                            .context = t};
}

static void decode_here(source_format format, span page, trace *t, bool *whole)
{
    failure f;
    const decode_options options = options_of(format, t);
    decoder *d = decoder_new(&options);
    assert_non_null(d);
    *whole = decoder_feed(d, page, &f) && decoder_finish(d, &f);
    decoder_free(d);
}

static house *home;
static cell one;

static int open_cell(void **state)
{
    failure f = {.text = ""};
    (void)state;
    home = house_open(PROGRAM, &f);
    return home && cell_open(&one, home, ROW_BYTES) ? 0 : -1;
}

static int close_cell(void **state)
{
    (void)state;
    cell_close(&one);
    house_close(home);
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1; /* no child is left behind */
}

static void same_as_here(source_format format, span page)
{
    trace here = {.records = 0}, there = {.records = 0};
    failure f = {.text = ""};
    bool whole = false;
    buf_init(&here.text, 64 << 20);
    buf_init(&there.text, 64 << 20);
    decode_here(format, page, &here, &whole);
    const decode_options options = options_of(format, &there);
    cell_answer answer = cell_decode(&one, &options, page, &f);
    assert_string_equal(f.text[0] && whole ? f.text : "", "");
    assert_int_equal(answer, whole ? CELL_WHOLE : CELL_BROKEN);
    assert_int_equal(here.records, there.records);
    assert_int_equal(here.text.size, there.text.size);
    assert_memory_equal(here.text.data ? here.text.data : "", there.text.data ? there.text.data : "",
                        here.text.size);
    buf_free(&here.text);
    buf_free(&there.text);
}

static void hands_over_what_decoding_here_hands_over(void **state)
{
    static const char json[] = "{\"total\": 5, \"next\": \"abc\", \"data\": {\"items\": [{\"a\": 1, \"b\": "
                               "{\"c\": \"\\u0995\"}, \"d\": null, \"\": true}, "
                               "{\"a\": tru}, 7, {\"a\": \"\\ud800\"}, {}]}}";
    span text;
    (void)state;
    same_as_here(FORMAT_JSON, span_of(json));
    assert_true(cell_envelope(&one, 0, &text) && span_equals(text, "5"));
    assert_true(cell_envelope(&one, 1, &text) && span_equals(text, "abc"));
    same_as_here(FORMAT_JSON, span_of("{\"data\": {\"items\": [{\"a\": 1}, {\"a\": 2"));
    assert_false(cell_envelope(&one, 0, &text));
    same_as_here(FORMAT_JSON, span_of("{\"data\": {\"items\": []}}"));
    same_as_here(FORMAT_JSON, span_of(""));
    same_as_here(FORMAT_JSONL, span_of("{\"a\": 1}\nnonsense\n{\"a\": 2}\n"));
    same_as_here(FORMAT_CSV, span_of("id,name\r\n1,\"x\"\r\n2,\xE9\x80\r\n3\r\n"));
    assert_int_equal(one.deaths, 0);
}

/* Pages larger than any buffer on the way, in both directions; text that grows on its way. */
static void hands_over_large_pages(void **state)
{
    buf page;
    (void)state;
    buf_init(&page, 16 << 20);
    assert_true(buf_add_text(&page, "{\"data\": {\"items\": ["));
    for (int i = 0; i < 20000; i++)
        assert_true(buf_printf(&page, "%s{\"id\": \"%d\", \"name\": \"%0300d\"}", i ? "," : "", i, i));
    assert_true(buf_add_text(&page, "]}}"));
    same_as_here(FORMAT_JSON, buf_span(&page));
    buf_clear(&page);
    assert_true(buf_add_text(&page, "id,name\n1,"));
    for (int i = 0; i < ROW_BYTES - 10; i++)
        assert_true(buf_add_char(&page, (char)0x80)); /* three bytes in UTF-8 */
    assert_true(buf_add_text(&page, "\n2,x\n"));
    same_as_here(FORMAT_CSV, buf_span(&page));
    buf_free(&page);
}

static void survives_the_death_of_a_cell(void **state)
{
    buf page;
    trace t = {.records = 0};
    failure f = {.text = ""};
    (void)state;
    buf_init(&page, 16 << 20);
    buf_init(&t.text, 16 << 20);
    for (int i = 0; i < 20000; i++)
        assert_true(buf_printf(&page, "{\"id\": \"%0300d\"}\n", i));
    same_as_here(FORMAT_JSONL, span_of("{}\n")); /* there is a cell now */
    t.kill = one.pid;
    const decode_options options = options_of(FORMAT_JSONL, &t);
    assert_int_equal(cell_decode(&one, &options, buf_span(&page), &f), CELL_DIED);
    assert_string_equal(f.text, "the decoder died of signal 9");
    assert_int_equal(one.deaths, 1);
    same_as_here(FORMAT_JSONL, buf_span(&page));
    buf_free(&page);
    buf_free(&t.text);
}

static void stops_when_told(void **state)
{
    trace t = {.stop_after = 2};
    failure f = {.text = "as it was"};
    (void)state;
    buf_init(&t.text, 1 << 20);
    const decode_options options = options_of(FORMAT_JSONL, &t);
    assert_int_equal(cell_decode(&one, &options, span_of("{}\n{}\n{}\n"), &f), CELL_STOPPED);
    assert_string_equal(f.text, "as it was");
    assert_int_equal(t.records, 2);
    buf_free(&t.text);
    same_as_here(FORMAT_JSONL, span_of("{}\n"));
}

/* The program that gives cells is killed: it is started again. */
static void survives_the_death_of_the_house(void **state)
{
    (void)state;
    same_as_here(FORMAT_JSONL, span_of("{}\n"));
    cell_end(&one);
    char path[64], line[256];
    (void)snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)syscall(SYS_gettid));
    FILE *children = fopen(path, "r");
    assert_non_null(children);
    assert_non_null(fgets(line, sizeof line, children));
    (void)fclose(children);
    assert_int_equal(kill((pid_t)strtol(line, NULL, 10), SIGKILL), 0);
    same_as_here(FORMAT_JSONL, span_of("{}\n"));
}

static bool add_page(void *context, span bytes)
{
    return buf_add(context, bytes.p, bytes.n);
}

static void cuts_a_file(void **state)
{
    char name[] = "/tmp/ekok-test-cell-XXXXXX";
    static source_def def;
    int fd = mkstemp(name);
    buf page;
    slice cut;
    failure f = {.text = ""};
    (void)state;
    assert_true(fd >= 0);
    (void)unlink(name);
    for (int i = 0; i < 25; i++)
        assert_true(dprintf(fd, "%s%d,x\n", i ? "" : "id,name\n", i) > 0);
    def.format = FORMAT_CSV;
    def.size = 10;
    def.row_bytes = ROW_BYTES;
    def.table.header_rows = 1;
    buf_init(&page, 1 << 20);
    const slice_sink sink = {add_page, &page, 1 << 20};
    assert_int_equal(cell_open_file(&one, fd, &def, 5, &f), CELL_WHOLE);
    assert_int_equal(cell_cut(&one, &sink, &cut, &f), CELL_WHOLE);
    assert_true(cut.records == 10 && !cut.last);
    assert_memory_equal(page.data, "id,name\n5,x\n", 12);
    same_as_here(FORMAT_JSONL, span_of("{}\n")); /* a page in between */
    buf_clear(&page);
    assert_int_equal(cell_cut(&one, &sink, &cut, &f), CELL_WHOLE);
    assert_true(cut.records == 10 && cut.last);
    cell_end(&one);
    assert_int_equal(cell_cut(&one, &sink, &cut, &f), CELL_DIED);
    (void)close(fd);
    fd = open("/dev/null", O_RDONLY);
    def.format = FORMAT_XLSX;
    assert_int_equal(cell_open_file(&one, fd, &def, 0, &f), CELL_BROKEN);
    (void)close(fd);
    buf_free(&page);
}

/* ---- hostile cells ---- */

static const char *const hostile[] = {"ends",   "crashes",  "forbidden", "huge",    "kind",
                                      "record", "trailing", "hello",     "envelope"};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static void mode_path(pid_t of, char out[64])
{
    (void)snprintf(out, 64, "/tmp/ekok-hostile-%ld", (long)of);
}

static void say(talk_kind kind, const void *payload, uint32_t size)
{
    const talk_head head = {kind, size};
    if (write(0, &head, sizeof head) < 0 || (size && write(0, payload, size) < 0))
        _exit(1);
}

static _Noreturn void be_hostile(const char *mode)
{
    const talk_hello hello = talk_hello_now(), other = {0, 0, 0};
    static const char lie[64] = {1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 'x'}; /* nine fields that are not there */
    char page[sizeof(talk_head) + sizeof(talk_page)];
    bool wrong = strcmp(mode, "hello") == 0;
    say(TALK_HELLO, wrong ? &other : &hello, sizeof hello);
    if (recv(0, page, sizeof page, MSG_WAITALL) < 0 || strcmp(mode, "ends") == 0)
        _exit(9);
    if (strcmp(mode, "crashes") == 0)
        (void)raise(SIGSEGV);
    if (strcmp(mode, "forbidden") == 0)
        (void)raise(SIGSYS);
    if (strcmp(mode, "huge") == 0)
        say(TALK_RECORD, NULL, 0x7fffffff);
    if (strcmp(mode, "kind") == 0)
        say((talk_kind)200, NULL, 0);
    if (strcmp(mode, "record") == 0)
        say(TALK_RECORD, lie, sizeof lie);
    if (strcmp(mode, "envelope") == 0)
        say(TALK_ENVELOPE, (const char[]){ENVELOPE_OF_CALLER, 'x'}, 2);
    if (strcmp(mode, "trailing") == 0) {
        const talk_head both[] = {{TALK_WHOLE, 0}, {TALK_WHOLE, 0}};
        (void)!write(0, both, sizeof both);
    }
    for (;;)
        (void)pause();
}

static void give_hostile_cells(void)
{
    char path[64], mode[32] = "";
    mode_path(getppid(), path);
    FILE *in = fopen(path, "r");
    if (!in || !fgets(mode, sizeof mode, in))
        _exit(1);
    for (;;) {
        char byte, control[CMSG_SPACE(sizeof(int))];
        struct iovec into = {&byte, 1};
        struct msghdr message = {
            .msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        if (recvmsg(0, &message, 0) != 1)
            _exit(0);
        int fd;
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
        long pid = syscall(SYS_clone, (unsigned long)CLONE_PARENT | SIGCHLD, 0L, 0L, 0L, 0L);
        if (pid == 0) {
            (void)dup2(fd, 0);
            (void)close(fd);
            be_hostile(mode);
        }
        (void)close(fd);
        (void)!write(0, &pid, sizeof pid);
    }
}

static void finds_hostile_cells_out(void **state)
{
    static const char *const told[HOSTILE] = {
        "ended with code 9",   "died of signal 11",   "a system call that is forbidden",
        "said what cannot be", "said what cannot be", "said what cannot be",
        "said what cannot be", "said what cannot be", "said what cannot be"};
    char path[64], self[4096];
    (void)state;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    mode_path(getpid(), path);
    for (size_t i = 0; i < HOSTILE; i++) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        (void)fputs(hostile[i], out);
        (void)fclose(out);
        failure f = {.text = ""};
        trace t = {.records = 0};
        cell c;
        house *h = house_open(self, &f);
        assert_non_null(h);
        assert_true(cell_open(&c, h, ROW_BYTES));
        const decode_options options = options_of(FORMAT_JSONL, &t);
        cell_answer answer = cell_decode(&c, &options, span_of("{}\n"), &f);
        bool is_hello = strcmp(hostile[i], "hello") == 0;
        if (answer != (is_hello ? CELL_FAILED : CELL_DIED) || !strstr(f.text, told[i]))
            fail_msg("%s: answer %d, %s", hostile[i], answer, f.text);
        assert_int_equal(t.records, 0);
        cell_close(&c);
        house_close(h);
    }
    (void)unlink(path);
}

static void lets_no_identifier_through(void **state)
{
    char out[40];
    (void)state;
    talk_clean("at byte 123456789: x", 20, out, sizeof out);
    assert_string_equal(out, "at byte 123456789: x");
    talk_clean("nid 1990123456789\n\xE0", 20, out, sizeof out);
    assert_string_equal(out, "nid 199012345####??");
}

int main(void)
{
    int kind = 0;
    socklen_t size = sizeof kind;
    if (getsockopt(0, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_SEQPACKET)
        give_hostile_cells();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_over_what_decoding_here_hands_over),
        cmocka_unit_test(hands_over_large_pages),
        cmocka_unit_test(survives_the_death_of_a_cell),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(survives_the_death_of_the_house),
        cmocka_unit_test(cuts_a_file),
        cmocka_unit_test(finds_hostile_cells_out),
        cmocka_unit_test(lets_no_identifier_through),
    };
    return cmocka_run_group_tests_name("cell", tests, open_cell, close_cell);
}
