/*
 * heard.h - what a backend keeps of the names that it has read: words with their sounds, and how near two words sound.
 * Names in a table are many, their words few. Promises answers as without it, byte by byte, in bounded memory: 3.1 MiB
 * a backend, taken when the first name is read and kept; what is new takes the place of what is old. Holds nothing
 * that depends on a setting.
 */
#ifndef EKOK_MATCH_HEARD_H
#define EKOK_MATCH_HEARD_H

#include "postgres.h"

#include "name.h"

/* False for what is no name: not UTF-8, or too long. */
bool ekok_heard_parse(ekok_span given, ekok_name *out);

/* The view points into the name, and holds good as long as that. */
void ekok_heard_view(const ekok_name *name, ekok_name_view *out);

/* Whether the similarity of two names, views of ekok_heard_view, is at least the threshold. */
bool ekok_heard_alike(const ekok_name_view *a, const ekok_name_view *b, float4 threshold);

#endif
