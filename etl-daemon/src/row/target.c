/*
 * target.c - the list in target.def as tables. Promises a name and a ceiling for every target; refuses
 * nothing: a number outside the list is answered with an empty name and a ceiling of zero.
 */
#include "row/target.h"

typedef struct {
    const char *name;
    size_t ceiling;
    bool required;
} target_fact;

static const target_fact facts[TARGET_COUNT] = {
#define X(NAME, name, ceiling, required) {#name, ceiling, required},
#include "row/target.def"
#undef X
};

static bool listed(target t)
{
    return (unsigned)t < TARGET_COUNT;
}

const char *target_name(target t)
{
    return listed(t) ? facts[t].name : "";
}

size_t target_ceiling(target t)
{
    return listed(t) ? facts[t].ceiling : 0;
}

bool target_required(target t)
{
    return listed(t) && facts[t].required;
}

bool target_by_name(span name, target *out)
{
    for (unsigned i = 0; i < TARGET_COUNT; i++) {
        if (span_equals(name, facts[i].name)) {
            *out = (target)i;
            return true;
        }
    }
    return false;
}
