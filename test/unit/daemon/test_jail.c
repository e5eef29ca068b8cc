/*
 * test_jail.c - what a jailed process can still do, and that each call by which a parser's bug would become a breach
 * ends it at once.
 */
#include "cell/jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The wait status of a child that does `what` in jail; an end of its own is code 0. */
static int in_jail(void (*what)(void))
{
    int status = 0;
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!jail_enter())
            _exit(99);
        what();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void call_open(void)
{
    (void)syscall(SYS_open, "/etc/passwd", O_RDONLY);
}
static void call_openat(void)
{
    (void)openat(AT_FDCWD, "/etc/passwd", O_RDONLY);
}
static void call_stat(void)
{
    struct stat info;
    (void)fstatat(AT_FDCWD, "/etc/passwd", &info, 0);
}
static void call_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}
static void call_unix_socket(void)
{
    (void)socket(AF_UNIX, SOCK_STREAM, 0);
}
static void call_connect(void)
{
    (void)syscall(SYS_connect, 0, NULL, 0);
}
static void call_sendmsg(void)
{
    (void)syscall(SYS_sendmsg, 0, NULL, 0);
}
static void call_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static void call_read_memory(void)
{
    (void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}
static void call_execve(void)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}
static void call_fork(void)
{
    (void)fork();
}
static void call_kill(void)
{
    (void)syscall(SYS_kill, 1, 0);
}
static void call_prctl(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
}
static void call_setrlimit(void)
{
    const struct rlimit more = {1, 1};
    (void)setrlimit(RLIMIT_NOFILE, &more);
}
static void call_memfd(void)
{
    (void)syscall(SYS_memfd_create, "x", 0);
}
static void call_io_uring(void)
{
    (void)syscall(SYS_io_uring_setup, 1, NULL);
}
static void call_bpf(void)
{
    (void)syscall(SYS_bpf, 0, NULL, 0);
}
static void call_unshare(void)
{
    (void)syscall(SYS_unshare, 0);
}
static void call_unlink(void)
{
    (void)unlink("/tmp/there-is-no-such-file");
}
static void make_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void map_file(void)
{
    (void)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0);
}
static void make_memory_code(void)
{
    static char page[8192];
    (void)mprotect((void *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095), 4096, PROT_READ | PROT_EXEC);
}

static void refuses_what_a_parser_never_needs(void **state)
{
    static const struct {
        const char *name;
        void (*call)(void);
    } forbidden[] = {{"open", call_open},
                     {"openat", call_openat},
                     {"stat", call_stat},
                     {"socket", call_socket},
                     {"socket AF_UNIX", call_unix_socket},
                     {"connect", call_connect},
                     {"sendmsg", call_sendmsg},
                     {"ptrace", call_ptrace},
                     {"process_vm_readv", call_read_memory},
                     {"execve", call_execve},
                     {"fork", call_fork},
                     {"kill", call_kill},
                     {"prctl", call_prctl},
                     {"setrlimit", call_setrlimit},
                     {"memfd_create", call_memfd},
                     {"io_uring_setup", call_io_uring},
                     {"bpf", call_bpf},
                     {"unshare", call_unshare},
                     {"unlink", call_unlink},
                     {"mmap of code", make_code},
                     {"mmap of a file", map_file},
                     {"mprotect to code", make_memory_code}};
    (void)state;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        int status = in_jail(forbidden[i].call);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
            fail_msg("%s: status %x", forbidden[i].name, (unsigned)status);
    }
}

static void take_memory(void)
{
    for (size_t size = 16; size <= 16 << 20; size *= 4) {
        char *volatile p = malloc(size);
        if (!p)
            _exit(1);
        memset(p, 1, size);
        p = realloc(p, size * 2);
        free(p);
    }
}

static void take_too_much(void)
{
    for (int i = 0; i < 200; i++) {
        volatile char *p = malloc(1 << 20);
        if (!p)
            _exit(7);
        p[0] = 1;
    }
}

static void use_descriptors(void)
{
    char byte = 'x';
    struct stat info;
    if (fstat(0, &info) != 0 || read(0, &byte, 0) < 0)
        _exit(1);
}

static void allows_memory_and_its_descriptors(void **state)
{
    (void)state;
    assert_int_equal(in_jail(take_memory), 0);
    assert_int_equal(in_jail(use_descriptors), 0);
    int status = in_jail(take_too_much);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7); /* bounded, and told by malloc */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_a_parser_never_needs),
        cmocka_unit_test(allows_memory_and_its_descriptors),
    };
    return cmocka_run_group_tests_name("jail", tests, NULL, NULL);
}
