/* explain.c - see explain.h. The words stand in one table for each language; the sentence is built in one way. */
#include "explain.h"

#include "phrase.h"

enum { AREA_TYPES = 10 };

typedef struct {
    const char *before_length, *after_length;
    const char *check_holds, *check_fails; /* the rest of the sentence about 10 digits */
    const char *birth_year, *district, *rmo, *upazila, *union_or_ward, *serial;
    const char *end_13, *end_17;
    const char *area[AREA_TYPES]; /* by rmo; NULL: not known */
    const char *area_unknown;
} words;

static const words ENGLISH = {
    "National identity number of ",
    " digits",
    " (smart card): its check digit holds by the Luhn rule, which is inferred, not official; nothing about "
    "the "
    "person or the place can be read from it.",
    " (smart card): its check digit fails by the Luhn rule, which is inferred, not official, so a digit is "
    "probably mistyped; nothing about the person or the place can be read from it.",
    "birth year ",
    "district ",
    "area type ",
    "upazila or thana ",
    "union or ward ",
    "serial ",
    "; it carries no birth year and no check digit.",
    "; it carries no check digit.",
    {NULL, "rural", "paurashava", "urban outside a paurashava", "other", "cantonment", NULL, NULL, NULL,
     "city corporation"},
    "not known",
};

static const words BENGALI = {
    "",
    " অঙ্কের জাতীয় পরিচয়পত্র নম্বর",
    " (স্মার্ট কার্ড): যাচাই অঙ্কটি লুন নিয়মে মেলে, তবে নিয়মটি অনুমিত, সরকারি নয়; "
    "এ থেকে ব্যক্তি বা স্থান সম্পর্কে কিছু জানা যায় না।",
    " (স্মার্ট কার্ড): যাচাই অঙ্কটি লুন নিয়মে মেলে না, তবে নিয়মটি অনুমিত, সরকারি নয়; "
    "সম্ভবত কোনো অঙ্ক ভুল লেখা হয়েছে; এ থেকে ব্যক্তি বা স্থান সম্পর্কে কিছু জানা যায় না।",
    "জন্মসাল ",
    "জেলা ",
    "এলাকার ধরন ",
    "উপজেলা বা থানা ",
    "ইউনিয়ন বা ওয়ার্ড ",
    "ক্রমিক ",
    "; এতে জন্মসাল ও যাচাই অঙ্ক নেই।",
    "; এতে যাচাই অঙ্ক নেই।",
    {NULL, "গ্রামীণ", "পৌরসভা", "পৌরসভার বাইরের শহর", "অন্যান্য", "সেনানিবাস", NULL, NULL, NULL,
     "সিটি কর্পোরেশন"},
    "অজানা",
};

bool ekok_language_parse(ekok_span text, ekok_language *out)
{
    if (text.n != 2 || !((text.p[0] == 'e' && text.p[1] == 'n') || (text.p[0] == 'b' && text.p[1] == 'n'))) {
        return false;
    }
    *out = text.p[0] == 'e' ? EKOK_ENGLISH : EKOK_BENGALI;
    return true;
}

typedef struct {
    ekok_phrase phrase;
    const words *say;
    bool bengali;
} sentence;

static void put_digits(sentence *s, const char *digits)
{
    if (s->bengali) {
        ekok_phrase_put_bengali(&s->phrase, digits);
    } else {
        ekok_phrase_put(&s->phrase, digits);
    }
}

static void put_number(sentence *s, int number)
{
    char digits[EKOK_DIGITS_TEXT];
    ekok_phrase ascii = ekok_phrase_begin(digits, sizeof digits);

    ekok_phrase_put_number(&ascii, (unsigned)number);
    put_digits(s, digits);
}

static void put_part(sentence *s, const char *label, const char *digits)
{
    ekok_phrase_put(&s->phrase, label);
    put_digits(s, digits);
}

static void put_origin(sentence *s, const ekok_origin *origin)
{
    const char *area = s->say->area[origin->rmo[0] - '0'];

    put_part(s, s->say->district, origin->district);
    ekok_phrase_put(&s->phrase, ", ");
    put_part(s, s->say->rmo, origin->rmo);
    ekok_phrase_put(&s->phrase, " (");
    ekok_phrase_put(&s->phrase, area != NULL ? area : s->say->area_unknown);
    ekok_phrase_put(&s->phrase, "), ");
    put_part(s, s->say->upazila, origin->upazila);
    ekok_phrase_put(&s->phrase, ", ");
    put_part(s, s->say->union_or_ward, origin->union_or_ward);
    ekok_phrase_put(&s->phrase, ", ");
    put_part(s, s->say->serial, origin->serial);
}

size_t ekok_nid_explain(ekok_nid nid, ekok_language language, char out[EKOK_EXPLAIN_TEXT])
{
    bool check = false;
    ekok_origin origin;
    sentence s = {ekok_phrase_begin(out, EKOK_EXPLAIN_TEXT), language == EKOK_BENGALI ? &BENGALI : &ENGLISH,
                  language == EKOK_BENGALI};

    ekok_phrase_put(&s.phrase, s.say->before_length);
    put_number(&s, ekok_nid_length(nid));
    ekok_phrase_put(&s.phrase, s.say->after_length);
    if (!ekok_nid_origin(nid, &origin)) {
        (void)ekok_nid_check_digit(nid, &check);
        ekok_phrase_put(&s.phrase, check ? s.say->check_holds : s.say->check_fails);
        return s.phrase.n;
    }
    ekok_phrase_put(&s.phrase, ": ");
    if (ekok_nid_birth_year(nid) != 0) {
        ekok_phrase_put(&s.phrase, s.say->birth_year);
        put_number(&s, ekok_nid_birth_year(nid));
        ekok_phrase_put(&s.phrase, ", ");
    }
    put_origin(&s, &origin);
    ekok_phrase_put(&s.phrase, ekok_nid_birth_year(nid) != 0 ? s.say->end_17 : s.say->end_13);
    return s.phrase.n;
}
