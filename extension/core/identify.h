/*
 * identify.h - what could this number be, and why not the rest. Every kind is asked, in the order of kind.def;
 * nothing is guessed beyond what the kinds themselves read.
 */
#ifndef EKOK_CORE_IDENTIFY_H
#define EKOK_CORE_IDENTIFY_H

#include "kind.h"

enum { EKOK_REASON_TEXT = 192 };

typedef struct {
    const char *kind;
    bool readable; /* value holds the canonical text, else it is empty */
    bool ok;       /* readable, and nothing speaks against it */
    char value[EKOK_KIND_TEXT];
    char reason[EKOK_REASON_TEXT]; /* why not, or what is weak; empty when there is nothing to say */
} ekok_reading;

void ekok_identify(ekok_span text, ekok_reading out[EKOK_KIND_IDENTIFIED]);

#endif
