/*
 * setting.h - the extension's settings, listed in setting.def and defined in module.c. Read only by STABLE functions:
 * what is IMMUTABLE never looks here.
 */
#ifndef EKOK_SETTING_H
#define EKOK_SETTING_H

#include <stdbool.h>

#define X(variable, name, standard, least, most, short_text, long_text) extern double ekok_##variable;
#define SWITCH(variable, name, standard, short_text, long_text)         extern bool ekok_##variable;
#include "setting.def"
#undef X
#undef SWITCH

#endif
