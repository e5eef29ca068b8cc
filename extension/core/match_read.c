/*
 * match_read.c - see match.h: birth dates, sex and place as lists write them. Nothing is refused: what can't be read is
 * missing.
 */
#include "match.h"

#include <string.h>

static int month_length(int year, int month)
{
    static const uint8_t DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month < 1 || month > 12 ? 0 : DAYS[month - 1] + (month == 2 && leap);
}

ekok_birth ekok_birth_make(int year, int month, int day)
{
    if (year < EKOK_BIRTH_YEAR_LEAST || year > EKOK_BIRTH_YEAR_MOST || day < 1 ||
        day > month_length(year, month)) {
        return (ekok_birth){0, 0, 0};
    }
    return (ekok_birth){(int16_t)year, (uint8_t)month, (uint8_t)day};
}

enum { PARTS = 3, DATE_BYTES_MAX = 64 };

typedef struct {
    int value[PARTS], digits[PARTS];
    int parts; /* PARTS + 1: too many, or something that is no digit and parts nothing */
} date_parts;

/* The digit at p, ASCII or Bengali, or -1; *bytes is how long it is. */
static int digit_at(const char *p, size_t left, size_t *bytes)
{
    *bytes = 1;
    if (p[0] >= '0' && p[0] <= '9') {
        return p[0] - '0';
    }
    if (left >= 3 && (uint8_t)p[0] == 0xE0 && (uint8_t)p[1] == 0xA7 && (uint8_t)p[2] >= 0xA6 &&
        (uint8_t)p[2] <= 0xAF) {
        *bytes = 3;
        return (uint8_t)p[2] - 0xA6;
    }
    return -1;
}

static date_parts cut(ekok_span text)
{
    date_parts d = {.parts = 0};
    bool within = false;
    size_t bytes = 1;

    for (size_t i = 0; i < text.n && d.parts <= PARTS; i += bytes) {
        int digit = digit_at(text.p + i, text.n - i, &bytes);
        if (digit >= 0) {
            d.parts += !within;
            within = true;
            if (d.parts <= PARTS && d.digits[d.parts - 1]++ < 8) {
                d.value[d.parts - 1] = d.value[d.parts - 1] * 10 + digit;
            }
        } else if (text.p[i] == 'T' && d.parts == PARTS) {
            break; /* a time follows */
        } else {
            d.parts = memchr("-./ ", text.p[i], 4) != NULL ? d.parts : PARTS + 1;
            within = false;
        }
    }
    return d;
}

static ekok_birth day_first(int year, int one, int other)
{
    ekok_birth usual = ekok_birth_make(year, other, one);

    return usual.year != 0 ? usual : ekok_birth_make(year, one, other);
}

static ekok_birth year_alone(int year)
{
    bool known = year >= EKOK_BIRTH_YEAR_LEAST && year <= EKOK_BIRTH_YEAR_MOST;

    return (ekok_birth){known ? (int16_t)year : 0, 0, 0};
}

ekok_birth ekok_birth_read(ekok_span text)
{
    const ekok_birth unknown = {0, 0, 0};
    date_parts d = text.n <= DATE_BYTES_MAX ? cut(text) : (date_parts){.parts = PARTS + 1};

    if (d.parts == 1 && d.digits[0] == 4) {
        return year_alone(d.value[0]);
    }
    if (d.parts == 1 && d.digits[0] == 8) {
        ekok_birth big_end = ekok_birth_make(d.value[0] / 10000, d.value[0] / 100 % 100, d.value[0] % 100);
        return big_end.year != 0
                   ? big_end
                   : day_first(d.value[0] % 10000, d.value[0] / 1000000, d.value[0] / 10000 % 100);
    }
    if (d.parts != PARTS || d.digits[1] > 2) {
        return unknown;
    }
    if (d.digits[0] == 4 && d.digits[2] <= 2) {
        if (d.value[1] == 0 && d.value[2] == 0) {
            return year_alone(d.value[0]);
        }
        return ekok_birth_make(d.value[0], d.value[1], d.value[2]);
    }
    return d.digits[2] == 4 && d.digits[0] <= 2 ? day_first(d.value[2], d.value[0], d.value[1]) : unknown;
}

/* Digits of yyyymmdd that differ. */
static int digits_apart(ekok_birth a, ekok_birth b)
{
    int one = (a.year * 100 + a.month) * 100 + a.day, other = (b.year * 100 + b.month) * 100 + b.day;
    int apart = 0;

    for (; one > 0 || other > 0; one /= 10, other /= 10) {
        apart += one % 10 != other % 10;
    }
    return apart;
}

/* 1 January is what is written for a day that nobody knows. */
static bool heaped(ekok_birth birth)
{
    return birth.month <= 1 && birth.day <= 1;
}

uint8_t ekok_birth_level(ekok_birth a, ekok_birth b)
{
    int years = a.year > b.year ? a.year - b.year : b.year - a.year;

    if (a.year == 0 || b.year == 0) {
        return EKOK_MISSING;
    }
    if (years == 0) {
        if (heaped(a) || heaped(b)) {
            return heaped(a) && heaped(b) ? EKOK_BIRTH_HEAPED : EKOK_BIRTH_YEAR_HEAPED;
        }
        if (a.month == b.month && a.day == b.day) {
            return EKOK_BIRTH_EXACT;
        }
        if (a.month == b.day && a.day == b.month) {
            return EKOK_BIRTH_SWAPPED;
        }
    }
    if (!heaped(a) && !heaped(b) && digits_apart(a, b) == 1) {
        return EKOK_BIRTH_ONE_DIGIT;
    }
    return years == 0 ? EKOK_BIRTH_YEAR : years <= 2 ? EKOK_BIRTH_NEAR_YEAR : EKOK_BIRTH_FAR;
}

static const struct {
    const char *text;
    ekok_sex sex;
} SEX_WORDS[] = {
    {"f", EKOK_SEX_FEMALE},     {"female", EKOK_SEX_FEMALE},
    {"woman", EKOK_SEX_FEMALE}, {"girl", EKOK_SEX_FEMALE},
    {"w", EKOK_SEX_FEMALE},     {"2", EKOK_SEX_FEMALE},
    {"মহিলা", EKOK_SEX_FEMALE}, {"নারী", EKOK_SEX_FEMALE},
    {"স্ত্রী", EKOK_SEX_FEMALE},  {"মেয়ে", EKOK_SEX_FEMALE},
    {"ছাত্রী", EKOK_SEX_FEMALE}, {"বালিকা", EKOK_SEX_FEMALE},
    {"m", EKOK_SEX_MALE},       {"male", EKOK_SEX_MALE},
    {"man", EKOK_SEX_MALE},     {"boy", EKOK_SEX_MALE},
    {"1", EKOK_SEX_MALE},       {"পুরুষ", EKOK_SEX_MALE},
    {"ছেলে", EKOK_SEX_MALE},    {"ছাত্র", EKOK_SEX_MALE},
    {"বালক", EKOK_SEX_MALE},    {"o", EKOK_SEX_OTHER},
    {"t", EKOK_SEX_OTHER},      {"other", EKOK_SEX_OTHER},
    {"third", EKOK_SEX_OTHER},  {"hijra", EKOK_SEX_OTHER},
    {"হিজড়া", EKOK_SEX_OTHER},  {"transgender", EKOK_SEX_OTHER},
    {"3", EKOK_SEX_OTHER},      {"তৃতীয় লিঙ্গ", EKOK_SEX_OTHER},
};

ekok_sex ekok_sex_read(ekok_span text)
{
    enum { WORD_MAX = 64 };
    char given[EKOK_NAME_TEXT_MAX];
    size_t n = 0;

    if (text.n == 0 || text.n > WORD_MAX ||
        ekok_bn_normalize(text, given, sizeof given, &n).code != EKOK_OK) {
        return EKOK_SEX_UNKNOWN;
    }
    for (size_t i = 0; i < sizeof SEX_WORDS / sizeof SEX_WORDS[0]; i++) {
        if (strlen(SEX_WORDS[i].text) == n && memcmp(SEX_WORDS[i].text, given, n) == 0) {
            return SEX_WORDS[i].sex;
        }
    }
    return EKOK_SEX_UNKNOWN;
}

ekok_match_place ekok_match_place_of(ekok_geocode code)
{
    char digits[EKOK_DIGITS_TEXT];
    uint32_t value = 0;
    size_t n = ekok_geocode_format(code, digits);

    for (size_t i = 0; i < 8; i++) {
        value = value * 10 + (i < n ? (uint32_t)(digits[i] - '0') : 0);
    }
    return (ekok_match_place){value, (uint8_t)ekok_geocode_level(code), NULL};
}

ekok_match_place ekok_match_place_read(ekok_span text, ekok_name *room)
{
    ekok_match_place place = {0, 0, NULL};
    ekok_geocode code = {0};

    if (text.n <= EKOK_IDENTIFIER_TEXT_MAX && ekok_geocode_parse(text, &code).code == EKOK_OK) {
        return ekok_match_place_of(code);
    }
    if (text.n <= EKOK_NAME_BYTES_MAX && ekok_name_parse(text, room).code == EKOK_OK && room->tokens > 0) {
        place.text = room;
    }
    return place;
}

ekok_match_name ekok_match_name_read(ekok_span text, ekok_name *room)
{
    return ekok_match_name_read_with(NULL, text, room);
}

ekok_match_name ekok_match_name_read_with(ekok_name_cache *cache, ekok_span text, ekok_name *room)
{
    ekok_match_name read = {NULL, false};

    if (text.n > EKOK_NAME_BYTES_MAX ||
        (cache != NULL ? ekok_name_parse_with(cache, text, room) : ekok_name_parse(text, room)).code !=
            EKOK_OK ||
        room->tokens == 0) {
        return read;
    }
    read.name = room;
    for (size_t i = 0; i + 1 < text.n && !read.bengali; i++) {
        uint8_t next = (uint8_t)text.p[i + 1];
        read.bengali = (uint8_t)text.p[i] == 0xE0 && (next == 0xA6 || next == 0xA7);
    }
    return read;
}
