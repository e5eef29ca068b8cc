/*
 * text.h - what is asked of every text before its meaning is: UTF-8, no control characters, no blanks around
 * it. Promises to look at bytes only; refuses to change anything but where the text begins and ends.
 */
#ifndef ETL_VALIDATE_TEXT_H
#define ETL_VALIDATE_TEXT_H

#include <stdint.h>

#include "base/span.h"
#include "row/reason.h"

/* Without the ASCII white space and no-break spaces (U+00A0) around it. */
span text_trim(span text);

/* True when the text may be read on; otherwise adds wrong_encoding or control_character with its position. */
bool text_check(span text, target field, reason_list *reasons);

/* Is text the word, ASCII letters in either case? word is lower case. */
bool text_is_word(span text, const char *word);

/* One ASCII or Bengali digit at the head of *text, which moves behind it; -1 when there is none. */
int text_take_digit(span *text);

#endif
