/*
 * test_source_def.c - a source's definition: what each form of rule becomes, and the line for each mistake.
 */
#include "config/source_def.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/ekok-test-source-XXXXXX";
static source_def def; /* 110 kB: not for the stack */

static const char GOOD[] =
    "\xEF\xBB\xBF; the Department of Social Services\n" /* line 1, with a byte order mark */
    "[source]\n"
    "name = dss\n"
    "title = সমাজসেবা অধিদপ্তর\n"
    "url = https://localhost:8443/api/v1\n" /* line 5 */
    "rows = data.items\n"
    "[paging]\n"
    "size_param = per_page\n"
    "style = page\n"
    "size = 500\n" /* line 10 */
    "page_param = page\n"
    "[map]\n"
    "record_id = id\n"
    "programme = scheme.code\n"
    "name_bn = ব্যক্তি.নাম\n" /* line 15 */
    "geo = address.district + address.upazila\n"
    "wallet = pay.no when pay.kind = mobile money\n"
    "wallet_provider = 'BKASH' when pay.kind='b k'\n"
    "wallet_provider = 'NAGAD'\n"
    "birth_date = dob-1\n" /* line 20 */
    "[values.sex]\n"
    "পুরুষ = male\n"
    "F = female\n"
    "[format]\n"
    "birth_date = dd/mm/yyyy\n"; /* line 25 */

static bool read_text(const char *text, size_t size, failure *f)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, size, out), size);
    fclose(out);
    *f = (failure){EXIT_DONE, ""};
    return source_def_read(path, &def, f);
}

/* GOOD with its first `old` exchanged. */
static bool read_changed(const char *old, const char *new, failure *f)
{
    static char text[100000];
    const char *at = strstr(GOOD, old);
    assert_non_null(at);
    int n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - GOOD), GOOD, new, at + strlen(old));
    return read_text(text, (size_t)n, f);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void reads_plain_keys(void **state)
{
    (void)state;
    failure f;
    if (!read_text(GOOD, sizeof GOOD - 1, &f))
        fail_msg("%s", f.text);
    assert_string_equal(def.name, "dss");
    assert_string_equal(def.title, "সমাজসেবা অধিদপ্তর");
    assert_string_equal(def.url, "https://localhost:8443/api/v1");
    assert_string_equal(def.rows, "data.items");
    assert_int_equal(def.style, PAGING_PAGE);
    assert_string_equal(def.size_param, "per_page");
    assert_string_equal(def.page_param, "page");
    assert_int_equal(def.size, 500);
    assert_int_equal(def.first, 1);
    assert_int_equal(def.page_bytes, 4194304);
    assert_int_equal(def.row_bytes, 65536);
    assert_int_equal(def.timeout_seconds, 30);
    assert_int_equal(def.retries, 3);
    assert_string_equal(def.birth_date_format, "dd/mm/yyyy");
    assert_string_equal(def.enrolled_on_format, "");
    assert_false(def.amount_in_paisa);
    assert_int_equal(def.text_size, sizeof GOOD - 1);
    assert_memory_equal(def.text, GOOD, sizeof GOOD); /* as read, mark and comments included, NUL behind */
    source_def_free(&def);
    assert_null(def.text);
}

static void reads_rules(void **state)
{
    (void)state;
    failure f;
    assert_true(read_text(GOOD, sizeof GOOD - 1, &f));
    assert_int_equal(def.rules, 8);
    assert_int_equal(def.rule[0].to, TARGET_RECORD_ID);
    assert_int_equal(def.rule[0].paths, 1);
    assert_string_equal(def.rule[2].path[0], "ব্যক্তি.নাম");
    assert_int_equal(def.rule[3].paths, 2);
    assert_string_equal(def.rule[3].path[0], "address.district");
    assert_string_equal(def.rule[3].path[1], "address.upazila");
    assert_string_equal(def.rule[3].when_path, "");
    assert_string_equal(def.rule[4].path[0], "pay.no");
    assert_string_equal(def.rule[4].when_path, "pay.kind");
    assert_string_equal(def.rule[4].when_value, "mobile money");
    assert_int_equal(def.rule[5].to, TARGET_WALLET_PROVIDER);
    assert_int_equal(def.rule[5].paths, 0);
    assert_string_equal(def.rule[5].literal, "BKASH");
    assert_string_equal(def.rule[5].when_path, "pay.kind");
    assert_string_equal(def.rule[5].when_value, "b k");
    assert_string_equal(def.rule[6].literal, "NAGAD");
    assert_string_equal(def.rule[6].when_path, "");
    source_def_free(&def);
}

static void joins_four_paths(void **state)
{
    (void)state;
    failure f;
    assert_true(read_changed("= id\n", "= a+b + c.0 +d when e=1 2 \n", &f));
    assert_int_equal(def.rule[0].paths, 4);
    assert_string_equal(def.rule[0].path[2], "c.0");
    assert_string_equal(def.rule[0].path[3], "d");
    assert_string_equal(def.rule[0].when_path, "e");
    assert_string_equal(def.rule[0].when_value, "1 2");
    source_def_free(&def);
}

static void reads_values(void **state)
{
    (void)state;
    failure f;
    assert_true(read_text(GOOD, sizeof GOOD - 1, &f));
    assert_int_equal(def.values, 2);
    assert_int_equal(def.value[0].to, TARGET_SEX);
    assert_string_equal(def.value[0].from, "পুরুষ");
    assert_string_equal(def.value[0].value, "male");
    assert_true(def.has_values[TARGET_SEX]);
    assert_false(def.has_values[TARGET_STATUS]);
    source_def_free(&def);
}

static void reads_every_style(void **state)
{
    (void)state;
    failure f;
    assert_true(read_changed("style = page", "style = page\nfirst = 0\ntotal = meta.total", &f));
    assert_int_equal(def.first, 0);
    assert_string_equal(def.total, "meta.total");
    source_def_free(&def);
    assert_true(read_changed("style = page\nsize = 500\npage_param = page",
                             "offset_param = from\nsize = 1\nstyle = offset", &f));
    assert_int_equal(def.style, PAGING_OFFSET);
    assert_string_equal(def.offset_param, "from");
    source_def_free(&def);
    assert_true(read_changed("style = page\nsize = 500\npage_param = page",
                             "cursor_param = c\nnext = meta.next\nsize = 1\nstyle = cursor", &f));
    assert_int_equal(def.style, PAGING_CURSOR);
    assert_string_equal(def.next, "meta.next");
    source_def_free(&def);
    assert_true(read_changed(
        "style = page\nsize = 500\npage_param = page",
        "since_param=s\nsince_field=a.b\nafter_param=i\nafter_field=id\nsize=9\nstyle=since", &f));
    assert_int_equal(def.style, PAGING_SINCE);
    assert_string_equal(def.since_field, "a.b");
    assert_string_equal(def.after_field, "id");
    source_def_free(&def);
}

#define TARGETS                                                                                              \
    "record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo, "       \
    "household, amount, enrolled_on, nid, brn, mobile, wallet_provider, wallet, account, routing"
#define RULE    "path, path + path, or 'text', and behind it, if wanted, in bijoy (names), when path = text"
#define ADDRESS "https://host[:port]/path of at most 255 bytes, without user, query or fragment"
#define PATTERN "yyyy, mm or mon, and dd with separators, as in dd/mm/yyyy"
#define NAME31  "1 to 31 of letters, digits, '_', '-' and '.'"

static const struct {
    const char *old, *new, *want;
} mistake[] = {
    {"[map]", "[mapp]",
     ":12: [mapp]: there is no such section; accepted: source, paging, file, table, columns, map, "
     "values.TARGET, format"},
    {"[format]", "[values.colour]\n[format]",
     ":24: [values.colour]: there is no such target; accepted: " TARGETS},
    {"rows =", "row =",
     ":6: [source] row: there is no such key; accepted: name, title, format, url, folder, names, signer, "
     "rows, page_bytes, "
     "row_bytes, timeout, retries"},
    {"size_param = per_page\n", "", ":24: [paging] size_param: is missing; accepted: " NAME31},
    {"style = page\n", "", ":24: [paging] style: is missing; accepted: page, offset, cursor, since or file"},
    {"page_param = page\n", "", ":24: [paging] page_param: is missing; accepted: " NAME31},
    {"name = dss\n", "", ":24: [source] name: is missing; accepted: 1 to 31 characters of a-z, 0-9 and _"},
    {"birth_date = dd/mm/yyyy\n", "", ":24: [format] birth_date: is missing; accepted: " PATTERN},
    {"record_id = id\n", "", ":24: [map] record_id: is missing; accepted: " RULE},
    {"[values", "amount = sum\n[values", ":26: [format] amount: is missing; accepted: taka or paisa"},
    {"[values", "enrolled_on = since\n[values", ":26: [format] enrolled_on: is missing; accepted: " PATTERN},
    {"= dss", "= DSS",
     ":3: [source] name: has other characters; accepted: 1 to 31 characters of a-z, 0-9 and _"},
    {"= dss", "= dss4567890123456789012345678901x",
     ":3: [source] name: is too long; accepted: 1 to 31 characters of a-z, 0-9 and _"},
    {"rows", "name = x\nrows", ":6: [source] name: is given twice; accepted: one value"},
    {"https:", "http:", ":5: [source] url: is http, not https; accepted: " ADDRESS},
    {"https:", "file:", ":5: [source] url: is not https; accepted: " ADDRESS},
    {"localhost", "me:secret@localhost", ":5: [source] url: has a user or an @; accepted: " ADDRESS},
    {"/v1", "/v1?key=1", ":5: [source] url: has a query or a fragment; accepted: " ADDRESS},
    {"/v1", "/v 1", ":5: [source] url: has a character that an address has not; accepted: " ADDRESS},
    {"localhost:8443", "", ":5: [source] url: has no host, or a wrong one; accepted: " ADDRESS},
    {":8443", ":84430", ":5: [source] url: has a wrong port; accepted: " ADDRESS},
    {":8443", ":8443x", ":5: [source] url: has a wrong host; accepted: " ADDRESS},
    {"data.items", "data..items",
     ":6: [source] rows: is not a dotted path of letters, digits, '_' and '-'; accepted: the dotted path of "
     "the array "
     "of records, none where the page is the array"},
    {"style = page", "style = pages",
     ":9: [paging] style: is not one of the words; accepted: page, offset, cursor, since or file"},
    {"size = 500", "size = 0",
     ":10: [paging] size: is not such a number; accepted: records a page, a whole number from 1 to 100000"},
    {"size = 500", "size = 5e2",
     ":10: [paging] size: is not such a number; accepted: records a page, a whole number from 1 to 100000"},
    {"rows", "timeout = 3601\nrows",
     ":6: [source] timeout: is not such a number; accepted: seconds, a whole number from 1 to 3600"},
    {"rows", "row_bytes = 4000\npage_bytes = 2000\nrows",
     ":6: [source] row_bytes: is more than page_bytes; accepted: at most page_bytes"},
    {"= page\n[map]", "= page\noffset_param = o\n[map]",
     ":12: [paging] offset_param: belongs to style offset, not to style page; accepted: style, size_param, "
     "size, "
     "total, page_param, first"},
    {"style = page", "style = cursor",
     ":11: [paging] page_param: belongs to style page, not to style cursor; accepted: style, size_param, "
     "size, total, "
     "cursor_param, next"},
    {"per_page", "per page", ":8: [paging] size_param: has other characters; accepted: " NAME31},
    {"record_id", "recordid", ":13: [map] recordid: there is no such target; accepted: " TARGETS},
    {"= id\n", "= id extra\n", ":13: [map] record_id: something stands behind the rule; accepted: " RULE},
    {"= id\n", "= \n", ":13: [map] record_id: a path is missing; accepted: " RULE},
    {"= id\n", "= a..b\n",
     ":13: [map] record_id: a path is not letters, digits, '_' and '-' in parts joined by '.', 159 bytes at "
     "most; "
     "accepted: " RULE},
    {"= id\n", "= .a\n",
     ":13: [map] record_id: a path is not letters, digits, '_' and '-' in parts joined by '.', 159 bytes at "
     "most; "
     "accepted: " RULE},
    {"= id\n", "= a\u200Bb\n",
     ":13: [map] record_id: a path is not letters, digits, '_' and '-' in parts joined by '.', 159 bytes at "
     "most; "
     "accepted: " RULE},
    {"= id\n", "= a + \n", ":13: [map] record_id: a path is missing; accepted: " RULE},
    {"= id\n", "= a+b+c+d+e\n", ":13: [map] record_id: more than four paths are joined; accepted: " RULE},
    {"= id\n", "= 'x\n", ":13: [map] record_id: a text has no closing quote; accepted: " RULE},
    {"= id\n", "= ''\n", ":13: [map] record_id: a text is empty; accepted: " RULE},
    {"= id\n", "= id when kind\n", ":13: [map] record_id: the condition has no =; accepted: " RULE},
    {"= id\n", "= id when = 1\n", ":13: [map] record_id: a path is missing; accepted: " RULE},
    {"= id\n", "= id when kind =\n", ":13: [map] record_id: a text is empty; accepted: " RULE},
    {"= id\n", "= id when kind = '1' or 2\n",
     ":13: [map] record_id: something stands behind the rule; accepted: " RULE},
    {"F = female", "F = female\nF = male", ":24: [values.sex] F: is given twice; accepted: one value"},
    {"F = female", "F =",
     ":23: [values.sex] F: a value is empty or too long; accepted: source value = our value, each of 1 to 63 "
     "bytes"},
    {"dd/mm/yyyy", "dd/mm/yy", ":25: [format] birth_date: is not a date pattern; accepted: " PATTERN},
    {"[format]", "[format]\namount = dollar",
     ":25: [format] amount: is not a unit of money; accepted: taka or paisa"},
    {"F = female", "F = fe\x01male", ":23: contains a control character; accepted: text in UTF-8"},
    {"F = female", "F = fe\xFFmale", ":23: is not valid UTF-8; accepted: text in UTF-8"},
    {"F = female", "F : x = female", ":23: has a colon before the =; accepted: key = value"},
    {"F = female", "F", ":23: is neither a section nor a setting; accepted: [section] or key = value"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistake / sizeof *mistake; i++) {
        char want[600];
        failure f;
        if (read_changed(mistake[i].old, mistake[i].new, &f))
            fail_msg("row %zu was accepted: %s", i, mistake[i].new);
        snprintf(want, sizeof want, "%s%s", path, mistake[i].want);
        want[sizeof f.text - 1] = '\0';
        assert_int_equal(f.code, EXIT_CONFIG);
        assert_string_equal(f.text, want);
        assert_null(def.text); /* nothing is left to free */
    }
}

static const char FILES[] = "[source]\nname = excel\nformat = csv\nfolder = /srv/inbox\n"
                            "[paging]\nstyle = file\nsize = 500\n"
                            "[table]\nheader_rows = 2\n"
                            "[columns]\nno = Serial   No. \nborn = #3\n"
                            "[map]\nrecord_id = no\nprogramme = 'WFM'\nname_bn = a + b in bijoy when no = 1\n"
                            "birth_date = born\n[format]\nbirth_date = dd/mm/yyyy\n";

static void reads_a_folder_of_tables(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *want;
    } wrong[] = {
        {"/srv", "srv", "is not an absolute path"},
        {"size = 500", "size = 20001", "is too large for files"},
        {"size = 500", "size = 5\nsize_param = n", "belongs to style page, not to style file"},
        {"= csv", "= json", "does not belong to this format"},
        {"header_rows = 2", "header_rows = 5", "is not such a number"},
        {"header_rows = 2", "sheet = x", "does not belong to this format"},
        {"#3", "#0", "is not the number of a column"},
        {"born = #3", "no = x", "is given twice"},
        {"= born\n", "= born in bijoy\n", "is not a name in Bengali"},
        {"in bijoy", "in sutonny", "only bijoy can follow `in`"},
        {"style = file", "style = page\npage_param = p\nsize_param = s", "is missing"},
    };
    failure f;
    if (!read_text(FILES, sizeof FILES - 1, &f))
        fail_msg("%s", f.text);
    assert_int_equal(def.style, PAGING_FILE);
    assert_int_equal(def.format, FORMAT_CSV);
    assert_string_equal(def.names, "*");
    assert_int_equal(def.settle_seconds, 10);
    assert_int_equal(def.ready, READY_SETTLE);
    assert_int_equal(def.after, AFTER_MOVE);
    assert_int_equal(def.file_bytes, 64 << 20);
    assert_int_equal(def.table.header_rows, 2);
    assert_int_equal(def.table.columns, 2);
    assert_string_equal(def.table.column[0].header, "Serial No.");
    assert_int_equal(def.table.column[1].number, 3);
    assert_true(def.rule[2].bijoy && def.rule[2].paths == 2 && def.rule[2].when_path[0] &&
                !def.rule[3].bijoy);
    source_def_free(&def);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[1000];
        const char *at = strstr(FILES, wrong[i].old);
        assert_non_null(at);
        int n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - FILES), FILES, wrong[i].new,
                         at + strlen(wrong[i].old));
        if (read_text(text, (size_t)n, &f))
            fail_msg("accepted: %s", wrong[i].new);
        if (!strstr(f.text, wrong[i].want))
            fail_msg("%s: %s", wrong[i].new, f.text);
    }
}

/* `count` lines made of `format` with a number, in place of the first rule or value. */
static bool read_many(const char *old, const char *format, int count, failure *f)
{
    static char lines[90000];
    size_t n = 0;
    for (int i = 0; i < count; i++)
        n += (size_t)snprintf(lines + n, sizeof lines - n, format, i);
    snprintf(lines + n, sizeof lines - n, "%s", old);
    return read_changed(old, lines, f);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void keeps_its_ceilings(void **state)
{
    (void)state;
    failure f;
    assert_true(read_many("record_id = id\n", "nid = n%d\n", MAP_RULES_MAX - 8, &f));
    assert_int_equal(def.rules, MAP_RULES_MAX);
    source_def_free(&def);
    assert_false(read_many("record_id = id\n", "nid = n%d\n", MAP_RULES_MAX - 7, &f));
    assert_non_null(
        strstr(f.text, ":77: [map] birth_date: there are too many rules; accepted: at most 64 in [map]"));
    assert_true(read_many("F = female\n", "v%d = male\n", VALUE_MAPS_MAX - 2, &f));
    source_def_free(&def);
    assert_false(read_many("F = female\n", "v%d = male\n", VALUE_MAPS_MAX - 1, &f));
    assert_non_null(strstr(f.text, ":150: [values.sex] F: there are too many values; accepted: at most 128"));
}
#pragma GCC diagnostic pop

/* inih alone would cut names at 49 bytes and lines at 199. */
static void reads_long_texts_whole(void **state)
{
    (void)state;
    failure f;
    char text[400], name[64], url[256];
    memset(name, 'k', 63);
    name[63] = '\0';
    snprintf(text, sizeof text, "%s = %s\n", name, name);
    assert_true(read_changed("F = female\n", text, &f));
    assert_string_equal(def.value[1].from, name);
    assert_string_equal(def.value[1].value, name);
    source_def_free(&def);
    snprintf(text, sizeof text, "%sk = x\n", name);
    assert_false(read_changed("F = female\n", text, &f));
    assert_non_null(strstr(f.text, ": a value is empty or too long; accepted: source value = our value"));
    int n = snprintf(url, sizeof url, "https://localhost/");
    memset(url + n, 'u', 255 - (size_t)n);
    url[255] = '\0';
    assert_true(read_changed("https://localhost:8443/api/v1", url, &f));
    assert_string_equal(def.url, url);
    source_def_free(&def);
    snprintf(text, sizeof text, "%su", url);
    assert_false(read_changed("https://localhost:8443/api/v1", text, &f));
    assert_non_null(strstr(f.text, ":5: [source] url: is too long; accepted: https://"));
}

static void refuses_large_and_cut_files(void **state)
{
    (void)state;
    failure f;
    char *big = malloc(SOURCE_FILE_MAX + 1);
    memset(big, ';', SOURCE_FILE_MAX + 1);
    assert_false(read_text(big, SOURCE_FILE_MAX + 1, &f));
    assert_non_null(strstr(f.text, ": is too large; accepted: at most 65536 bytes"));
    free(big);
    assert_false(read_text("", 0, &f));
    assert_non_null(strstr(f.text, ":1: [paging] style: is missing"));
    for (size_t n = 0; n < sizeof GOOD - 1;
         n++) /* a file cut anywhere is refused, or ends before its newline */
        if (read_text(GOOD, n, &f)) {
            assert_true(n >= sizeof GOOD - 2);
            source_def_free(&def);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_keys),       cmocka_unit_test(reads_rules),
        cmocka_unit_test(joins_four_paths),       cmocka_unit_test(reads_values),
        cmocka_unit_test(reads_every_style),      cmocka_unit_test(reads_a_folder_of_tables),
        cmocka_unit_test(says_what_is_wrong),     cmocka_unit_test(keeps_its_ceilings),
        cmocka_unit_test(reads_long_texts_whole), cmocka_unit_test(refuses_large_and_cut_files)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
