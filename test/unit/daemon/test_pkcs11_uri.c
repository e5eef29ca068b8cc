/*
 * test_pkcs11_uri.c - which PKCS#11 URIs are accepted as the words of a wrapping key, what is said of the others, that
 * no message repeats them, and that bytes without sense are refused and nothing else.
 */
#include "secret/pkcs11_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MODULE "module-path=/usr/lib/softhsm/libsofthsm2.so"
#define PIN    "pin-source=/etc/ekok-keyd/pin"

static failure f;

static void takes_what_rfc_7512_writes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path, *name, *pin;
        bool credential;
    } table[] = {
        {"token=ekok;object=kek?" MODULE "&" PIN, "/usr/lib/softhsm/libsofthsm2.so", NULL,
         "/etc/ekok-keyd/pin", false},
        {"object=kek;token=ekok?" PIN "&module-name=softhsm2", NULL, "softhsm2", "/etc/ekok-keyd/pin", false},
        {"serial=5f1b82eff8376560;id=%01%02?" MODULE "&pin-source=file:/a/b",
         "/usr/lib/softhsm/libsofthsm2.so", NULL, "/a/b", false},
        {"token=a%20b;object=kek;type=secret-key?" MODULE "&pin-source=file:///a/b",
         "/usr/lib/softhsm/libsofthsm2.so", NULL, "/a/b", false},
        {"token=ekok;object=kek?module-path=/m%20n&pin-source=credential:ekok-pin", "/m n", NULL, "ekok-pin",
         true},
        {"token=ekok;manufacturer=SoftHSM%20project;model=x;object=kek?module-path=%2Fm&pin-source=%2Fp",
         "/m", NULL, "/p", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        pkcs11_uri u;
        if (!pkcs11_uri_read(table[i].text, &u, &f))
            fail_msg("%s: %s", table[i].text, f.text);
        assert_int_equal(u.pin_credential, table[i].credential);
        assert_string_equal(u.pin, table[i].pin);
        assert_string_equal(u.module_path ? u.module_path : "-", table[i].path ? table[i].path : "-");
        assert_string_equal(u.module_name ? u.module_name : "-", table[i].name ? table[i].name : "-");
        pkcs11_uri_free(&u);
    }
}

static void refuses_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } table[] = {
        {"", "has neither module-path nor module-name, or both"},
        {"token=ekok;object=kek", "has neither module-path nor module-name, or both"},
        {"token=ekok;object=kek?" PIN, "has neither module-path nor module-name, or both"},
        {"token=ekok;object=kek?" MODULE "&module-name=softhsm2&" PIN,
         "has neither module-path nor module-name, or both"},
        {"token=ekok;object=kek?module-path=lib.so&" PIN, "has a module-path that is not absolute"},
        {"token=ekok;object=kek?" MODULE, "has no pin-source"},
        {"token=ekok;object=kek?" MODULE "&pin-source=", "has no pin-source"},
        {"token=ekok;object=kek?" MODULE "&pin-source=pin", "neither a file by its absolute path"},
        {"token=ekok;object=kek?" MODULE "&pin-source=file:pin", "neither a file by its absolute path"},
        {"token=ekok;object=kek?" MODULE "&pin-source=|/bin/cat%20/etc/pin", "neither a file"},
        {"token=ekok;object=kek?" MODULE "&pin-source=%7C/bin/cat", "neither a file"},
        {"token=ekok;object=kek?" MODULE "&pin-source=https://h/pin", "neither a file"},
        {"token=ekok;object=kek?" MODULE "&pin-source=credential:", "neither a file"},
        {"token=ekok;object=kek?" MODULE "&pin-source=credential:../pin", "neither a file"},
        {"token=ekok;object=kek?" MODULE "&pin-value=739155", "holds a PIN (pin-value)"},
        {"token=ekok;object=kek?" MODULE "&" PIN "&pin-value=739155", "holds a PIN (pin-value)"},
        {"token=ekok;object=kek?" MODULE "&" PIN "&pin-value=", "holds a PIN (pin-value)"},
        {"token=ekok;object=kek?pin-value=739155&x-more=y", "holds a PIN (pin-value)"},
        {"token=ekok;object=kek?" MODULE "&" PIN "&pinvalue=739155", "has an attribute that is not known"},
        {"token=ekok;object=kek?" MODULE "&" PIN "&PIN-VALUE=739155", "cannot be read"},
        {"token=ekok;object=kek;pin-value=739155?" MODULE "&" PIN, "holds a PIN (pin-value)"},
        {"token=ekok;object=kek?" MODULE "&" PIN "&", "has an attribute that is not known"},
        {"object=kek?" MODULE "&" PIN, "names no token"},
        {"token=;object=kek?" MODULE "&" PIN, "names no token"},
        {"token=%00c;object=kek?" MODULE "&" PIN, "names no token"},
        {"token=ekok?" MODULE "&" PIN, "names no key"},
        {"token=ekok;object=?" MODULE "&" PIN, "names no key"},
        {"token=ekok;object=kek;type=private?" MODULE "&" PIN, "names something that is no secret key"},
        {"token=ekok;object=kek;colour=red?" MODULE "&" PIN, "has an attribute that is not known"},
        {"token=ekok;object=%zz?" MODULE "&" PIN, "cannot be read"},
        {"token=ekok;object=kek;type=spoon?" MODULE "&" PIN, "has an attribute that is not known"},
        {"token=ekok;token=other;object=kek?" MODULE "&pin-value=739155&pin-value=1", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        pkcs11_uri u;
        f = (failure){.text = ""};
        if (pkcs11_uri_read(table[i].text, &u, &f))
            fail_msg("accepted: %s", table[i].text);
        assert_null(u.parts);
        assert_int_equal(f.code, EXIT_USAGE);
        if (!strstr(f.text, table[i].words))
            fail_msg("%s: %s", table[i].text, f.text);
        assert_null(strstr(f.text, "739155"));
        assert_null(strstr(f.text, "/bin/cat"));
        assert_null(strstr(f.text, "softhsm"));
    }
}

static void names_the_next_key_in_the_same_token(void **state)
{
    (void)state;
    static const struct {
        const char *text, *label;
    } table[] = {{"token=ekok;object=kek?" MODULE "&" PIN, "object=kek-1795354682"},
                 {"token=ekok;object=kek-1700000000?" MODULE "&" PIN, "object=kek-1795354682"},
                 {"token=ekok;object=kek-2?" MODULE "&" PIN, "object=kek-2-1795354682"},
                 {"token=ekok;object=-1700000000?" MODULE "&" PIN, "object=-1700000000-1795354682"},
                 {"token=ekok;id=%01?" MODULE "&" PIN, "object=ekok-kek-1795354682"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char next[WRAP_NAME];
        pkcs11_uri u, before;
        assert_true(pkcs11_uri_next(table[i].text, 1795354682, next, &f));
        if (!strstr(next, table[i].label) || strpbrk(next, " \n"))
            fail_msg("%s", next);
        assert_true(pkcs11_uri_read(table[i].text, &before, &f) && pkcs11_uri_read(next, &u, &f));
        assert_string_equal(u.module_path, before.module_path);
        assert_string_equal(u.pin, before.pin);
        assert_null(p11_kit_uri_get_attribute(u.parts, CKA_ID));
        assert_memory_equal(p11_kit_uri_get_token_info(u.parts)->label, "ekok  ", 6);
        pkcs11_uri_free(&u);
        pkcs11_uri_free(&before);
    }
    char text[WRAP_NAME], next[WRAP_NAME];
    memset(text, 'a', sizeof text);
    int head = snprintf(text, sizeof text, "token=ekok?" MODULE "&" PIN "&");
    text[head - 1] = ';';
    text[sizeof text - 1] = '\0';
    assert_false(pkcs11_uri_next(text, 1, next, &f));
}

/* Every text that differs from a good one by one byte, and every beginning of it, is accepted or refused, with a
 * reason; what is accepted has a PIN's place and a module. */
static void stands_texts_that_were_changed(void **state)
{
    (void)state;
    static const char good[] =
        "token=e%20k;id=%01;object=kek;type=secret-key?" MODULE "&pin-source=file:/a/pin";
    char text[sizeof good];
    int accepted = 0;
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            pkcs11_uri u;
            f = (failure){.text = ""};
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (pkcs11_uri_read(text, &u, &f)) {
                accepted++;
                assert_true(u.pin && *u.pin && (u.module_path || u.module_name));
                assert_null(p11_kit_uri_get_pin_value(u.parts));
                pkcs11_uri_free(&u);
            } else {
                assert_true(f.text[0] != '\0' && f.code == EXIT_USAGE);
            }
        }
    }
    assert_in_range(accepted, 1000, 256 * (int)sizeof good - 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_what_rfc_7512_writes),
                                       cmocka_unit_test(refuses_the_rest),
                                       cmocka_unit_test(names_the_next_key_in_the_same_token),
                                       cmocka_unit_test(stands_texts_that_were_changed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
