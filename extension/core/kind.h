/*
 * kind.h - all identifiers in one way: as an 8-byte word that a kind can read from text and write to it.
 * Whoever must not care which identifier it is - a database type's text and binary form, a list of pasted numbers,
 * a fuzzer - uses this; whoever knows what he has uses identifier.h.
 */
#ifndef EKOK_CORE_KIND_H
#define EKOK_CORE_KIND_H

#include "identifier.h"

typedef enum {
#define X(code, name, type, strict, mark, usual) EKOK_KIND_##code,
#include "kind.def"
#undef X
    EKOK_KIND_COUNT,
    EKOK_KIND_IDENTIFIED = EKOK_KIND_GEOCODE /* those before it are what identify() asks */
} ekok_kind_code;

enum { EKOK_KIND_TEXT = 32 /* canonical text of any kind, NUL included */, EKOK_MASK_SHOWN = 4 };

typedef struct {
    const char *name;
    const char *usual; /* how it is usually written: one sentence */
    ekok_status (*parse)(ekok_span text, uint64_t *word);
    /* Returns the length; 0 for words that are no value at all. out has EKOK_KIND_TEXT bytes. */
    size_t (*format)(uint64_t word, char *out);
    ekok_status (*strict)(
        uint64_t word); /* what type modifier `strict` refuses beyond parse; NULL: there is none */
    uint64_t mark;      /* bits that say how a value was given and do not count in a comparison */
} ekok_kind;

const ekok_kind *ekok_kind_of(ekok_kind_code code);

/* True when parse makes these bits, marks included, of some text. */
bool ekok_kind_valid(const ekok_kind *kind, uint64_t word);

/* The canonical text with all digits but the last EKOK_MASK_SHOWN hidden behind asterisks; returns its length. */
size_t ekok_kind_mask(const ekok_kind *kind, uint64_t word, char out[EKOK_KIND_TEXT]);

#endif
