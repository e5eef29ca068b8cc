/*
 * test_bijoy.c - known words in Bijoy and Unicode, what must be refused and where, and a vocabulary of names put into
 * Bijoy by an encoder of the test's own and brought back.
 */
#include "bijoy.h"
#include "identifier_table.h"

enum { ROOM = 2048 };

static ekok_status convert(const char *given, char out[ROOM])
{
    size_t size = 0;
    ekok_status status = ekok_from_bijoy(span_of(given), out, ROOM - 1, &size);

    out[size] = '\0';
    return status;
}

static void known_words(void **state)
{
    static const char *const words[][2] = {
        {"Avgvi †mvbvi evsjv", "আমার সোনার বাংলা"},
        {"†gvt iwng DwÏb", "মোঃ রহিম উদ্দিন"},
        {"‡gvQvt Av‡qkv LvZzb", "মোছাঃ আয়েশা খাতুন"},
        {"dwi`v †eMg", "ফরিদা বেগম"},
        {"Avãyjøvn", "আব্দুল্লাহ"},
        {"Avãyj¬vn", "আব্দুল্লাহ"},
        {"iæûj Avwgb", "রুহুল আমিন"},
        {"†PŠayix", "চৌধুরী"},
        {"wcZv g„Z", "পিতা মৃত"},
        {"¯^vgx", "স্বামী"},
        {"¯¿x", "স্ত্রী"},
        {"kÖ×v", "শ্রদ্ধা"},
        {"cÖÁv", "প্রজ্ঞা"},
        {"j²x", "লক্ষ্মী"},
        {"Kg© A_© i³ m~h©", "কর্ম অর্থ রক্ত সূর্য"},
        {"Kg©x", "কর্মী"},
        {"Kgx©", "কর্মী"},
        {"ag©xq", "ধর্মীয়"},
        {"K…ò P›`ª", "কৃষ্ণ চন্দ্র"},
        {"Puv`cyi", "চাঁদপুর"},
        {"Pvu`cyi", "চাঁদপুর"},
        {"e‡›`¨vcva¨vq", "বন্দ্যোপাধ্যায়"},
        {"kvšÍ", "শান্ত"},
        {"kvš—", "শান্ত"},
        {"m¯Íæ", "সস্তু"},
        {"kvš‘", "শান্তু"},
        {"gÐj gÊj gÛj", "মণ্ডল মণ্ডল মন্ডল"},
        {"wbæ iæwe", "নিম্ন রুবি"},
        {"†øn", "স্নেহ"},
        {"i¨ve A¨vwb", "র‍্যাব অ্যানি"},
        {"fr©mbv", "ভর্ৎসনা"},
        {"evK&mv", "বাক্‌সা"},
        {"Avjvn&", "আলাহ্"},
        {"Kwig Ð iwng, 20Ð25", "করিম – রহিম, ২০–২৫"},
        {"¸jkvb ïPx", "গুলশান শুচী"},
        {"zz", NULL},
        {"Kzzj", "কুল"},
        {"\xC2\x86gvnb", "মোহন"},
    };
    char out[ROOM];
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        ekok_status status = convert(words[i][0], out);
        const char *expected = words[i][1] == NULL ? "" : words[i][1];
        if ((status.code == EKOK_OK) != (words[i][1] != NULL) || strcmp(out, expected) != 0) {
            print_error("%s: %s at %d, %s\n", words[i][0], ekok_code_name(status.code), status.position, out);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

static void refused_with_its_place(void **state)
{
    static const identifier_line lines[] = {
        {"w", NULL, EKOK_BAD_PLACE, 1, "a sign in front of nothing"},
        {"Kwig w iwng", NULL, EKOK_BAD_PLACE, 6, "a sign before a space"},
        {"w†K", NULL, EKOK_BAD_PLACE, 1, "two signs in front"},
        {"wA", NULL, EKOK_BAD_PLACE, 1, "a sign before a vowel"},
        {"vK", NULL, EKOK_BAD_PLACE, 1, "a sign behind nothing"},
        {"Kvv", NULL, EKOK_BAD_PLACE, 3, "the sign of aa twice"},
        {"wKv", NULL, EKOK_BAD_PLACE, 3, "i and aa on one consonant"},
        {"KŠ", NULL, EKOK_BAD_PLACE, 2, "half the sign of au"},
        {"Bv", NULL, EKOK_BAD_PLACE, 2, "a sign on a vowel"},
        {"Kš", NULL, EKOK_BAD_PLACE, 2, "a half letter at the end"},
        {"¨K", NULL, EKOK_BAD_PLACE, 1, "a phala below nothing"},
        {"©K", NULL, EKOK_BAD_PLACE, 1, "a reph above nothing"},
        {"Kg©©", NULL, EKOK_BAD_PLACE, 4, "two rephs"},
        {"s", NULL, EKOK_BAD_PLACE, 1, "an anusvara alone"},
        {"Kw&K", NULL, EKOK_BAD_PLACE, 2, "a hasant below a sign"},
        {"Kwig\\", NULL, EKOK_NO_GLYPH, 5, "no glyph of the font"},
        {"Kwig €", NULL, EKOK_NO_GLYPH, 6, "a sign of Windows-1252 that the font does not have"},
        {"gÑj", NULL, EKOK_NO_GLYPH, 2, "a glyph of two meanings"},
        {"করিম", NULL, EKOK_NO_GLYPH, 1, "Unicode already"},
        {"Kwig রহিম", NULL, EKOK_NO_GLYPH, 6, "half converted"},
        {"K\xFF", NULL, EKOK_BAD_UTF8, 2, "bytes not yet read as Windows-1252"},
    };
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char out[ROOM];
        ekok_status status = convert(lines[i].text, out);
        if (status.code != lines[i].code || status.position != lines[i].position || out[0] != '\0') {
            print_error("%s: got %s at %d, %s\n", lines[i].note, ekok_code_name(status.code), status.position,
                        out);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

/* The encoder: longest glyphs first, as a typist of Bijoy 2000 has them. */
typedef struct {
    unsigned number;
    const char *kind, *text;
} chart_line;

static const chart_line CHART[] = {
#define X(number, kind, text) {number, #kind, text},
#include "bijoy.def"
#undef X
};

#define HASANT "্"
enum { LETTER_BYTES = 3, CLUSTER_MAX = 64 };

static void put_glyph(char *out, unsigned number)
{
    static const char *const high[32] = {"€", "",  "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š",
                                         "‹", "Œ", "",  "Ž", "",  "",  "‘", "’", "“", "”", "•",
                                         "–", "—", "˜", "™", "š", "›", "œ", "",  "ž", "Ÿ"};
    char one[3] = {(char)number, '\0', '\0'};

    if (number >= 0xA0) {
        one[0] = (char)(0xC0 | number >> 6);
        one[1] = (char)(0x80 | (number & 0x3F));
    }
    strcat(out, number >= 0x80 && number < 0xA0 ? high[number - 0x80] : one);
}

/* Writes the glyph of that kind and text; false when there is none. */
static bool put_chart(char *out, const char *kind, const char *text)
{
    for (size_t i = 0; i < COUNT_OF(CHART); i++) {
        if (strcmp(CHART[i].kind, kind) == 0 && strcmp(CHART[i].text, text) == 0) {
            put_glyph(out, CHART[i].number);
            return true;
        }
    }
    return false;
}

static bool put_cluster(char *out, const char *cluster)
{
    char part[CLUSTER_MAX], rest[ROOM] = "";

    if (put_chart(out, "BASE", cluster)) {
        return true;
    }
    for (const char *cut = strstr(cluster, HASANT); cut != NULL; cut = strstr(cut + LETTER_BYTES, HASANT)) {
        size_t n = (size_t)(cut - cluster);
        snprintf(part, sizeof part, "%.*s", (int)n, cluster);
        rest[0] = '\0';
        if (put_cluster(rest, part) && put_chart(rest, "JOIN", cut)) {
            strcat(out, rest);
            return true;
        }
        snprintf(part, sizeof part, "%.*s", (int)(n + LETTER_BYTES), cluster);
        rest[0] = '\0';
        if (put_chart(rest, "HALF", part) && put_cluster(rest, cut + LETTER_BYTES)) {
            strcat(out, rest);
            return true;
        }
    }
    return false;
}

static bool is_one_of(const char *at, const char *const list[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(at, list[i], LETTER_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* From ka, U+0995, to ha, U+09B9. */
static bool is_consonant(const char *at)
{
    return strncmp(at, "\xE0\xA6", 2) == 0 && (unsigned char)at[2] >= 0x95 && (unsigned char)at[2] <= 0xB9;
}

/* Bytes of the conjunct at the front: consonants, their dots below, hasants between them. */
static size_t cluster_length(const char *at)
{
    size_t n = 0;

    while (is_consonant(at + n)) {
        n += LETTER_BYTES;
        n += strncmp(at + n, "়", LETTER_BYTES) == 0 ? LETTER_BYTES : 0;
        if (strncmp(at + n, HASANT, LETTER_BYTES) != 0 || !is_consonant(at + n + LETTER_BYTES)) {
            break;
        }
        n += LETTER_BYTES;
    }
    return n;
}

/* One syllable of the word at *at; false when the chart does not have it. */
static bool put_syllable(char *out, const char **at)
{
    static const char *const signs[] = {"া", "ি", "ী", "ু", "ূ", "ৃ", "ে", "ৈ", "ো", "ৌ"};
    char cluster[CLUSTER_MAX], sign[LETTER_BYTES + 1] = "";
    size_t n = cluster_length(*at);
    bool reph = strncmp(*at, "র" HASANT, 2 * LETTER_BYTES) == 0 && n > 2 * LETTER_BYTES;

    snprintf(cluster, sizeof cluster, "%.*s", (int)n, *at);
    *at += n;
    if (is_one_of(*at, signs, COUNT_OF(signs))) {
        snprintf(sign, sizeof sign, "%s", *at);
        *at += LETTER_BYTES;
    }
    bool o = strcmp(sign, "ো") == 0, au = strcmp(sign, "ৌ") == 0;
    bool front = put_chart(out, "PRE", o || au ? "ে" : sign);
    bool body = put_cluster(out, cluster + (reph ? 2 * LETTER_BYTES : 0));
    bool hook = !reph || put_chart(out, "REPH", "র" HASANT);
    bool tail = sign[0] == '\0' || (front && !o && !au) || put_chart(out, "POST", o ? "া" : au ? "ৗ" : sign);
    return body && hook && tail;
}

/* A letter or sign that is a glyph of its own at the front of *word. */
static bool put_alone(char *out, const char **word)
{
    static const char *const kinds[] = {"VOWEL", "LETTER", "MARK", "NASAL", "STOP"};
    char letter[LETTER_BYTES + 1];
    bool done = **word == ' ';

    snprintf(letter, sizeof letter, "%s", *word);
    if (done || strcmp(letter, "আ") == 0) {
        strcat(out, done ? " " : "Av");
        *word += done ? 1 : LETTER_BYTES;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds) && !done; i++) {
        done = put_chart(out, kinds[i], letter);
    }
    *word += done ? LETTER_BYTES : 0;
    return done;
}

static bool to_bijoy(const char *word, char out[ROOM])
{
    out[0] = '\0';
    while (*word != '\0') {
        if (!put_alone(out, &word) && (cluster_length(word) == 0 || !put_syllable(out, &word))) {
            return false;
        }
    }
    return true;
}

static const char *const VOCABULARY[] = {
#include "bijoy_vocabulary.def"
};

static void vocabulary_there_and_back(void **state)
{
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(VOCABULARY); i++) {
        char typed[ROOM], out[ROOM] = "";
        bool written = to_bijoy(VOCABULARY[i], typed);
        ekok_status status = convert(typed, out);
        if (!written || status.code != EKOK_OK || strcmp(out, VOCABULARY[i]) != 0) {
            print_error("%s: typed %s, read %s (%s at %d)\n", VOCABULARY[i], typed, out,
                        ekok_code_name(status.code), status.position);
            failures++;
        }
    }
    assert_true(COUNT_OF(VOCABULARY) >= 150);
    assert_int_equal(failures, 0);
}

static void room_is_what_it_says(void **state)
{
    static const char *const dense[] = {"²", "o", "^", "K^", "K&", "i¨", "A", "£"};
    char given[256], out[256 * EKOK_BIJOY_GROWTH];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(dense); i++) {
        size_t size = 0, n = strlen(dense[i]), length = 0;
        while (length + n < sizeof given) {
            memcpy(given + length, dense[i], n);
            length += n;
        }
        ekok_span text = {given, length};
        assert_int_not_equal(ekok_from_bijoy(text, out, sizeof out, &size).code, EKOK_TOO_LONG);
        assert_true(size <= length * EKOK_BIJOY_GROWTH);
        if (size > 0) {
            size_t less = 0;
            assert_int_equal(ekok_from_bijoy(text, out, size - 1, &less).code, EKOK_TOO_LONG);
            assert_int_equal(less, 0);
            assert_int_equal(ekok_from_bijoy(text, out, size, &less).code, EKOK_OK);
        }
    }
}

/* A glyph of the chart beside ka, where its kind stands, and what the two must be. False for one of two meanings. */
static bool beside_ka(const chart_line *line, char typed[ROOM], char expected[ROOM])
{
    static const struct {
        const char *kind, *before, *after, *first, *last;
    } places[] = {
        {"TEXT", "", "", "", ""},   {"VOWEL", "", "", "", ""},   {"LETTER", "", "", "", ""},
        {"BASE", "", "", "", ""},   {"BASE_U", "", "", "", "ু"},  {"BASE_RI", "", "", "", "ৃ"},
        {"HALF", "", "K", "", "ক"}, {"JOIN", "K", "", "ক", ""},  {"JOIN_U", "K", "", "ক", "ু"},
        {"REPH", "K", "", "", "ক"}, {"PRE", "", "K", "ক", ""},   {"POST", "K", "", "ক", ""},
        {"MARK", "K", "", "ক", ""}, {"NASAL", "K", "", "ক", ""}, {"STOP", "K", "", "ক", ""},
    };
    bool au = strcmp(line->text, "ৗ") == 0;

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (strcmp(places[i].kind, line->kind) == 0) {
            snprintf(typed, ROOM, "%s%s", au ? "†" : "", places[i].before);
            put_glyph(typed, line->number);
            strcat(typed, places[i].after);
            snprintf(expected, ROOM, "%s%s%s", places[i].first, au ? "ৌ" : line->text, places[i].last);
            return true;
        }
    }
    return false;
}

static void every_place_of_the_chart(void **state)
{
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CHART); i++) {
        char typed[ROOM], expected[ROOM], out[ROOM];

        if (!beside_ka(&CHART[i], typed, expected)) {
            assert_string_equal(CHART[i].kind, "EITHER");
            continue;
        }
        ekok_status status = convert(typed, out);
        if (status.code != EKOK_OK || strcmp(out, expected) != 0) {
            fail_msg("%02X: %s at %d, got %s for %s", CHART[i].number, ekok_code_name(status.code),
                     status.position, out, expected);
        }
        tried++;
    }
    assert_int_equal(tried + 5, COUNT_OF(CHART));
}

/* What is not in the chart is refused at its place, as a character of Windows-1252 and as a control character. */
static void unknown_places_are_told(void **state)
{
    bool known[256] = {false};
    int refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CHART); i++) {
        known[CHART[i].number] = true;
    }
    for (unsigned number = 1; number < 256; number++) {
        char typed[ROOM] = "Kwig K", control[8] = "Kwig K", out[ROOM];
        if (known[number]) {
            continue;
        }
        put_glyph(typed, number);
        ekok_status status = convert(typed, out);
        if (strlen(typed) > 6) {
            assert_int_equal(status.code, EKOK_NO_GLYPH);
            assert_int_equal(status.position, 7);
            refused++;
        }
        if (number >= 0x80 && number < 0xA0) {
            snprintf(control, sizeof control, "\xC2%c", (char)number);
            status = convert(control, out);
            assert_int_equal(status.code, EKOK_NO_GLYPH);
            assert_int_equal(status.position, 1);
        }
    }
    assert_true(refused > 20);
}

static void told_from_latin(void **state)
{
    static const char *const latin[] = {"",
                                        " ",
                                        "Md. Rahim Uddin",
                                        "RAHIM UDDIN",
                                        "Fatema Begum",
                                        "Shahana Akter",
                                        "A K M",
                                        "José Müller",
                                        "করিম",
                                        "Kwig করিম",
                                        "12345",
                                        "O’Brien",
                                        "Rahim \\",
                                        "Chowdhury"};
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(latin); i++) {
        if (ekok_is_bijoy(span_of(latin[i]))) {
            print_error("taken for Bijoy: %s\n", latin[i]);
            failures++;
        }
    }
    for (size_t i = 0; i < COUNT_OF(VOCABULARY); i++) {
        char typed[ROOM];
        if (strchr(VOCABULARY[i], ' ') != NULL && to_bijoy(VOCABULARY[i], typed) &&
            !ekok_is_bijoy(span_of(typed))) {
            print_error("not taken for Bijoy: %s (%s)\n", typed, VOCABULARY[i]);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_words),
        cmocka_unit_test(refused_with_its_place),
        cmocka_unit_test(vocabulary_there_and_back),
        cmocka_unit_test(every_place_of_the_chart),
        cmocka_unit_test(unknown_places_are_told),
        cmocka_unit_test(room_is_what_it_says),
        cmocka_unit_test(told_from_latin),
    };
    return cmocka_run_group_tests_name("bijoy", tests, NULL, NULL);
}
