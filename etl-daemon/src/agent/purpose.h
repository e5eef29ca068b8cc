/*
 * purpose.h - what people say of why they look: words, which are kept for ever. Finds the number that somebody
 * puts into them, so that it is refused before it is written anywhere.
 */
#ifndef ETL_AGENT_PURPOSE_H
#define ETL_AGENT_PURPOSE_H

#include "base/span.h"

/* Could this text hold a number that identifies somebody? Ten digits in a row, or thirteen with separators between. */
bool purpose_holds_number(span text);

#endif
