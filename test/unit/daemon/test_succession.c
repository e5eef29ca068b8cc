/*
 * test_succession.c - which keys a list of trusted keys makes trusted: onwards by the old key's word, back by the new
 * one's, never by a key that counts only up to some size, and never by a text that names other keys.
 */
#include "trace/succession.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEYS = 4 };

static char folder[] = "/tmp/ekok-succession-XXXXXX";
static signer *holder[KEYS]; /* of one name; the last one of another */
static failure f;

static int make_keys(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    for (int i = 0; i < KEYS; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s/%d", folder, i);
        if (!signer_create(path, i == KEYS - 1 ? "other" : "example.org/audit", &f) ||
            (holder[i] = signer_open(path, &f)) == NULL)
            return -1;
        (void)unlink(path);
    }
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    for (int i = 0; i < KEYS; i++)
        signer_close(holder[i]);
    return rmdir(folder);
}

static const public_key *key(int i)
{
    return signer_public(holder[i]);
}

static handover change(int from, int to, const signer *old, char text[NOTE_TEXT])
{
    assert_true(succession_hand_over(key(from), old, holder[to], text));
    return (handover){.before = *key(from), .after = *key(to), .text = text};
}

static key_list list_of(int i)
{
    key_list keys = {.count = 0};
    assert_true(key_list_add(&keys, key(i)));
    return keys;
}

static void a_key_is_trusted_by_the_word_of_the_one_before(void **state)
{
    (void)state;
    char text[NOTE_TEXT];
    key_list keys = list_of(0);
    handover h = change(0, 1, holder[0], text);
    assert_true(succession_take(&keys, &h));
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.next[0], 1);
    assert_int_equal(keys.next[1], KEYS_MAX);
}

static void and_the_one_before_by_that_of_the_one_after(void **state)
{
    (void)state;
    char text[NOTE_TEXT];
    key_list keys = list_of(1);
    handover h = change(0, 1, NULL, text); /* also where the old one is lost */
    assert_true(succession_take(&keys, &h));
    assert_int_equal(keys.count, 2);
    assert_int_equal(keys.next[1], 0); /* the new one stands first here */
}

static void a_lost_key_vouches_for_nobody(void **state)
{
    (void)state;
    char text[NOTE_TEXT];
    key_list keys = list_of(0);
    handover h = change(0, 1, NULL, text);
    assert_false(succession_take(&keys, &h));
    assert_int_equal(keys.count, 1);
    assert_true(key_list_add(&keys, key(1))); /* whoever was given it by hand trusts it */
    assert_true(succession_take(&keys, &h));
}

static void a_limited_key_vouches_for_nobody(void **state)
{
    (void)state;
    char text[NOTE_TEXT];
    key_list keys = list_of(0);
    handover h = change(0, 1, holder[0], text);
    keys.until[0] = 1000;
    assert_false(succession_take(&keys, &h));
    assert_int_equal(keys.count, 1);
}

static void no_other_text_will_do(void **state)
{
    (void)state;
    char text[NOTE_TEXT], other[NOTE_TEXT];
    key_list keys = list_of(0);
    handover h = change(0, 1, holder[0], text);
    h.after = *key(2); /* a row that names another key than its text does */
    assert_false(succession_take(&keys, &h));
    h = change(1, 2, holder[1], other); /* nothing that is known */
    assert_false(succession_take(&keys, &h));
    h = change(0, 1, holder[2], text); /* signed by a third */
    assert_false(succession_take(&keys, &h));
    h = change(0, 1, holder[0], text);
    text[strlen(text) - 8] ^= 1; /* the signature of the old one */
    assert_false(succession_take(&keys, &h));
    h = change(0, KEYS - 1, holder[0], text); /* the log goes on under its name */
    assert_false(succession_take(&keys, &h));
    assert_int_equal(keys.count, 1);
    h = change(0, 1, holder[0], text);
    assert_true(succession_take(&keys, &h));
}

static void a_key_is_limited_by_one_that_follows_it(void **state)
{
    (void)state;
    char text[NOTE_TEXT], first[NOTE_TEXT], second[NOTE_TEXT];
    key_list keys = list_of(0);
    handover h = change(0, 1, holder[0], first), g = change(1, 2, holder[1], second);
    assert_true(succession_take(&keys, &h) && succession_take(&keys, &g));
    assert_true(succession_revoke(key(1), 77, holder[0], text)); /* a thief of the first one */
    assert_false(succession_limit(&keys, key(1), 77, text));
    assert_true(succession_revoke(key(0), 77, holder[0], text)); /* of itself */
    assert_false(succession_limit(&keys, key(0), 77, text));
    assert_true(succession_revoke(key(0), 77, holder[2], text)); /* the second after it */
    assert_false(succession_limit(&keys, key(0), 78, text));
    assert_true(keys.until[0] == KEY_UNLIMITED);
    assert_true(succession_limit(&keys, key(0), 77, text));
    assert_int_equal(keys.until[0], 77);
    assert_true(keys.until[1] == KEY_UNLIMITED);
    assert_true(key_list_add(&keys, key(KEYS - 1))); /* made ahead, and never used */
    assert_true(succession_revoke(key(KEYS - 1), 0, holder[KEYS - 1], text));
    assert_false(succession_limit(&keys, key(KEYS - 1), 0, text));
    assert_true(succession_revoke(key(KEYS - 1), 0, holder[1], text));
    assert_true(succession_limit(&keys, key(KEYS - 1), 0, text));
}

static void checkpoints_count_up_to_the_limit_of_their_key(void **state)
{
    (void)state;
    char text[CHECKPOINT_TEXT];
    checkpoint read;
    const tree_head head = {.size = 78};
    key_list keys = list_of(0);
    assert_true(checkpoint_sign(&head, holder[0], text));
    assert_true(key_list_trusts(&keys, span_of(text), &read));
    keys.until[0] = 78;
    assert_true(key_list_trusts(&keys, span_of(text), &read));
    keys.until[0] = 77;
    assert_false(key_list_trusts(&keys, span_of(text), &read));
    assert_int_equal(key_list_signer(&keys, span_of(text), &read), 0); /* but it is known whose it is */
}

static void a_list_has_limits_behind_its_keys(void **state)
{
    (void)state;
    char path[64], text[PUBLIC_KEY_TEXT];
    static const char *const behind[] = {" until",    " until ", " until x",
                                         " until -1", " unto 5", " until 5 "};
    key_list keys = {.count = 0};
    (void)snprintf(path, sizeof path, "%s/list", folder);
    public_key_write(key(0), text);
    FILE *out = fopen(path, "w");
    assert_true(out && fprintf(out, "# of the audit\n%s until 5120\n", text) > 0 && fclose(out) == 0);
    assert_true(key_list_read(&keys, path, &f));
    assert_int_equal(keys.count, 1);
    assert_int_equal(keys.until[0], 5120);
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        key_list none = {.count = 0};
        out = fopen(path, "w");
        assert_true(out && fprintf(out, "%s%s\n", text, behind[i]) > 0 && fclose(out) == 0);
        assert_false(key_list_read(&none, path, &f));
    }
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_trusted_by_the_word_of_the_one_before),
        cmocka_unit_test(and_the_one_before_by_that_of_the_one_after),
        cmocka_unit_test(a_lost_key_vouches_for_nobody),
        cmocka_unit_test(a_limited_key_vouches_for_nobody),
        cmocka_unit_test(no_other_text_will_do),
        cmocka_unit_test(a_key_is_limited_by_one_that_follows_it),
        cmocka_unit_test(checkpoints_count_up_to_the_limit_of_their_key),
        cmocka_unit_test(a_list_has_limits_behind_its_keys),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
