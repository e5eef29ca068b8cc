/*
 * names.h - people's names put together from tokens with their real frequencies, in Bengali and in Latin letters.
 *
 * A name is drawn once per member of a family; how it is spelt is drawn apart, so that the same name can be written
 * in several ways. No full name is taken from any list of people.
 */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_PARTS = 6, NAME_SPELLINGS = 8, NAME_TEXT = 256 };

typedef enum { FAITH_MUSLIM, FAITH_HINDU, FAITH_OTHER } faith;
typedef enum { SEX_MALE, SEX_FEMALE, SEX_OTHER } sex;
typedef enum { SCRIPT_BENGALI, SCRIPT_LATIN } script;

typedef struct {
    uint16_t part[NAME_PARTS]; /* rows of the table of tokens */
    uint8_t parts;
    uint64_t key; /* what the spelling is drawn for */
} full_name;

/* Whose name: `family` is any number that stands for the family, `member` its place in it. */
typedef struct {
    uint64_t family;
    uint32_t member;
    sex sex;
    faith faith;
    bool old;        /* born before 1975: older ways of naming women */
    bool later_twin; /* the name sounds like that of the member before */
} name_owner;

full_name name_of(uint64_t seed, const name_owner *owner);

/* The name's usual spelling (way 0) or another: any other `way` differs in a token. Returns bytes written. */
size_t name_write(const full_name *name, script in, uint32_t way, char out[NAME_TEXT]);

#endif
