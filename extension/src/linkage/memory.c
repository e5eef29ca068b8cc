/* memory.c - see memory.h. */
#include "linkage/memory.h"

#include "miscadmin.h"
#include "utils/memutils.h"

link_memory link_memory_make(void)
{
    return (link_memory){
        .context = AllocSetContextCreate(CurrentMemoryContext, "ekok dedupe", ALLOCSET_DEFAULT_SIZES),
        .ceiling = (Size)maintenance_work_mem * 1024};
}

void link_memory_refuse(void)
{
    ereport(ERROR, errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
            errmsg("these records need more memory than maintenance_work_mem, %d MB, allows",
                   maintenance_work_mem / 1024),
            errhint("Set maintenance_work_mem for the session to about 0.6 GB for each million records, or "
                    "de-duplicate district by district."));
}

static void count(link_memory *memory, Size size)
{
    if (size > memory->ceiling - memory->taken)
        link_memory_refuse();
    memory->taken += size;
    memory->most = Max(memory->most, memory->taken);
}

void *link_take(link_memory *memory, Size size)
{
    count(memory, size);
    return MemoryContextAllocHuge(memory->context, Max(size, 1));
}

void link_give(link_memory *memory, void *chunk, Size size)
{
    pfree(chunk);
    memory->taken -= size;
}

void *link_grow(link_memory *memory, void *array, Size element, Size have, Size want)
{
    count(memory, element * (want - have));
    return array == NULL ? MemoryContextAllocHuge(memory->context, element * want)
                         : repalloc_huge(array, element * want);
}
