/*
 * test_source_mistakes.c - the line for each mistake in a source's definition: its pointer, what is wrong, what is
 * accepted.
 */
#include "source_text.h"

#define TARGETS                                                                                              \
    "record_id, programme, status, name_bn, name_en, father_name, mother_name, sex, birth_date, geo, "       \
    "household, amount, enrolled_on, nid, brn, mobile, wallet_provider, wallet, account, routing, pmt, "     \
    "surveyed_on"
#define RULE    "path, path + path, or 'text', and behind it, if wanted, in bijoy (names), when path = text"
#define ADDRESS "https://host[:port]/path of at most 255 bytes, without user, query or fragment"
#define PATTERN "yyyy, mm or mon, and dd with separators, as in dd/mm/yyyy"
#define NAME31  "1 to 31 of letters, digits, '_', '-' and '.'"

#define NAME    "1 to 31 characters of a-z, 0-9 and _"
#define STYLES  "page, offset, cursor, since, link, whole, search or file"
#define PAGE    "records a page, a whole number from 1 to 100000"
#define BADPATH "a path is not letters, digits, '_' and '-' in parts joined by '.', 159 bytes at most"

static const struct {
    const char *old, *new, *want;
} mistake[] = {
    {"\"map\"", "\"mapp\"",
     ": /mapp: there is no such section; accepted: source, paging, auth, schedule, limits, deadlines, "
     "search, file, "
     "table, columns, map, values, format, contract, programmes"},
    {"\"map\": {", "\"auth\": [], \"map\": {", ": /auth: is not an object"},
    {"\"sex\"", "\"colour\"", ": /values/colour: there is no such target; accepted: " TARGETS},
    {"\"rows\"", "\"row\"",
     ": /source/row: there is no such key; accepted: name, title, ministry, connector, format, records, url, "
     "folder, names, signer, rows, page_bytes, row_bytes"},
    {"\"size_param\": \"per_page\", ", "", ": /paging/size_param: is missing; accepted: " NAME31},
    {"\"style\": \"page\", ", "", ": /paging/style: is missing; accepted: " STYLES},
    {", \"page_param\": \"page\"", "", ": /paging/page_param: is missing; accepted: " NAME31},
    {"\"name\": \"dss\", ", "", ": /source/name: is missing; accepted: " NAME},
    {"\"birth_date\": \"dd/mm/yyyy\"", "", ": /format/birth_date: is missing; accepted: " PATTERN},
    {"\"record_id\": \"id\", ", "", ": /map/record_id: is missing; accepted: " RULE},
    {"\"geo\":", "\"amount\": \"sum\", \"geo\":", ": /format/amount: is missing; accepted: taka or paisa"},
    {"\"geo\":", "\"enrolled_on\": \"s\", \"geo\":", ": /format/enrolled_on: is missing; accepted: " PATTERN},
    {"\"dss\"", "\"DSS\"", ": /source/name: has other characters; accepted: " NAME},
    {"\"dss\"", "\"dss4567890123456789012345678901x\"", ": /source/name: is too long; accepted: " NAME},
    {"\"dss\"", "\"\"", ": /source/name: is empty; accepted: " NAME},
    {"\"dss\"", "7", ": /source/name: is not a text; accepted: " NAME},
    {"\"rows\"", "\"name\": \"x\", \"rows\"", ": /source/name: is given twice; accepted: one value"},
    {"\"map\":", "\"paging\": {}, \"map\":", ": /paging: is given twice; accepted: one value"},
    {"https:", "http:", ": /source/url: is http, not https; accepted: " ADDRESS},
    {"https:", "file:", ": /source/url: is not https; accepted: " ADDRESS},
    {"localhost", "me:secret@localhost", ": /source/url: has a user or an @; accepted: " ADDRESS},
    {"/v1", "/v1?key=1", ": /source/url: has a query or a fragment; accepted: " ADDRESS},
    {"/v1", "/v 1", ": /source/url: has a character that an address has not; accepted: " ADDRESS},
    {"localhost:8443", "", ": /source/url: has no host, or a wrong one; accepted: " ADDRESS},
    {":8443", ":84430", ": /source/url: has a wrong port; accepted: " ADDRESS},
    {":8443", ":8443x", ": /source/url: has a wrong host; accepted: " ADDRESS},
    {"data.items", "data..items",
     ": /source/rows: is not a dotted path of letters, digits, '_' and '-'; accepted: the dotted path of the "
     "array of records, none where the page is the array"},
    {"\"page\", \"size", "\"pages\", \"size", ": /paging/style: is not one of the words; accepted: " STYLES},
    {"500", "0", ": /paging/size: is not such a number; accepted: " PAGE},
    {"500", "5e2", ": /paging/size: is not such a number; accepted: " PAGE},
    {"500", "\"500\"", ": /paging/size: is not a number; accepted: " PAGE},
    {"500", "[500]", ": /paging/size: is not a number; accepted: " PAGE},
    {"\"map\":", "\"deadlines\": {\"page\": 3601}, \"map\":",
     ": /deadlines/page: is not such a number; accepted: seconds, a whole number from 1 to 3600"},
    {"\"rows\"", "\"row_bytes\": 4000, \"page_bytes\": 2000, \"rows\"",
     ": /source/row_bytes: is more than page_bytes; accepted: at most page_bytes"},
    {"\"page_param\"", "\"offset_param\": \"o\", \"page_param\"",
     ": /paging/offset_param: belongs to style offset, not to style page; accepted: style, size_param, size, "
     "total, page_param, first"},
    {"\"page\", \"size", "\"cursor\", \"size",
     ": /paging/page_param: belongs to style page, not to style cursor; accepted: style, size_param, size, "
     "total, cursor_param, next"},
    {"per_page", "per page", ": /paging/size_param: has other characters; accepted: " NAME31},
    {"record_id", "record~/id", ": /map/record~0~1id: there is no such target; accepted: " TARGETS},
    {"\"id\"", "\"id extra\"", ": /map/record_id: something stands behind the rule; accepted: " RULE},
    {"\"id\"", "\"\"", ": /map/record_id: a path is missing; accepted: " RULE},
    {"\"id\"", "{\"path\": \"id\"}", ": /map/record_id: is not a text; accepted: " RULE},
    {"\"id\"", "[[\"id\"]]", ": /map/record_id/0: is nested too deeply; accepted: a text or a number"},
    {"\"id\"", "[\"id\", 3]", ": /map/record_id/1: is not a text; accepted: " RULE},
    {"\"id\"", "\"a..b\"", ": /map/record_id: " BADPATH "; accepted: " RULE},
    {"\"id\"", "\".a\"", ": /map/record_id: " BADPATH "; accepted: " RULE},
    {"\"id\"", "\"a\u200Bb\"", ": /map/record_id: " BADPATH "; accepted: " RULE},
    {"\"id\"", "\"a + \"", ": /map/record_id: a path is missing; accepted: " RULE},
    {"\"id\"", "\"a+b+c+d+e\"", ": /map/record_id: more than four paths are joined; accepted: " RULE},
    {"\"id\"", "\"'x\"", ": /map/record_id: a text has no closing quote; accepted: " RULE},
    {"\"id\"", "\"''\"", ": /map/record_id: a text is empty; accepted: " RULE},
    {"\"id\"", "\"id when kind\"", ": /map/record_id: the condition has no =; accepted: " RULE},
    {"\"id\"", "\"id when = 1\"", ": /map/record_id: a path is missing; accepted: " RULE},
    {"\"id\"", "\"id when kind =\"", ": /map/record_id: a text is empty; accepted: " RULE},
    {"\"id\"", "\"id when kind = '1' or 2\"",
     ": /map/record_id: something stands behind the rule; accepted: " RULE},
    {"\"F\"", "\"পুরুষ\": \"x\", \"F\"", ": /values/sex/পুরুষ: is given twice; accepted: one value"},
    {"\"female\"", "\"\"",
     ": /values/sex/F: a value is no text, empty or too long; accepted: source value: our value, each a text "
     "of 1 to 63 bytes"},
    {"dd/mm/yyyy", "dd/mm/yy", ": /format/birth_date: is not a date pattern; accepted: " PATTERN},
    {"\"format\": {", "\"format\": {\"amount\": \"dollar\", ",
     ": /format/amount: is not a unit of money; accepted: taka or paisa"},
    {"female", "fe\\u0001male", ": /values/sex/F: contains a control character; accepted: text in UTF-8"},
    {"female", "fe\xFFmale", ": is not JSON in UTF-8, at line 7; accepted: one object, as RFC 8259 has it"},
    {"\"F\":", "\"F\"", ": is not JSON in UTF-8, at line 7; accepted: one object, as RFC 8259 has it"},
    {"\"map\":", "\"schedule\": {\"cron\": \"0 25 * * *\"}, \"map\":",
     ": /schedule/cron: a number is out of its range, or a range runs backwards; accepted: five fields of a "
     "cron expression, as in 30 2 * * sun-thu, in the time of Dhaka"},
    {"\"map\":", "\"schedule\": {\"cron\": \"0 3 * * *\", \"hours\": \"office\"}, \"map\":",
     ": /schedule/hours: never meet the cron expression; accepted: hours in which it comes"},
    {"\"map\":", "\"auth\": {\"kind\": \"oauth2\"}, \"map\":",
     ": /auth/token_url: is missing; accepted: " ADDRESS},
    {"\"map\":", "\"auth\": {\"kind\": \"key\", \"header\": \"X-Key\"}, \"map\":",
     ": /auth/secret: is missing; accepted: the name of a secret: 1 to 63 of a-z, 0-9, '_' and '-'"},
    {"\"map\":", "\"auth\": {\"kind\": \"mtls\", \"secret\": \"a\"}, \"map\":",
     ": /auth/secret: does not belong to this kind of authentication; accepted: the name of a secret: 1 to "
     "63 of "
     "a-z, 0-9, '_' and '-'"},
    {"\"map\":", "\"auth\": {\"kind\": \"key\", \"header\": \"X-Key\", \"secret\": \"../key\"}, \"map\":",
     ": /auth/secret: has other characters; accepted: the name of a secret: 1 to 63 of a-z, 0-9, '_' and "
     "'-'"},
    {"\"map\":", "\"limits\": {\"breaker_pause\": 60, \"breaker_longest\": 30}, \"map\":",
     ": /limits/breaker_longest: is less than breaker_pause; accepted: at least breaker_pause"},
    {"\"map\":", "\"contract\": {\"fields\": {\"id\": \"string\"}}, \"map\":",
     ": /contract/fields/id: is not a type; accepted: text, number, boolean, object, array or any, with ? "
     "behind it when it may be absent or null"},
    {"\"map\":", "\"programmes\": [\"OAA\", \"old age\"], \"map\":",
     ": /programmes/1: is not the code of a programme, or one too many; accepted: at most 64 codes, as OAA"},
    {"\"name\":", "\"connector\": \"folder\", \"name\":",
     ": /source/connector: does not go with this paging style; accepted: folder with style file, https with "
     "every other"},
    {"\"name\":", "\"connector\": \"verification\", \"name\":",
     ": /paging/style: does not belong to a verification; accepted: " STYLES},
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_wrong)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
