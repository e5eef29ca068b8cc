/*
 * test_vectors.c - every line of the project's reference table of identifiers, in its own words. Synthetic, but for
 * routing numbers, which are published, and the placeholders of mobile numbers.
 */
#include "identifier_table.h"

#include "kind.h"

typedef struct {
    const char *kind, *value, *expect;
} vector;

static const vector VECTORS[] = {
    {"routing", "020060288", "valid"},
    {"routing", "020060289", "invalid"},
    {"routing", "090100378", "valid"},
    {"routing", "090100379", "invalid"},
    {"routing", "200010074", "valid"},
    {"routing", "200010075", "invalid"},
    {"routing", "025060009", "valid"},
    {"routing", "025060000", "invalid"},
    {"routing", "405270006", "valid"},
    {"routing", "405270007", "invalid"},
    {"routing", "140581184", "valid"},
    {"routing", "140581185", "invalid"},
    {"routing", "205153236", "invalid"},
    {"nid10", "0001234566", "valid-checksum"},
    {"nid10", "0001234569", "invalid"},
    {"nid10", "1000987659", "valid-checksum"},
    {"nid10", "1000987652", "invalid"},
    {"nid10", "7000712344", "valid-checksum"},
    {"nid10", "7000712347", "invalid"},
    {"nid10", "2500055518", "valid-checksum"},
    {"nid10", "2500055511", "invalid"},
    {"nid10", "9111124682", "valid-checksum"},
    {"nid10", "9111124685", "invalid"},
    {"nid10", "1456782945", "invalid"},
    {"nid13", "5525799000001", "valid-structure"},
    {"nid17", "19795525799000001", "valid-structure"},
    {"brn17", "19790912166999999", "valid-structure"},
    {"brn16", "1979091216699999", "valid-structure"},
    {"msisdn", "01712345678", "valid"},
    {"msisdn", "8801712345678", "valid"},
    {"msisdn", "01112345678", "invalid"},
    {"msisdn", "01212345678", "invalid"},
    {"rocket", "017123456780", "valid-structure"},
};

/* The table's kinds in the core's: nid10, nid13 and nid17 are one. */
static ekok_kind_code kind_of(const char *name)
{
    static const struct {
        const char *name;
        ekok_kind_code code;
    } kinds[] = {{"nid", EKOK_KIND_NID},
                 {"brn", EKOK_KIND_BRN},
                 {"msisdn", EKOK_KIND_MSISDN},
                 {"rocket", EKOK_KIND_WALLET},
                 {"routing", EKOK_KIND_BANK_ROUTING}};

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strncmp(name, kinds[i].name, strlen(kinds[i].name)) == 0) {
            return kinds[i].code;
        }
    }
    fail_msg("the table has a kind that this test does not know: %s", name);
    return EKOK_KIND_COUNT;
}

/* Read, and of a kind that has a check digit held to it. */
static bool is_valid(const vector *v)
{
    const ekok_kind *kind = ekok_kind_of(kind_of(v->kind));
    char text[EKOK_IDENTIFIER_TEXT_MAX];
    uint64_t word = 0;

    snprintf(text, sizeof text, "%s%s", strcmp(v->kind, "rocket") == 0 ? "ROCKET:" : "", v->value);
    return kind->parse(span_of(text), &word).code == EKOK_OK &&
           (kind->strict == NULL || kind->strict(word).code == EKOK_OK);
}

static void every_vector(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
        bool expected = strncmp(VECTORS[i].expect, "valid", 5) == 0;
        if (is_valid(&VECTORS[i]) != expected) {
            fail_msg("%s %s: not %s", VECTORS[i].kind, VECTORS[i].value, VECTORS[i].expect);
        }
    }
    assert_int_equal(COUNT_OF(VECTORS), 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_vector)};
    return cmocka_run_group_tests_name("core/vectors", tests, NULL, NULL);
}
