/*
 * test_tree.c - the Merkle tree and its proofs: the published roots of eight leaves, every inclusion and consistency
 * proof of all trees up to 130 leaves, none of which may hold for anything else, and checkpoints.
 */
#include "trace/tree.h"

#include "base/buf.h"
#include "trace/checkpoint.h"
#include "trace/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { LEAVES = 130 };

static merkle_hasher *hasher;
static tree_hash leaf[LEAVES], root[LEAVES + 1];

/* Inputs and roots of the reference implementation of Certificate Transparency (RFC 6962). */
static const struct {
    const char *input;
    size_t size;
    const char *root;
} published[] = {
    {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void roots_are_the_published_ones(void **state)
{
    (void)state;
    tree t = {.size = 0};
    tree_hash hash;
    buf hex;
    assert_true(tree_root(&t, hasher, &hash));
    buf_init(&hex, 100);
    assert_true(buf_add_hex(&hex, hash.b, sizeof hash.b));
    assert_memory_equal(hex.data, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 64);
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        assert_true(merkle_leaf(hasher, (span){published[i].input, published[i].size}, &hash));
        assert_true(tree_add(&t, hasher, 0, &hash));
        assert_true(tree_root(&t, hasher, &hash));
        buf_clear(&hex);
        assert_true(buf_add_hex(&hex, hash.b, sizeof hash.b));
        assert_memory_equal(hex.data, published[i].root, 64);
    }
    buf_free(&hex);
}

static bool subtree(void *context, unsigned level, uint64_t number, tree_hash *out)
{
    (void)context;
    tree t = {.size = 0};
    uint64_t width = (uint64_t)1 << level;
    for (uint64_t i = 0; i < width; i++)
        if ((number * width) + i >= LEAVES || !tree_add(&t, hasher, 0, &leaf[number * width + i]))
            return false;
    return tree_root(&t, hasher, out);
}

static void a_tree_grows_by_whole_subtrees_too(void **state)
{
    (void)state;
    tree t = {.size = 0};
    tree_hash hash;
    for (uint64_t i = 0; i < LEAVES / 4; i++) {
        assert_true(subtree(NULL, 2, i, &hash));
        assert_true(tree_add(&t, hasher, 2, &hash));
    }
    for (uint64_t i = t.size; i < LEAVES; i++)
        assert_true(tree_add(&t, hasher, 0, &leaf[i]));
    assert_false(tree_add(&t, hasher, 2, &hash)); /* 130 is no multiple of 4 */
    assert_true(tree_root(&t, hasher, &hash));
    assert_memory_equal(hash.b, root[LEAVES].b, sizeof hash.b);
}

static void every_inclusion_is_proved_and_no_other(void **state)
{
    (void)state;
    const proof_store store = {subtree, NULL, hasher};
    for (uint64_t size = 1; size <= LEAVES; size += size < 20 ? 1 : 11)
        for (uint64_t i = 0; i < size; i++) {
            const tree_head head = {size, root[size]};
            proof p;
            assert_true(proof_of_inclusion(&store, i, size, &p));
            assert_true(p.count <= 8);
            assert_true(proof_includes(hasher, &p, &head, i, &leaf[i]));
            for (uint64_t k = 0; k < size; k++)
                assert_int_equal(proof_includes(hasher, &p, &head, i, &leaf[k]), k == i);
            assert_false(proof_includes(hasher, &p, &head, i + 1, &leaf[i]));
            const tree_head other = {size, root[size - 1]};
            assert_false(proof_includes(hasher, &p, &other, i, &leaf[i]));
            if (p.count > 0) {
                p.hash[p.count / 2].b[7] ^= 1;
                assert_false(proof_includes(hasher, &p, &head, i, &leaf[i]));
                p.hash[p.count / 2].b[7] ^= 1;
                p.count--;
                assert_false(proof_includes(hasher, &p, &head, i, &leaf[i]));
            }
        }
    proof p;
    assert_false(proof_of_inclusion(&store, 5, 5, &p));
}

static void every_growth_is_proved_and_no_other(void **state)
{
    (void)state;
    const proof_store store = {subtree, NULL, hasher};
    for (uint64_t size = 1; size <= LEAVES; size += size < 20 ? 1 : 11)
        for (uint64_t before = 1; before <= size; before++) {
            tree_head first = {before, root[before]}, second = {size, root[size]};
            proof p;
            assert_true(proof_of_consistency(&store, before, size, &p));
            assert_true(proof_extends(hasher, &p, &first, &second));
            first.root.b[0] ^= 1;
            assert_false(proof_extends(hasher, &p, &first, &second));
            first.root.b[0] ^= 1;
            second.root.b[31] ^= 1;
            assert_false(proof_extends(hasher, &p, &first, &second));
            second.root.b[31] ^= 1;
            if (p.count > 0) {
                p.hash[p.count - 1].b[0] ^= 1;
                assert_false(proof_extends(hasher, &p, &first, &second));
            }
        }
    proof p;
    assert_false(proof_of_consistency(&store, 0, 5, &p));
    assert_false(proof_of_consistency(&store, 6, 5, &p));
}

static void checkpoints_are_signed_and_read(void **state)
{
    (void)state;
    failure f = {.text = ""};
    char folder[] = "/tmp/ekok-tree-XXXXXX", path[60], text[CHECKPOINT_TEXT];
    checkpoint read;
    public_key key;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/key", folder);
    assert_true(signer_create(path, "registry.test/audit", &f));
    signer *s = signer_open(path, &f);
    assert_non_null(s);
    const tree_head head = {77, root[77]};
    assert_true(checkpoint_sign(&head, s, text));
    key = *signer_public(s);
    assert_true(checkpoint_read(span_of(text), &read));
    assert_string_equal(read.origin, "registry.test/audit");
    assert_int_equal(read.head.size, 77);
    assert_memory_equal(read.head.root.b, root[77].b, sizeof root[77].b);
    assert_true(checkpoint_signed_by(span_of(text), &key));
    for (size_t i = 0; i + 1 < strlen(text); i++) {
        char touched[CHECKPOINT_TEXT];
        memcpy(touched, text, sizeof touched);
        touched[i] ^= 1;
        assert_false(checkpoint_signed_by(span_of(touched), &key));
        assert_false(checkpoint_signed_by((span){text, i}, &key));
    }
    key.bytes[0] ^= 1;
    assert_false(checkpoint_signed_by(span_of(text), &key));
    signer_close(s);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void texts_that_are_no_checkpoint(void **state)
{
    (void)state;
    static const char *const text[] = {
        "",
        "\n\n",
        "a\n1\n\n",
        "a\n01\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\nx\n",
        "a\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0\n\nx\n",
        "a\n-1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\nx\n",
        "a\n99999999999999999999\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\nx\n",
        "a\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n",
        "a\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\nx",
    };
    checkpoint read;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        assert_false(checkpoint_read(span_of(text[i]), &read));
    assert_true(checkpoint_read(
        span_of("a\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\nanother line\n\nx\n"), &read));
}

static int grow(void **state)
{
    (void)state;
    tree t = {.size = 0};
    hasher = merkle_hasher_new();
    for (size_t i = 0; hasher && i <= LEAVES; i++) {
        char text[20];
        if (!tree_root(&t, hasher, &root[i]))
            return -1;
        (void)snprintf(text, sizeof text, "leaf %zu", i);
        if (i < LEAVES &&
            (!merkle_leaf(hasher, span_of(text), &leaf[i]) || !tree_add(&t, hasher, 0, &leaf[i])))
            return -1;
    }
    return hasher ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    merkle_hasher_free(hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_the_published_ones),
        cmocka_unit_test(a_tree_grows_by_whole_subtrees_too),
        cmocka_unit_test(every_inclusion_is_proved_and_no_other),
        cmocka_unit_test(every_growth_is_proved_and_no_other),
        cmocka_unit_test(checkpoints_are_signed_and_read),
        cmocka_unit_test(texts_that_are_no_checkpoint),
    };
    return cmocka_run_group_tests(tests, grow, done);
}
