/*
 * test_pkcs11.c - a key file whose wrapping key is in a PKCS#11 token, with real tokens of SoftHSM: to it, within it,
 * from it, each killed on the way; a PIN that is wrong is tried once; keys that could leave the token are refused.
 */
#include "secret/pkcs11.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "secret/key_store.h"
#include "secret/seal.h"
#include "soft_token.h"

static char folder[] = "/tmp/ekok-test-pkcs11-XXXXXX";
static char path[100], pin[100], words[400], second[400];
static failure f;

static void must(bool good)
{
    if (!good)
        fail_msg("%s", f.text);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    unlink(name);
    FILE *to = fopen(name, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
    assert_int_equal(chmod(name, mode), 0);
}

static size_t read_file(const char *name, char *out, size_t room)
{
    FILE *from = fopen(name, "r");
    assert_non_null(from);
    size_t size = fread(out, 1, room - 1, from);
    fclose(from);
    out[size] = '\0';
    return size;
}

static void words_for(char out[400], const char *token, const char *object)
{
    snprintf(out, 400, "pkcs11:token=%s;object=%s?module-path=" SOFT_MODULE "&pin-source=%s", token, object,
             pin);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || !soft_token_make(folder) || !soft_token_add("spare"))
        return 1;
    snprintf(path, sizeof path, "%s/keys", folder);
    snprintf(pin, sizeof pin, "%s/pin", folder);
    words_for(words, "ekok", "kek");
    words_for(second, "spare", "kek");
    write_file(pin, SOFT_PIN "\n", 0600);
    return 0;
}

static int clear_away(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* What a ring makes of one number: the same as long as the key is. */
typedef struct {
    uint8_t b[TOKEN_BYTES];
} mark;

static mark mark_of(void)
{
    mark m;
    keyring *ring = keyring_open(path, &f);
    must(ring != NULL);
    assert_true(make_token(ring, KEY_TOKEN_NID, span_of("x"), m.b));
    keyring_close(ring);
    return m;
}

static void same(mark a)
{
    mark b = mark_of();
    assert_memory_equal(a.b, b.b, TOKEN_BYTES);
}

static mark fresh(void)
{
    unlink(path);
    must(keyring_create(path, &f));
    return mark_of();
}

static mark fresh_in_token(void)
{
    mark m = fresh();
    assert_true(soft_token_remove("kek") >= 0);
    must(key_store_wrap(path, words, &f));
    same(m);
    return m;
}

static void the_file_begins(const char *text)
{
    char whole[20000];
    read_file(path, whole, sizeof whole);
    if (strncmp(whole, text, strlen(text)) != 0)
        fail_msg("%.300s", whole);
}

static void refused(bool done, const char *text)
{
    assert_false(done);
    if (f.code != EXIT_KEYS || !strstr(f.text, text))
        fail_msg("%d %s", (int)f.code, f.text);
    assert_null(strstr(f.text, SOFT_PIN));
}

static void goes_in_and_out_of_tokens(void **state)
{
    (void)state;
    char next[KEY_STORE_WORDS];
    uint32_t version;
    mark m = fresh();
    assert_true(key_store_next(path, 1700000001, next, &f));
    assert_string_equal(next, "file:keys.kek-1700000001");
    must(key_store_wrap(path, "file:kek", &f)); /* format 1 to a file, to a token */
    must(key_store_wrap(path, words, &f));
    the_file_begins("ekok-keys 2\nwrap pkcs11 token=ekok;object=kek?");
    same(m);
    must(key_store_wrap(path, second, &f)); /* to another token */
    same(m);
    must(key_store_next(path, 1700000002, next, &f)); /* to another key of it */
    assert_non_null(strstr(next, "object=kek-1700000002"));
    must(key_store_wrap(path, next, &f));
    same(m);
    must(key_store_add(path, KEY_DATA, &version, &f)); /* changes of a file in a token */
    must(key_store_activate(path, KEY_DATA, version, &f));
    must(key_store_end(path, KEY_DATA, 1, KEY_DESTROYED, &f));
    same(m);
    must(key_store_wrap(path, "file:kek", &f)); /* to a file */
    the_file_begins("ekok-keys 2\nwrap file kek ");
    same(m);
}

/* A child of its own program, since a stop point is read once a process; its exit code, or 128 + signal. */
static int wrap_apart(const char *to, const char *stop)
{
    pid_t child = fork();
    if (child == 0) {
        if (stop)
            (void)setenv("EKOK_STOP_POINT", stop, 1);
        (void)execl("/proc/self/exe", "test_pkcs11", to ? "wrap" : "open", path, to, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_kill_on_the_way_leaves_a_file_that_opens(void **state)
{
    (void)state;
    static const char *const points[] = {"wrap_made:1:kill", "wrap_written:1:kill", "wrap_replaced:1:kill"};
    const char *const way[][2] = {{NULL, words}, {"file:kek", words}, {words, second}, {words, "file:kek2"}};
    char kek2[120];
    snprintf(kek2, sizeof kek2, "%s/kek2", folder);
    for (size_t w = 0; w < sizeof way / sizeof *way; w++) {
        for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
            (void)unlink(kek2);
            assert_true(soft_token_remove("kek") >= 0);
            mark m = fresh();
            if (way[w][0])
                must(key_store_wrap(path, way[w][0], &f));
            assert_int_equal(wrap_apart(way[w][1], points[p]), 128 + SIGKILL);
            same(m);
            assert_int_equal(wrap_apart(way[w][1], NULL), 0);
            same(m);
            assert_int_equal(wrap_apart(NULL, NULL), 0);
        }
    }
}

static void a_wrong_pin_is_tried_once(void **state)
{
    (void)state;
    mark m = fresh_in_token();
    write_file(pin, "000000\n", 0600);
    refused(keyring_open(path, &f) != NULL, "the token refuses the PIN; it is not tried again");
    refused(keyring_open(path, &f) != NULL, "it was given a wrong PIN before, so none is tried unattended");
    write_file(pin, SOFT_PIN "\n", 0600);
    refused(keyring_open(path, &f) != NULL, "it was given a wrong PIN before");
    assert_int_equal(wrap_apart(NULL, NULL), EXIT_KEYS); /* the token remembers, not this process alone */
    must(key_store_wrap(path, words, &f));               /* a person tries */
    same(m);
    assert_int_equal(wrap_apart(NULL, NULL), 0);
}

static void a_pin_that_others_can_read_is_refused(void **state)
{
    (void)state;
    mark m = fresh_in_token();
    assert_int_equal(chmod(pin, 0640), 0);
    refused(keyring_open(path, &f) != NULL, "has mode 0640; accepted: 0600 or 0400");
    unlink(pin);
    refused(keyring_open(path, &f) != NULL, "PIN of the PKCS#11 token: ");
    write_file(pin, "\n", 0600);
    refused(keyring_open(path, &f) != NULL, "is empty");
    write_file(pin, SOFT_PIN, 0400);
    same(m);
}

static void a_pin_may_be_a_credential(void **state)
{
    (void)state;
    mark m = fresh();
    assert_true(soft_token_remove("kek") >= 0);
    const char *to = "pkcs11:token=ekok;object=kek?module-name=softhsm2&pin-source=credential:pin";
    unsetenv("CREDENTIALS_DIRECTORY");
    refused(key_store_wrap(path, to, &f), "its PIN is the credential pin, and systemd hands over none");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    must(key_store_wrap(path, to, &f));
    same(m);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(wrap_apart(NULL, NULL), EXIT_KEYS);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    char whole[20000], copy[120], to[400];
    fresh();
    refused(key_store_wrap(path, "pkcs11:token=ekok;object=kek?module-path=/nowhere.so&pin-source=/x", &f),
            "PKCS#11 module /nowhere.so: No such file or directory; install it, or mend module-path");
    refused(key_store_wrap(path, "pkcs11:token=ekok;object=kek?module-name=nobody&pin-source=/x", &f),
            "PKCS#11 module nobody: p11-kit knows none of that name");
    snprintf(copy, sizeof copy, "%s/no-module.so", folder);
    write_file(copy, "no library", 0755);
    snprintf(to, sizeof to, "pkcs11:token=ekok;object=kek?module-path=%s&pin-source=%s", copy, pin);
    refused(key_store_wrap(path, to, &f), "cannot be loaded");
    write_file(copy, "no library", 0775);
    refused(key_store_wrap(path, to, &f), "others can change it");
    static const char *const nowhere[] = {"nobodys", "ekok;serial=0", "ekok;slot-id=0",
                                          "ekok;slot-manufacturer=nobody",
                                          "ekok;library-manufacturer=nobody"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        words_for(to, nowhere[i], "kek");
        refused(key_store_wrap(path, to, &f), "has no token like the one that the URI names");
    }
    assert_true(soft_token_add("twin") && soft_token_add("twin"));
    words_for(to, "twin", "kek");
    refused(key_store_wrap(path, to, &f), "2 tokens are like the one that the URI names; add serial=");
    the_file_begins("ekok-keys 1\n");
    fresh_in_token();
    assert_int_equal(soft_token_remove("kek"), 1);
    refused(keyring_open(path, &f) != NULL, "the token has no such key as the URI names");
    assert_true(soft_token_put(&(soft_key){"kek", 32, 0, 1, 1, 1, 1, NULL}));
    refused(keyring_open(path, &f) != NULL, "is not the one that wrapped");
    assert_true(soft_token_put(&(soft_key){"kek", 32, 0, 1, 1, 1, 1, NULL}));
    refused(keyring_open(path, &f) != NULL, "the token has several keys like the one that the URI names");
    assert_int_equal(soft_token_remove("kek"), 2);
    fresh_in_token();
    read_file(path, whole, sizeof whole);
    char *last = strrchr(whole, '\n') - 1;
    *last = *last == '0' ? '1' : '0';
    write_file(path, whole, 0600);
    refused(keyring_open(path, &f) != NULL, "row: the key does not unwrap: PKCS#11 module");
}

static void a_key_that_could_leave_the_token_is_refused(void **state)
{
    (void)state;
    CK_BYTE known[32] = "known to whoever brought it here";
    const struct {
        soft_key key;
        const char *text;
    } table[] = {
        {{"odd", 16, 0, 1, 1, 1, 1, NULL}, "is not of 256 bits"},
        {{"odd", 32, 1, 1, 1, 1, 1, NULL}, "can leave the token (CKA_EXTRACTABLE is true)"},
        {{"odd", 32, 0, 0, 1, 1, 1, NULL}, "can be read (CKA_SENSITIVE is false)"},
        {{"odd", 32, 0, 1, 0, 1, 1, NULL}, "can be used without the PIN (CKA_PRIVATE is false)"},
        {{"odd", 32, 0, 1, 1, 0, 1, NULL}, "may not unwrap (CKA_UNWRAP is false)"},
        {{"odd", 32, 0, 1, 1, 1, 1, known}, "was not made inside the token (CKA_LOCAL is false)"},
    };
    char to[400];
    words_for(to, "ekok", "odd");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mark m = fresh();
        assert_true(soft_token_put(&table[i].key));
        refused(key_store_wrap(path, to, &f), table[i].text);
        the_file_begins("ekok-keys 1\n");
        same(m);
        assert_int_equal(soft_token_remove("odd"), 1);
    }
}

/* Of the key itself nothing is at hand: not to be read, not to be wrapped by another. */
static void the_key_stays_in_the_token(void **state)
{
    (void)state;
    soft_session s;
    CK_BYTE value[64];
    CK_ATTRIBUTE like = {CKA_LABEL, (void *)(uintptr_t) "kek", 3}, got = {CKA_VALUE, value, sizeof value};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0, size = sizeof value;
    CK_MECHANISM by = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
    fresh_in_token();
    assert_true(soft_token_open(&s));
    assert_int_equal(s.call->C_FindObjectsInit(s.session, &like, 1), CKR_OK);
    assert_int_equal(s.call->C_FindObjects(s.session, found, 2, &count), CKR_OK);
    (void)s.call->C_FindObjectsFinal(s.session);
    assert_int_equal(count, 1);
    assert_int_equal(s.call->C_GetAttributeValue(s.session, found[0], &got, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(s.call->C_WrapKey(s.session, &by, found[0], found[0], value, &size),
                     CKR_KEY_UNEXTRACTABLE);
    soft_token_close(&s);
}

static void *open_often(void *result)
{
    failure mine;
    *(int *)result = 0;
    for (int i = 0; i < 10; i++) {
        keyring *ring = keyring_open(path, &mine);
        *(int *)result += ring != NULL;
        keyring_close(ring);
    }
    return NULL;
}

static void threads_may_open_at_once(void **state)
{
    (void)state;
    pthread_t thread[3];
    int opened[3];
    fresh_in_token();
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, open_often, &opened[i]), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(opened[i], 10);
    }
}

/* As a child of wrap_apart(). */
static int apart(int count, char **word)
{
    keyring *ring = NULL;
    if (count == 4 && strcmp(word[1], "wrap") == 0)
        return key_store_wrap(word[2], word[3], &f) ? 0 : (int)f.code;
    ring = keyring_open(word[2], &f);
    keyring_close(ring);
    return ring ? 0 : (int)f.code;
}

int main(int count, char **word)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_in_and_out_of_tokens),
                                       cmocka_unit_test(a_kill_on_the_way_leaves_a_file_that_opens),
                                       cmocka_unit_test(a_wrong_pin_is_tried_once),
                                       cmocka_unit_test(a_pin_that_others_can_read_is_refused),
                                       cmocka_unit_test(a_pin_may_be_a_credential),
                                       cmocka_unit_test(what_is_missing_is_named),
                                       cmocka_unit_test(a_key_that_could_leave_the_token_is_refused),
                                       cmocka_unit_test(the_key_stays_in_the_token),
                                       cmocka_unit_test(threads_may_open_at_once)};
    if (count > 2)
        return apart(count, word);
    return cmocka_run_group_tests(tests, set_up, clear_away);
}
