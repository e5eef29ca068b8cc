/*
 * test_source_def.c - a source's definition: what each form of rule becomes.
 */
#include "source_text.h"

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
    assert_int_equal(def.connector, CONNECT_HTTPS);
    assert_int_equal(def.auth.kind, AUTH_MTLS);
    assert_int_equal(def.deadlines.page_seconds, 30);
    assert_int_equal(def.deadlines.retries, 3);
    assert_int_equal(def.limits.largest_drop, 50);
    assert_int_equal(def.limits.breaker_tries, 5);
    assert_int_equal(def.schedule.freshness_seconds, 0);
    assert_string_equal(def.birth_date_format, "dd/mm/yyyy");
    assert_string_equal(def.enrolled_on_format, "");
    assert_false(def.amount_in_paisa);
    assert_int_equal(def.text_size, sizeof GOOD - 1);
    assert_memory_equal(def.text, GOOD, sizeof GOOD); /* as read, NUL behind */
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
    assert_true(read_changed("\"id\"", "\"a+b + c.0 +d when e=1 2 \"", &f));
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

/* The sections named here in place of GOOD's paging. */
static bool read_paging(const char *paging, failure *f)
{
    return read_changed("\"paging\": {\"size_param\": \"per_page\", \"style\": \"page\", \"size\": 500, "
                        "\"page_param\": \"page\"}",
                        paging, f);
}

static void reads_every_style(void **state)
{
    (void)state;
    static const struct {
        paging_style style;
        connector_kind connector;
        const char *paging;
    } row[] = {
        {PAGING_OFFSET, CONNECT_HTTPS,
         "\"style\":\"offset\",\"offset_param\":\"from\",\"size\":1,\"size_param\":\"n\""},
        {PAGING_CURSOR, CONNECT_HTTPS,
         "\"style\":\"cursor\",\"cursor_param\":\"c\",\"next\":\"meta.next\",\"size\":1,\"size_param\":"
         "\"n\""},
        {PAGING_SINCE, CONNECT_HTTPS,
         "\"style\":\"since\",\"since_param\":\"s\",\"since_field\":\"a.b\",\"after_param\":\"i\",\"after_"
         "field\":\"id\","
         "\"size\":9,\"size_param\":\"n\""},
        {PAGING_LINK, CONNECT_HTTPS, "\"style\":\"link\",\"size\":9,\"size_param\":\"n\""},
        {PAGING_WHOLE, CONNECT_HTTPS, "\"style\":\"whole\""},
    };
    failure f;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[400];
        (void)snprintf(text, sizeof text, "\"paging\": {%s}", row[i].paging);
        if (!read_paging(text, &f))
            fail_msg("%s: %s", row[i].paging, f.text);
        assert_int_equal(def.style, row[i].style);
        assert_int_equal(def.connector, row[i].connector);
        source_def_free(&def);
    }
    assert_true(read_changed("\"size\": 500", "\"size\": 500, \"first\": 0, \"total\": \"meta.total\"", &f));
    assert_int_equal(def.first, 0);
    assert_string_equal(def.total, "meta.total");
    source_def_free(&def);
}

static void reads_a_verification(void **state)
{
    (void)state;
    static const char text[] =
        "{\"source\":{\"name\":\"bkash\",\"connector\":\"verification\",\"url\":\"https://b/v1\"},"
        "\"auth\":{\"kind\":\"grant\",\"token_url\":\"https://b/grant\",\"refresh_url\":"
        "\"https://b/refresh\",\"id\":\"bkash-user\",\"secret\":\"bkash-password\","
        "\"app_id\":\"bkash-key\",\"app_secret\":\"bkash-secret\"},"
        "\"limits\":{\"per_second\":5,\"daily_quota\":20000}}";
    failure f;
    if (!read_text(text, sizeof text - 1, &f))
        fail_msg("%s", f.text);
    assert_int_equal(def.style, PAGING_NONE);
    assert_int_equal(def.connector, CONNECT_VERIFICATION);
    assert_int_equal(def.auth.kind, AUTH_GRANT);
    assert_string_equal(def.auth.app_secret, "bkash-secret");
    assert_int_equal(def.auth.grants_per_hour, 2);
    assert_int_equal(def.limits.daily_quota, 20000);
    source_def_free(&def);
}

static void reads_how_it_is_asked(void **state)
{
    (void)state;
    failure f;
    assert_true(read_changed(
        "\"format\":",
        "\"auth\": {\"kind\": \"key\", \"header\": \"X-Api-Key\", \"secret\": \"dss-key\"},"
        "\"schedule\": {\"cron\": \"30 2 * * sun-thu\", \"hours\": \"off\", \"freshness\": 86400},"
        "\"limits\": {\"largest_drop\": 20},"
        "\"contract\": {\"fields\": {\"id\": \"text\", \"pay\": \"object?\"}, \"unknown\": \"held\"},"
        "\"programmes\": [\"OAA\", \"WDA\"], \"format\":",
        &f));
    assert_int_equal(def.auth.kind, AUTH_KEY);
    assert_string_equal(def.auth.header, "X-Api-Key");
    assert_int_equal(def.schedule.hours, HOURS_OFF);
    assert_string_equal(def.schedule.cron, "30 2 * * sun-thu");
    assert_int_equal(def.fields, 2);
    assert_true(def.field[0].required && def.field[0].type == FIELD_TEXT);
    assert_true(!def.field[1].required && def.field[1].type == FIELD_OBJECT);
    assert_int_equal(def.unknown, UNKNOWN_HELD);
    source_def_free(&def);
}

static const char FILES[] =
    "{\"source\": {\"name\": \"excel\", \"format\": \"csv\", \"folder\": \"/srv/inbox\"},"
    "\"paging\": {\"style\": \"file\", \"size\": 500}, \"table\": {\"header_rows\": 2},"
    "\"columns\": {\"no\": \"Serial   No. \", \"born\": 3},"
    "\"map\": {\"record_id\": \"no\", \"programme\": \"'WFM'\", \"name_bn\": \"a + b in bijoy when no = 1\","
    "\"birth_date\": \"born\"}, \"format\": {\"birth_date\": \"dd/mm/yyyy\"}}";

static void reads_a_folder_of_tables(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *want;
    } wrong[] = {
        {"/srv", "srv", "/source/folder: is not an absolute path"},
        {"500", "20001", "/paging/size: is too large for files"},
        {"500", "5, \"size_param\": \"n\"", "/paging/size_param: belongs to style page, not to style file"},
        {"csv", "json", "/table/header_rows: does not belong to this format"},
        {"\"header_rows\": 2", "\"header_rows\": 5", "/table/header_rows: is not such a number"},
        {"\"header_rows\": 2", "\"sheet\": \"x\"", "/table/sheet: does not belong to this format"},
        {"\"born\": 3", "\"born\": 0", "/columns/born: is not the number of a column"},
        {"\"born\": 3", "\"no\": \"x\"", "/columns/no: is given twice"},
        {"\"born\": 3", "\"born\": true", "/columns/born: is neither a text nor a number"},
        {"\"born\"}", "\"born in bijoy\"}", "/map/birth_date: is not a name in Bengali"},
        {"in bijoy", "in sutonny", "only bijoy can follow `in`"},
        {"\"style\": \"file\"", "\"style\": \"page\", \"page_param\": \"p\", \"size_param\": \"s\"",
         "/source/url: is missing"},
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

static const char SEARCHED[] =
    "{\"source\": {\"name\": \"ibr\", \"format\": \"spdci\", \"url\": "
    "\"https://ibr.example/registry/sync/search\"},"
    "\"paging\": {\"style\": \"search\", \"size\": 100},"
    "\"search\": {\"sender\": \"us\", \"receiver\": \"them\", \"attribute\": \"programme\", \"value\": "
    "\"VWB\","
    "\"sort\": \"enrolment_date\", \"operator\": \"eq\", \"secret\": \"ibr-key\", \"key_id\": \"k-1\"},"
    "\"map\": {\"record_id\": \"no\", \"programme\": \"'VWB'\", \"birth_date\": \"born\", \"name_en\": "
    "\"name\"},"
    "\"format\": {\"birth_date\": \"dd/mm/yyyy\"}}";

static void reads_a_search(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *want;
    } wrong[] = {
        {"spdci", "json", "/source/format: does not go with a search; accepted: spdci"},
        {", \"key_id\": \"k-1\"", "", "/search/key_id: is missing"},
        {"\"secret\": \"ibr-key\", ", "", "/search/key_id: says nothing without search.secret"},
        {"\"sort\": \"enrolment_date\", ", "", "/search/sort: is missing"},
        {"\"sender\": \"us\", ", "", "/search/sender: is missing"},
        {"\"eq\"", "\"in\"", "/search/operator: is not one of the words"},
        {"\"search\", \"size\"", "\"whole\", \"size\"", "belongs to style"},
        {"\"size\": 100", "\"size\": 100, \"total\": \"a\"", "/paging/total: belongs to style"},
        {"\"map\"", "\"auth\": {\"kind\": \"jws\", \"id\": \"a\", \"secret\": \"b\"}, \"map\"",
         "/auth/kind: signs requests without a body; search.secret signs the message"},
    };
    failure f;
    if (!read_text(SEARCHED, sizeof SEARCHED - 1, &f))
        fail_msg("%s", f.text);
    assert_int_equal(def.style, PAGING_SEARCH);
    assert_int_equal(def.connector, CONNECT_HTTPS);
    assert_int_equal(def.search.compare, SEARCH_EQ);
    assert_string_equal(def.search.secret, "ibr-key");
    source_def_free(&def);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[1200];
        const char *at = strstr(SEARCHED, wrong[i].old);
        assert_non_null(at);
        int n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - SEARCHED), SEARCHED, wrong[i].new,
                         at + strlen(wrong[i].old));
        if (read_text(text, (size_t)n, &f))
            fail_msg("accepted: %s", wrong[i].new);
        if (!strstr(f.text, wrong[i].want))
            fail_msg("%s: %s", wrong[i].new, f.text);
    }
}

/* `count` members made of `format` with a number, before the first `old`. */
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
    assert_true(read_many("\"'NAGAD'\"", "\"'N%d'\", ", MAP_RULES_MAX - 8, &f));
    assert_int_equal(def.rules, MAP_RULES_MAX);
    source_def_free(&def);
    assert_false(read_many("\"'NAGAD'\"", "\"'N%d'\", ", MAP_RULES_MAX - 7, &f));
    assert_non_null(
        strstr(f.text, ": /map/birth_date: there are too many rules; accepted: at most 64 in map"));
    assert_true(read_many("\"F\"", "\"v%d\": \"male\", ", VALUE_MAPS_MAX - 2, &f));
    source_def_free(&def);
    assert_false(read_many("\"F\"", "\"v%d\": \"male\", ", VALUE_MAPS_MAX - 1, &f));
    assert_non_null(strstr(f.text, ": /values/sex/F: there are too many values; accepted: at most 128"));
}
#pragma GCC diagnostic pop

static void reads_long_texts_whole(void **state)
{
    (void)state;
    failure f;
    char text[400], name[64], url[256];
    memset(name, 'k', 63);
    name[63] = '\0';
    snprintf(text, sizeof text, "\"%s\": \"%s\"", name, name);
    assert_true(read_changed("\"F\": \"female\"", text, &f));
    assert_string_equal(def.value[1].from, name);
    assert_string_equal(def.value[1].value, name);
    source_def_free(&def);
    snprintf(text, sizeof text, "\"%sk\": \"x\"", name);
    assert_false(read_changed("\"F\": \"female\"", text, &f));
    assert_non_null(
        strstr(f.text, ": a value is no text, empty or too long; accepted: source value: our value"));
    int n = snprintf(url, sizeof url, "https://localhost/");
    memset(url + n, 'u', 255 - (size_t)n);
    url[255] = '\0';
    assert_true(read_changed("https://localhost:8443/api/v1", url, &f));
    assert_string_equal(def.url, url);
    source_def_free(&def);
    snprintf(text, sizeof text, "%su", url);
    assert_false(read_changed("https://localhost:8443/api/v1", text, &f));
    assert_non_null(strstr(f.text, ": /source/url: is too long; accepted: https://"));
}

static void refuses_large_and_cut_files(void **state)
{
    (void)state;
    failure f;
    char *big = malloc(SOURCE_FILE_MAX + 1);
    memset(big, ' ', SOURCE_FILE_MAX + 1);
    assert_false(read_text(big, SOURCE_FILE_MAX + 1, &f));
    assert_non_null(strstr(f.text, ": is too large; accepted: at most 65536 bytes"));
    free(big);
    assert_false(read_text("", 0, &f));
    assert_non_null(strstr(f.text, ": is not JSON in UTF-8, at line 1"));
    assert_false(read_text("[]", 2, &f));
    assert_non_null(strstr(f.text, ": is not an object"));
    for (size_t n = 0; n < sizeof GOOD - 2; n++) /* a file cut anywhere is refused */
        assert_false(read_text(GOOD, n, &f));
}

static void reads_a_text_of_the_database(void **state)
{
    (void)state;
    failure f = {EXIT_DONE, ""};
    assert_true(source_def_parse("source dss, version 3", GOOD, &def, &f));
    assert_string_equal(def.text, GOOD);
    source_def_free(&def);
    assert_false(source_def_parse("source dss, version 3", "{\"source\": 1}", &def, &f));
    assert_string_equal(f.text, "source dss, version 3: /source: is not an object");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_plain_keys),       cmocka_unit_test(reads_rules),
        cmocka_unit_test(joins_four_paths),       cmocka_unit_test(reads_values),
        cmocka_unit_test(reads_every_style),      cmocka_unit_test(reads_a_folder_of_tables),
        cmocka_unit_test(reads_a_search),

        cmocka_unit_test(keeps_its_ceilings),     cmocka_unit_test(reads_a_verification),
        cmocka_unit_test(reads_how_it_is_asked),  cmocka_unit_test(reads_a_text_of_the_database),
        cmocka_unit_test(reads_long_texts_whole), cmocka_unit_test(refuses_large_and_cut_files)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
