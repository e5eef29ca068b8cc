/*
 * faults.c - see faults.h.
 */
#include "faults.h"

#include <stdio.h>
#include <string.h>

static fault_kind kind_of(const char *word)
{
    static const char *const names[FAULT_COUNT] = {
        "",
#define X(KIND, kind) #kind,
#include "fault.def"
#undef X
    };
    for (int i = 1; i < FAULT_COUNT; i++)
        if (strcmp(word, names[i]) == 0)
            return (fault_kind)i;
    return FAULT_NONE;
}

fault fault_now(const char *path, const char *source)
{
    fault found = {FAULT_NONE, 0};
    char line[256], name[32], kind[32];
    FILE *f = path ? fopen(path, "re") : NULL;
    if (!f)
        return found;
    while (fgets(line, sizeof line, f)) {
        int number = 0;
        if (sscanf(line, "%31s %31s %d", name, kind, &number) >= 2 && strcmp(name, source) == 0)
            found = (fault){kind_of(kind), number};
    }
    fclose(f);
    return found;
}

unsigned epoch_now(const char *path)
{
    unsigned epoch = 0;
    FILE *f = path ? fopen(path, "re") : NULL;
    if (!f)
        return 0;
    if (fscanf(f, "%u", &epoch) != 1)
        epoch = 0;
    fclose(f);
    return epoch;
}
