/*
 * bijoy.h - text typed for the font SutonnyMJ by the Bijoy keyboard, which puts Bengali glyphs at the places of Latin
 * letters and symbols (Windows-1252), to Unicode in NFC.
 *
 * Takes the text as a database or a spreadsheet holds it: UTF-8 of the characters of Windows-1252, or of the control
 * characters U+0080 to U+009F where somebody took it for Latin-1. Never guesses: a character that is no glyph, and
 * one that can't stand where it stands (a vowel sign without its consonant), is refused with its position.
 */
#ifndef EKOK_CORE_BIJOY_H
#define EKOK_CORE_BIJOY_H

#include <stdbool.h>

#include "span.h"
#include "status.h"

/* Room of so many times the input's bytes always is enough. */
enum { EKOK_BIJOY_GROWTH = 9 };

/*
 * Writes Unicode, not NUL-terminated; *size is its bytes. Takes any text for Bijoy: whether it is one, ask
 * ekok_is_bijoy. Refuses NO_GLYPH, BAD_PLACE, BAD_UTF8, and TOO_LONG when the room does not do.
 */
EKOK_MUST_CHECK ekok_status ekok_from_bijoy(ekok_span text, char *out, size_t room, size_t *size);

/*
 * Is this Bijoy rather than Latin or Unicode Bengali? True when it converts and holds a glyph that no Latin name
 * has, or its letters are more those of Bijoy than of a Latin name. The latter is a judgement: of 1,750 full names in
 * both scripts it took all in Bijoy, and one in Latin, for Bijoy; of single words it mistakes about one in a hundred.
 * Text in capitals alone is never taken for Bijoy. Looks at the first EKOK_BIJOY_LOOK characters.
 */
enum { EKOK_BIJOY_LOOK = 512 };
bool ekok_is_bijoy(ekok_span text);

#endif
