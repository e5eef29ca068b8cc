/*
 * test_load_row.c - a row's line: as many columns as the stage has, sealed cells that open in their place and
 * nowhere else, tokens that are equal for equal numbers, a content MAC that tells any change, and nothing in
 * the clear.
 */
#include "load/load_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "load/load_bad.h"
#include "secret/seal.h"

enum { COLUMNS = 30, ROW_BYTES = 4096 };

static const char UUID[] = "01234567-89ab-8def-8123-456789abcdef";
static const char RAW[] = "{\"nid\":\"1234567890\"}";
static sealer *keys;
static const keyring *ring;

static int open_ring(void **state)
{
    char path[] = "/tmp/ekok_test_load_row_XXXXXX";
    failure f;
    (void)state;
    if (!mkdtemp(path))
        return -1;
    char file[64];
    (void)snprintf(file, sizeof file, "%s/keys", path);
    if (!keyring_create(file, &f))
        return -1;
    keys = sealer_open(file, "", &f);
    ring = keys ? sealer_ring(keys) : NULL;
    (void)unlink(file);
    (void)rmdir(path);
    return ring ? 0 : -1;
}

static int close_ring(void **state)
{
    (void)state;
    sealer_close(keys);
    return 0;
}

static registry_row make_row(void)
{
    registry_row row = {.record_id = "R-1",
                        .programme = "OAA",
                        .status = "active",
                        .name_bn = "\xE0\xA6\x95\tx",
                        .sex = "female",
                        .birth_date = {1950, 1, 1},
                        .geo = "301026",
                        .has_amount = true,
                        .amount_paisa = 60000,
                        .nid = "1234567890",
                        .nid_subject = "10:1234567890",
                        .mobile = "8801712345678",
                        .wallet_provider = "BKASH",
                        .wallet = "01712345678",
                        .wallet_subject = "BKASH:8801712345678"};
    return row;
}

typedef struct {
    char *text;
    char *cell[COLUMNS + 1];
    size_t count;
} line;

static line make_line_of(const registry_row *row, span raw)
{
    load_writer w;
    buf out;
    line l = {.count = 0};
    load_writer_init(&w, keys, ROW_BYTES);
    buf_init(&out, load_line_max(ROW_BYTES));
    assert_true(load_row(&w, UUID, row, raw, &out));
    assert_true(buf_add(&out, "", 1));
    assert_int_equal(out.data[out.size - 2], '\n');
    out.data[out.size - 2] = '\0';
    l.text = strdup(out.data);
    assert_non_null(l.text);
    char *rest = l.text;
    while (rest && l.count <= COLUMNS)
        l.cell[l.count++] = strsep(&rest, "\t");
    load_writer_free(&w);
    buf_free(&out);
    return l;
}

static line make_line(const registry_row *row)
{
    return make_line_of(row, span_of(RAW));
}

static size_t unhex(const char *text, uint8_t *out)
{
    assert_memory_equal(text, "\\\\x", 3);
    size_t n = 0;
    for (text += 3; *text; text += 2) {
        unsigned value = 0;
        assert_int_equal(sscanf(text, "%2x", &value), 1);
        out[n++] = (uint8_t)value;
    }
    return n;
}

static bool opens(const char *cell, const char *table, const char *column, const char *row_id,
                  const char *clear)
{
    uint8_t sealed[1024], clear_bytes[1024];
    opened_value opened = {.bytes = clear_bytes, .room = sizeof clear_bytes};
    failure f;
    const seal_place place = {table, column, span_of(row_id)};
    size_t n = unhex(cell, sealed);
    return open_value(ring, &place, (span){(char *)sealed, n}, &opened, &f) && opened.size == strlen(clear) &&
           memcmp(clear_bytes, clear, opened.size) == 0;
}

static void fills_the_columns_in_order(void **state)
{
    (void)state;
    registry_row row = make_row();
    line l = make_line(&row);
    assert_int_equal(l.count, COLUMNS);
    const struct {
        int column;
        const char *text;
    } expected[] = {{0, UUID},     {1, "R-1"},    {2, "OAA"},        {3, "active"},  {4, "\xE0\xA6\x95\\tx"},
                    {5, "\\N"},    {8, "female"}, {9, "1950-01-01"}, {10, "301026"}, {11, "\\N"},
                    {12, "60000"}, {13, "\\N"},   {14, "10"},        {17, "\\N"},    {18, "\\N"},
                    {21, "BKASH"}, {24, "\\N"},   {25, "\\N"},       {26, "\\N"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(l.cell[expected[i].column], expected[i].text);
    free(l.text);
}

static void seals_in_place(void **state)
{
    (void)state;
    registry_row row = make_row();
    line l = make_line(&row);
    uint8_t mac[64];
    char mac_hex[33];
    assert_true(opens(l.cell[15], "registry.enrolment", "nid_sealed", UUID, "1234567890"));
    assert_false(opens(l.cell[15], "registry.enrolment", "brn_sealed", UUID, "1234567890"));
    assert_true(opens(l.cell[19], "registry.enrolment", "mobile_sealed", UUID, "8801712345678"));
    assert_true(opens(l.cell[22], "registry.enrolment", "wallet_sealed", UUID, "01712345678"));
    assert_int_equal(unhex(l.cell[28], mac), TOKEN_BYTES);
    for (int i = 0; i < TOKEN_BYTES; i++)
        (void)snprintf(mac_hex + 2 * i, 3, "%02x", mac[i]);
    assert_true(opens(l.cell[29], "etl.quarantine", "sealed", mac_hex, RAW));
    assert_null(strstr(l.text, "1234567890"));
    assert_null(strstr(l.text, "1712345678"));
    free(l.text);
}

static void makes_tokens_of_the_subjects(void **state)
{
    (void)state;
    registry_row row = make_row();
    line l = make_line(&row);
    uint8_t expected[TOKEN_BYTES], got[TOKEN_BYTES];
    const struct {
        int column;
        key_purpose purpose;
        const char *subject;
    } token[] = {{16, KEY_TOKEN_NID, "10:1234567890"},
                 {20, KEY_TOKEN_MOBILE, "8801712345678"},
                 {23, KEY_TOKEN_WALLET, "BKASH:8801712345678"}};
    for (size_t i = 0; i < sizeof token / sizeof *token; i++) {
        assert_true(make_token(ring, token[i].purpose, span_of(token[i].subject), expected));
        assert_int_equal(unhex(l.cell[token[i].column], got), TOKEN_BYTES);
        assert_memory_equal(got, expected, TOKEN_BYTES);
    }
    free(l.text);
}

static void mac_of(const registry_row *row, char out[64])
{
    line l = make_line(row);
    (void)snprintf(out, 64, "%s", l.cell[27]);
    free(l.text);
}

static void tells_every_change(void **state)
{
    (void)state;
    char first[64], second[64];
    registry_row row = make_row();
    mac_of(&row, first);
    mac_of(&row, second);
    assert_string_equal(first, second);
#define CHANGED(statement)                                                                                   \
    do {                                                                                                     \
        registry_row other = make_row();                                                                     \
        registry_row *r = &other;                                                                            \
        statement;                                                                                           \
        mac_of(r, second);                                                                                   \
        assert_string_not_equal(first, second);                                                              \
    } while (0)
    CHANGED(strcpy(r->status, "waiting"));
    CHANGED(strcpy(r->name_en, "x"));
    CHANGED((strcpy(r->name_en, r->name_bn), r->name_bn[0] = '\0')); /* the same text in another field */
    CHANGED(r->birth_date.day = 2);
    CHANGED(r->amount_paisa = 60001);
    CHANGED(r->has_amount = false);
    CHANGED((r->has_enrolled_on = true, r->enrolled_on = (civil_date){2020, 1, 1}));
    CHANGED(r->nid[9] = '1');
    CHANGED(strcpy(r->brn, "19501234567890123"));
    CHANGED(strcpy(r->mobile, "8801712345679"));
    CHANGED(strcpy(r->wallet_provider, "NAGAD"));
    CHANGED(strcpy(r->routing, "010261726"));
    CHANGED(strcpy(r->household, "H"));
    CHANGED(strcpy(r->geo, "30102601"));
#undef CHANGED
}

static void writes_quarantine_with_every_reason(void **state)
{
    (void)state;
    load_writer w;
    buf out;
    reason_list reasons = {.count = 0};
    reason_add(&reasons, REASON_BAD_NID, TARGET_NID, "a \"quoted\" \\ rule", 3);
    reason_add(&reasons, REASON_MALFORMED, TARGET_COUNT, NULL, 0);
    load_writer_init(&w, keys, ROW_BYTES);
    buf_init(&out, load_line_max(ROW_BYTES));
    const bad_record bad = {span_of("R-9"), &reasons, span_of(RAW), 0};
    assert_true(load_bad(&w, &bad, &out));
    assert_true(buf_add(&out, "", 1));
    assert_memory_equal(out.data, "R-9\t\\\\x", 7);
    assert_non_null(
        strstr(out.data, "\t[{\"reason\":\"bad_nid\",\"field\":\"nid\",\"position\":3,"
                         "\"detail\":\"a \\\\\"quoted\\\\\" \\\\\\\\ rule\"},{\"reason\":\"malformed\"}]\t"));
    assert_null(strstr(out.data, "1234567890"));
    buf_clear(&out);
    const bad_record no_id = {{"a\tb", 3}, &reasons, {NULL, 0}, 7};
    assert_true(load_bad(&w, &no_id, &out));
    assert_memory_equal(out.data, "\\N\t", 3);
    load_writer_free(&w);
    buf_free(&out);
}

/* The record's bytes, where they are wanted; all else is the same, but for the nonces. */
static void leaves_the_record_out(void **state)
{
    (void)state;
    registry_row row = make_row();
    line whole = make_line(&row), bare = make_line_of(&row, (span){NULL, 0});
    assert_int_equal(bare.count, COLUMNS);
    assert_string_equal(bare.cell[27], whole.cell[27]);
    assert_true(opens(whole.cell[29], "etl.quarantine", "sealed", whole.cell[28] + 3, RAW));
    assert_string_equal(bare.cell[28], "\\N");
    assert_string_equal(bare.cell[29], "\\N");
    free(whole.text);
    free(bare.text);
}

static void fails_rather_than_cut(void **state)
{
    (void)state;
    registry_row row = make_row();
    load_writer w;
    buf out;
    load_writer_init(&w, keys, ROW_BYTES);
    buf_init(&out, 200);
    assert_false(load_row(&w, UUID, &row, span_of(RAW), &out));
    buf_free(&out);
    load_writer_free(&w);
    strcpy(row.name_en, "ab\xFF");
    assert_false(load_row_fits(&row));
    strcpy(row.name_en, "ab");
    assert_true(load_row_fits(&row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_columns_in_order),
        cmocka_unit_test(seals_in_place),
        cmocka_unit_test(makes_tokens_of_the_subjects),
        cmocka_unit_test(tells_every_change),
        cmocka_unit_test(writes_quarantine_with_every_reason),
        cmocka_unit_test(fails_rather_than_cut),
        cmocka_unit_test(leaves_the_record_out),
    };
    return cmocka_run_group_tests_name("load_row", tests, open_ring, close_ring);
}
