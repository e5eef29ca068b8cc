/*
 * test_keyring.c - which key files are refused and with which words; where the keys lie and what is left of them.
 * The keys here are 32 counting bytes from 16 times the purpose's number; the commitments were made with Python's hmac.
 */
#include "secret/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/keyring_private.h"

#define DATA "data 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define NID  "token_nid 1 101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\n"
#define BRN  "token_brn 1 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
#define MOB  "token_mobile 1 303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f\n"
#define WAL  "token_wallet 1 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f\n"
#define ACC  "token_account 1 505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F\n"
#define ROW  "row 1 606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\n"
#define HEAD "ekok-keys 1\n"

#ifdef __SANITIZE_ADDRESS__
enum { LOCKS = 0 }; /* AddressSanitizer makes mlock() do nothing */
#else
enum { LOCKS = 1 };
#endif

static const char GOOD[] = HEAD DATA NID BRN MOB WAL ACC ROW;

static char folder[] = "/tmp/ekok-test-keys-XXXXXX";
static char path[64];

/* The keyring's region, as it was handed back: this munmap stands before the C library's. */
static struct {
    const void *watched;
    size_t not_zero;
    int calls;
} released;

int munmap(void *memory, size_t size)
{
    if (memory == released.watched) {
        released.calls++;
        for (size_t i = 0; i < size; i++)
            released.not_zero += ((const unsigned char *)memory)[i] != 0;
    }
    return (int)syscall(SYS_munmap, memory, size);
}

static void write_file(const char *text, size_t size, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* The file is refused, with these words behind its name. */
static void refused(const char *words)
{
    char want[500];
    failure f = {EXIT_DONE, ""};
    snprintf(want, sizeof want, "key file %s: %s", path, words);
    assert_null(keyring_open(path, &f));
    assert_int_equal(f.code, EXIT_KEYS);
    assert_string_equal(f.text, want);
}

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/keys", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void opens_a_good_file(void **state)
{
    (void)state;
    static const uint8_t nid[] = {0xdd, 0xaa, 0x28, 0x7b, 0x6e, 0x5d, 0x5a, 0x59, 0xf0, 0x22, 0x49,
                                  0x5b, 0x00, 0x24, 0xe1, 0x42, 0x61, 0x01, 0x7c, 0x04, 0x44, 0xdc,
                                  0x01, 0x8b, 0x2d, 0x46, 0x2b, 0x66, 0x9a, 0xd9, 0x6f, 0x1d};
    static const uint8_t account[] = {0x39, 0xea, 0xb1, 0x20, 0xab, 0xd5, 0x59, 0xa9};
    static const mode_t mode[] = {0600, 0400};
    for (size_t i = 0; i < 2; i++) {
        uint8_t commitment[COMMITMENT_BYTES];
        failure f = {EXIT_DONE, ""};
        write_file(GOOD, sizeof GOOD - 1, mode[i]);
        keyring *ring = keyring_open(path, &f);
        if (!ring)
            fail_msg("%s", f.text);
        keyring_commitment(ring, KEY_TOKEN_NID, commitment);
        assert_memory_equal(commitment, nid, sizeof nid);
        keyring_commitment(ring, KEY_TOKEN_ACCOUNT, commitment);
        assert_memory_equal(commitment, account, sizeof account);
        for (int p = 0; p < KEY_PURPOSES; p++)
            assert_int_equal(keyring_version(ring, (key_purpose)p), 1);
        assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
        keyring_close(ring);
    }
    keyring_close(NULL);
}

#define NO_HEAD  "line 1: is not \"ekok-keys 1\" or \"ekok-keys 2\""
#define PURPOSES "data, token_nid, token_brn, token_mobile, token_wallet, token_account, row"
#define UNKNOWN  "begins with no known purpose; accepted: " PURPOSES
#define NOT_HEX  "the key is not 64 hexadecimal digits"
#define ROW_HEX  "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"

/* No message may hold eight digits in a row of any key in the text. */
static void holds_no_key(const char *message)
{
    for (const char *at = GOOD; strlen(at) >= 8; at++) {
        char piece[9];
        memcpy(piece, at, 8);
        piece[8] = '\0';
        if (strspn(piece, "0123456789abcdefABCDEF") == 8 && strstr(message, piece))
            fail_msg("a key's digits in: %s", message);
    }
}

static void refuses_malformed_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } table[] = {
        {"", NO_HEAD},
        {"ekok-keys 3\n" DATA, NO_HEAD},
        {"ekok-keys 2\n" DATA, "line 2: is not \"wrap file|credential|pkcs11 NAME COMMITMENT\""},
        {"ekok-keys 2\nwrap pkcs11 token=ekok " ROW_HEX "\n",
         "the PKCS#11 URI of a wrapping key has neither module-path nor module-name, or both; accepted: "
         "pkcs11:token=LABEL;object=LABEL?module-path=/PATH&pin-source=/PATH (RFC 7512; see docs/keys.md)"},
        {"\xEF\xBB\xBF" HEAD DATA, NO_HEAD},
        {"ekok-keys 1\r\n" DATA, NO_HEAD},
        {DATA NID, NO_HEAD},
        {HEAD DATA NID BRN MOB WAL ACC, "has no key for row"},
        {HEAD NID BRN MOB WAL ACC ROW, "has no key for data"},
        {HEAD DATA NID BRN MOB WAL ACC ROW DATA, "line 9: data stands twice"},
        {HEAD DATA NID NID, "line 4: token_nid stands twice"},
        {HEAD DATA "token_nid 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
         "line 3: token_nid: the key is also that of data; each needs its own"},
        {HEAD "row 2 " ROW_HEX "\n", "line 2: row: the version is not 1"},
        {HEAD "row 01 " ROW_HEX "\n", "line 2: row: the version is not 1"},
        {HEAD "row  1 " ROW_HEX "\n", "line 2: row: the version is not 1"},
        {HEAD "row 1 " ROW_HEX "0\n", "line 2: row: " NOT_HEX},
        {HEAD "row 1 " ROW_HEX " \n", "line 2: row: " NOT_HEX},
        {HEAD "row 1 " ROW_HEX "\r\n", "line 2: row: " NOT_HEX},
        {HEAD "row 1 " ROW_HEX " # ours\n", "line 2: row: " NOT_HEX},
        {HEAD "row 1 g06162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\n",
         "line 2: row: " NOT_HEX},
        {HEAD "row 1 606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e\n",
         "line 2: row: " NOT_HEX},
        {HEAD "row 1 \n", "line 2: row: " NOT_HEX},
        {HEAD "row\n", "line 2: row: the version is not 1"},
        {HEAD "rows 1 " ROW_HEX "\n", "line 2: " UNKNOWN},
        {HEAD " row 1 " ROW_HEX "\n", "line 2: " UNKNOWN},
        {HEAD ROW_HEX " row 1\n", "line 2: " UNKNOWN},
        {HEAD "\n" DATA, "line 2: " UNKNOWN},
        {HEAD DATA NID BRN MOB WAL ACC ROW "\n", "line 9: " UNKNOWN},
        {HEAD DATA NID BRN MOB WAL ACC ROW "garbage", "line 9: " UNKNOWN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        write_file(table[i].text, strlen(table[i].text), 0600);
        refused(table[i].words);
        holds_no_key(table[i].words);
    }
    write_file("ekok-keys 1\0\n", 13, 0600);
    refused(NO_HEAD);
}

/* Cut anywhere, the text is refused; only the last newline may be missing. */
static void refuses_every_cut(void **state)
{
    (void)state;
    failure f;
    for (size_t n = 0; n < sizeof GOOD - 1; n++) {
        write_file(GOOD, n, 0600);
        keyring *ring = keyring_open(path, &f);
        assert_int_equal(ring != NULL, n == sizeof GOOD - 2);
        if (!ring)
            holds_no_key(f.text);
        keyring_close(ring);
    }
}

static void refuses_other_modes(void **state)
{
    (void)state;
    static const mode_t mode[] = {0644, 0640, 0660, 0604,  0601,  0610, 0700,
                                  0500, 0200, 0000, 04600, 02600, 01600};
    for (size_t i = 0; i < sizeof mode / sizeof *mode; i++) {
        char words[80];
        failure f;
        write_file(GOOD, sizeof GOOD - 1, mode[i]);
        if (geteuid() != 0 && !(mode[i] & 0400)) { /* only root gets as far as looking at the mode */
            assert_null(keyring_open(path, &f));
            continue;
        }
        snprintf(words, sizeof words, "has mode %04o; accepted: 0600 or 0400", (unsigned)mode[i]);
        refused(words);
    }
}

static void refuses_what_is_no_file_of_ours(void **state)
{
    (void)state;
    char other[80], words[120];
    unlink(path);
    refused("cannot be opened: No such file or directory");
    assert_int_equal(mkdir(path, 0600), 0);
    refused("is not a regular file");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    refused("is not a regular file"); /* and does not wait for a writer */
    write_file(GOOD, sizeof GOOD - 1, 0600);
    snprintf(other, sizeof other, "%s.real", path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    refused("is a symbolic link; accepted: a regular file");
    assert_int_equal(unlink(other), 0);
    refused("is a symbolic link; accepted: a regular file");
    if (geteuid() != 0)
        return; /* only root can give a file away */
    write_file(GOOD, sizeof GOOD - 1, 0600);
    assert_int_equal(chown(path, 65534, 65534), 0);
    snprintf(words, sizeof words, "belongs to uid 65534; accepted: the calling user, uid %u",
             (unsigned)geteuid());
    refused(words);
}

static void refuses_large_files(void **state)
{
    (void)state;
    char *text = malloc(KEY_FILE_MAX);
    memset(text, '\n', KEY_FILE_MAX);
    memcpy(text, GOOD, sizeof GOOD - 1);
    write_file(text, KEY_FILE_MAX, 0600);
    refused("is larger than 32767 bytes");
    free(text);
}

static void creates_and_never_overwrites(void **state)
{
    (void)state;
    char first[2000], again[2000];
    failure f;
    struct stat st;
    unlink(path);
    mode_t kept = umask(0);
    assert_true(keyring_create(path, &f));
    umask(kept);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    int fd = open(path, O_RDONLY);
    ssize_t size = read(fd, first, sizeof first);
    assert_false(keyring_create(path, &f));
    assert_int_equal(f.code, EXIT_KEYS);
    assert_non_null(strstr(f.text, ": cannot be created: File exists"));
    assert_int_equal(pread(fd, again, sizeof again, 0), size);
    assert_memory_equal(first, again, (size_t)size);
    close(fd);
    keyring *ring = keyring_open(path, &f);
    assert_non_null(ring);
    for (int i = 0; i < KEY_PURPOSES; i++)
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(key_find(keyring_now(ring), (key_purpose)i, 0)->key,
                                    key_find(keyring_now(ring), (key_purpose)k, 0)->key, KEY_BYTES);
    uint8_t commitment[COMMITMENT_BYTES], other[COMMITMENT_BYTES];
    keyring_commitment(ring, KEY_DATA, commitment);
    keyring_close(ring);
    unlink(path);
    assert_true(keyring_create(path, &f));
    ring = keyring_open(path, &f);
    keyring_commitment(ring, KEY_DATA, other);
    assert_false(mac_equal(commitment, other, COMMITMENT_BYTES));
    keyring_close(ring);
}

/* The flags and permissions that /proc/self/smaps gives for the mapping that begins at `memory`. */
static void read_mapping(const void *memory, char permissions[5], char flags[200])
{
    char line[400], start[40];
    bool inside = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    permissions[0] = flags[0] = '\0';
    snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)memory);
    while (fgets(line, sizeof line, maps)) {
        if (strncmp(line, start, strlen(start)) == 0) {
            inside = true;
            memcpy(permissions, strchr(line, ' ') + 1, 4);
            permissions[4] = '\0';
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            snprintf(flags, 200, "%.190s", line + 8);
            break;
        }
    }
    fclose(maps);
}

static void keys_are_locked_undumped_and_read_only(void **state)
{
    (void)state;
    char permissions[5], flags[200];
    failure f;
    write_file(GOOD, sizeof GOOD - 1, 0600);
    keyring *ring = keyring_open(path, &f);
    assert_non_null(ring);
    read_mapping(keyring_now(ring), permissions, flags);
    assert_string_equal(permissions, "r--p");
    assert_true(!LOCKS || strstr(flags, " lo")); /* locked */
    assert_non_null(strstr(flags, " dd"));       /* not in a core dump */
    assert_non_null(strstr(flags, " dc"));       /* not copied to a child */
    keyring_close(ring);
}

static void keys_are_wiped_at_the_end(void **state)
{
    (void)state;
    failure f;
    write_file(GOOD, sizeof GOOD - 1, 0600);
    keyring *ring = keyring_open(path, &f);
    assert_non_null(ring);
    assert_int_equal(key_find(keyring_now(ring), KEY_ROW, 0)->key[0], 0x60);
    memset(&released, 0, sizeof released);
    released.watched = keyring_now(ring);
    keyring_close(ring);
    assert_int_equal(released.calls, 1);
    assert_int_equal(released.not_zero, 0);
    released.watched = NULL;
}

static void a_child_has_no_keys(void **state)
{
    (void)state;
    failure f;
    int status;
    write_file(GOOD, sizeof GOOD - 1, 0600);
    keyring *ring = keyring_open(path, &f);
    assert_non_null(ring);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(keyring_version(ring, KEY_DATA) == 1 ? 1 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    keyring_close(ring);
}

/* In a child without the right to lock memory nothing is made, and the reason is given. */
static void refuses_unlockable_memory(void **state)
{
    (void)state;
    int status;
    if (!LOCKS)
        skip();
    unlink("/tmp/ekok-test-keys-none");
    pid_t child = fork();
    if (child == 0) {
        failure f = {EXIT_DONE, ""};
        struct rlimit none = {0, 0};
        bool lowered = (geteuid() != 0 || setuid(65534) == 0) && setrlimit(RLIMIT_MEMLOCK, &none) == 0;
        bool made = lowered && keyring_create("/tmp/ekok-test-keys-none", &f);
        bool said =
            strcmp(f.text, "keys cannot be locked in memory: Operation not permitted; raise the limit on "
                           "locked memory (LimitMEMLOCK, ulimit -l)") == 0;
        _exit(lowered && !made && said && access("/tmp/ekok-test-keys-none", F_OK) != 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void compares_macs(void **state)
{
    (void)state;
    assert_true(mac_equal("abcd", "abcd", 4));
    assert_false(mac_equal("abcd", "abce", 4));
    assert_true(mac_equal("abcd", "abce", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_a_good_file),
                                       cmocka_unit_test(refuses_malformed_text),
                                       cmocka_unit_test(refuses_every_cut),
                                       cmocka_unit_test(refuses_other_modes),
                                       cmocka_unit_test(refuses_what_is_no_file_of_ours),
                                       cmocka_unit_test(refuses_large_files),
                                       cmocka_unit_test(creates_and_never_overwrites),
                                       cmocka_unit_test(keys_are_locked_undumped_and_read_only),
                                       cmocka_unit_test(keys_are_wiped_at_the_end),
                                       cmocka_unit_test(a_child_has_no_keys),
                                       cmocka_unit_test(refuses_unlockable_memory),
                                       cmocka_unit_test(compares_macs)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
