/*
 * match.h - are these two records one person? Levels of agreement by field, their weights in bits (Fellegi and Sunter,
 * "A Theory for Record Linkage", 1969), what they add up to, and what the sum allows.
 *
 * Promises: no allocation, the same answer for a and b exchanged, bounded time, a missing value speaks neither for nor
 * against. Refuses nothing: what can't be read (a date that is none, a place that is no code) counts as missing.
 * The weights are independent of each other only by assumption; match_verdict holds apart what that assumption would
 * join: twins, namesakes, two numbers of one length.
 */
#ifndef EKOK_CORE_MATCH_H
#define EKOK_CORE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"
#include "identifier.h"
#include "name.h"
#include "name_cache.h"

typedef enum {
#define X(FIELD, name, english, bengali) EKOK_FIELD_##FIELD,
#include "match_field.def"
#undef X
    EKOK_FIELDS
} ekok_field;

/* Every level of every field, one after the other: the order of an array of weights. */
typedef enum {
#define X(FIELD, LEVEL, m, u, english, bengali) EKOK_##FIELD##_##LEVEL,
#include "match_weight.def"
#undef X
    EKOK_LEVELS
} ekok_level;

/* What levels hold for a field that either record lacks. */
enum { EKOK_MISSING = UINT8_MAX };

/* The levels of one pair: for each field an ekok_level, or EKOK_MISSING. */
typedef struct {
    uint8_t of[EKOK_FIELDS];
} ekok_levels;

/* A birth date as far as it is known. */
typedef struct {
    int16_t year;       /* 0: nothing is known */
    uint8_t month, day; /* 0: only the year is */
} ekok_birth;

enum { EKOK_BIRTH_YEAR_LEAST = 1850, EKOK_BIRTH_YEAR_MOST = 2199 };

/*
 * Of a date of the Gregorian calendar; nothing known when the year lies outside the two above or there is no
 * such day.
 */
ekok_birth ekok_birth_make(int year, int month, int day);
/*
 * Reads yyyy-mm-dd, yyyymmdd, dd/mm/yyyy and such with - . / or spaces, ASCII or Bengali digits, and a year alone. Day
 * before month, unless only the other order is a date. Nothing known for anything else.
 */
ekok_birth ekok_birth_read(ekok_span text);

typedef enum { EKOK_SEX_UNKNOWN, EKOK_SEX_FEMALE, EKOK_SEX_MALE, EKOK_SEX_OTHER } ekok_sex;

/* Reads English and Bengali words and letters for it, any case; 1 and 2 are male and female. */
ekok_sex ekok_sex_read(ekok_span text);

/* A place: a P-code, or free text held as a name. */
typedef struct {
    uint32_t code;         /* filled to eight digits with zeros; 0 when it is no code */
    uint8_t level;         /* ekok_geocode_level of the code */
    const ekok_name *text; /* when it is no code; NULL when there is none */
} ekok_match_place;

ekok_match_place ekok_match_place_of(ekok_geocode code);
/* Parses free text into *room, which the answer points to then. */
ekok_match_place ekok_match_place_read(ekok_span text, ekok_name *room);

typedef enum {
#define X(KIND, kind, FIELD, when_other) EKOK_HELD_##KIND,
#include "match_evidence.def"
#undef X
    EKOK_HELD_KINDS
} ekok_held_kind;

/* One piece of evidence that a person holds. */
typedef struct {
    uint64_t key;       /* ekok_evidence_key */
    uint32_t holders;   /* records that hold it, the compared ones among them; 0: not known, taken for few */
    uint16_t programme; /* that the record is of; 0: not known */
    uint8_t kind;       /* ekok_held_kind */
    ekok_nid nid;       /* the number itself, where it is an NID and in the clear; else 0 */
} ekok_held;

/* A kind by its name; EKOK_HELD_OTHER for one that is not listed. */
ekok_held_kind ekok_held_kind_of(ekok_span name);

/* A name as it is compared: Bengali tells the script, so that like is held to like first. */
typedef struct {
    const ekok_name *name; /* NULL or without tokens: none */
    bool bengali;
} ekok_match_name;

/* Parses into *room, which the answer points to; no name when the text is none. */
ekok_match_name ekok_match_name_read(ekok_span text, ekok_name *room);
/* The same with words already heard. */
ekok_match_name ekok_match_name_read_with(ekok_name_cache *cache, ekok_span text, ekok_name *room);

enum { EKOK_HELD_MAX = 64 };

typedef struct {
    ekok_match_name name[2], father, mother;
    ekok_birth birth;
    ekok_sex sex;
    ekok_match_place place;
    const ekok_held *held;
    size_t helds; /* those beyond EKOK_HELD_MAX are not looked at */
} ekok_person;

/* How telling a name is, in sixteenths of a bit, from the frequencies of its words. */
unsigned ekok_name_information(const ekok_name *name);

/*
 * ekok_name_similarity, but at least 0.8 for names that differ by a slip of the pen in a word, which is as much as such
 * a slip can say: Jamal and Jalal are two names. And at least 0.85 for a woman's given names with another last word:
 * Salma Akter and Salma Begum. Symmetric.
 */
float ekok_match_similarity(const ekok_name *a, const ekok_name *b);
float ekok_match_similarity_of(const ekok_name_view *a, const ekok_name_view *b,
                               ekok_word_memory memory[EKOK_WORD_MEMORY]);

/* Levels of single fields, EKOK_MISSING where they can't be told. similarity: ekok_match_similarity. */
uint8_t ekok_name_level(ekok_field field, float similarity, unsigned information);
uint8_t ekok_birth_level(ekok_birth a, ekok_birth b);
uint8_t ekok_sex_level(ekok_sex a, ekok_sex b);
uint8_t ekok_code_level(uint32_t a, int level_a, uint32_t b, int level_b);
uint8_t ekok_place_text_level(float similarity);
/* Fills the six fields of evidence. Two NIDs of which one may be the other mistyped (ekok_nid_slip) say nothing. */
void ekok_held_levels(const ekok_person *a, const ekok_person *b, ekok_levels *out);

/* All of them. Names in like scripts are compared where there are such, else across scripts; the best pair counts. */
void ekok_match_levels(const ekok_person *a, const ekok_person *b, ekok_levels *out);

/* The weights of match_weight.def, in bits. */
void ekok_match_standard(float weights[EKOK_LEVELS]);
/* The shares of match_weight.def. */
double ekok_level_m(uint8_t level);
double ekok_level_u(uint8_t level);

/* Bits of all levels together; a field that is missing adds nothing. */
float ekok_match_score(const ekok_levels *levels, const float weights[EKOK_LEVELS]);

typedef enum {
    EKOK_VERDICT_APART,     /* a contradiction: another person, whatever the sum */
    EKOK_VERDICT_DIFFERENT, /* less likely one person than not */
    EKOK_VERDICT_PROBABLE,  /* for a human to decide */
    EKOK_VERDICT_CERTAIN    /* may be joined */
} ekok_verdict;

/* What keeps two records apart whatever their score; EKOK_APART_NOT when nothing does. */
typedef enum {
    EKOK_APART_NOT,
    EKOK_APART_NID,  /* different numbers of the same length */
    EKOK_APART_SEX,  /* different sex */
    EKOK_APART_TWIN, /* same birth date and a parent, and another name or registration */
} ekok_apart;

ekok_apart ekok_match_contradiction(const ekok_levels *levels);

/* Both parents' names differ and no number is shared: two persons, however well the rest agrees. */
bool ekok_match_strangers(const ekok_levels *levels);

/*
 * What twins are to each other in a list: one day, a parent, a telephone of the house, and two numbers of the kinds
 * that everybody has one of. The name alone tells them apart then, and parents choose names that resemble each other.
 * Where it is not known what they hold, different birth registrations tell as much. Two entries of one programme that
 * keeps each person once need no more than their two numbers: that programme counts two persons.
 */
typedef enum {
    EKOK_NUMBERS_NOT_KNOWN,
    EKOK_NUMBERS_APART, /* each holds an NID or a birth registration; none in common, whether they differ or can't be
                            compared */
    EKOK_NUMBERS_LACKING, /* one of the two holds neither, or its NID may be the other's mistyped */
    EKOK_NUMBERS_TOGETHER /* apart, and both in one programme of those that keep each person once */
} ekok_numbers;
bool ekok_match_perhaps_twins(const ekok_levels *levels, ekok_numbers numbers);
/*
 * Two of one day and one house, by another name or by numbers: likeness joins neither to the other, nor to who is like
 * both, whether or not a human is asked.
 */
bool ekok_match_twins(const ekok_levels *levels, ekok_numbers numbers);

/*
 * What the list that two records are of tells beyond their levels. own_others: whoever shares a number of kind `other`
 * there mostly is born on one day, so it is no household's. It then proves a person as an NID does, though name and
 * birth date may not both differ. numbers: of pairs that share none.
 */
typedef struct {
    bool own_others;
    ekok_numbers numbers;
} ekok_match_context;

/*
 * bits: the score and the logarithm of the prior odds together, so that 0 is an even chance. CERTAIN asks for
 * EKOK_CERTAIN_BITS, odds of 128 to 1, for a name that is not different, and for more than name, sex and place: for a
 * number or a birth year or both parents. Unless they share a number that is one person's alone, it is never given to
 * birth dates that differ (brothers, sisters, cousins), nor to a day nobody knew with a parent who differs, nor to
 * names that are not the same with one day and one parent, nor to ekok_match_perhaps_twins: a human decides those. A
 * name that is nearly the same, or sounds alike, is let pass where one of the two has no number that could tell of
 * another person.
 */
enum { EKOK_CERTAIN_BITS = 7, EKOK_PROBABLE_BITS = 0 };
ekok_verdict ekok_match_verdict(const ekok_levels *levels, float bits);
ekok_verdict ekok_match_verdict_in(const ekok_levels *levels, float bits, ekok_match_context context);

/* Prior odds, in bits, that two of n records are one person, when nearly every record has one other of its person. */
float ekok_match_prior(double records);

/* Names for people and for SQL. */
const char *ekok_field_name(ekok_field field);
const char *ekok_field_title(ekok_field field, bool bengali);
const char *ekok_level_text(uint8_t level, bool bengali);
const char *ekok_level_name(uint8_t level);
ekok_field ekok_level_field(uint8_t level);
/* The first level of a field; that of EKOK_FIELDS is EKOK_LEVELS. */
int ekok_field_first(int field);

/* log2 of a positive number, to eight digits; the core has no libm. */
double ekok_log2(double x);
double ekok_exp2(double x);

#endif
