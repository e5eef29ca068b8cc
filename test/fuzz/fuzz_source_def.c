/*
 * fuzz_source_def.c - any bytes as a source's definition: read or refused with one line, never a crash or a leak.
 * What was read keeps the header's promises.
 */
#include "config/source_def.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static source_def def;

static void check_read(size_t size)
{
    int required = 0, mapped = 0;
    bool folder = def.style == PAGING_FILE;
    if (folder
            ? def.url[0] || def.folder[0] != '/' || def.size > FILE_PAGE_MAX
            : strncmp(def.url, "https://", 8) != 0 || strpbrk(def.url, "@?# ") || def.format == FORMAT_XLSX)
        abort();
    if (def.table.columns > COLUMNS_MAX || (def.style != PAGING_NONE && def.table.header_rows < 1) ||
        def.table.header_rows > HEADER_ROWS_MAX)
        abort();
    if (!def.name[0] || def.text_size != size)
        abort();
    bool in_parts = def.style != PAGING_WHOLE && def.style != PAGING_NONE;
    if (def.rules > MAP_RULES_MAX || def.values > VALUE_MAPS_MAX || (in_parts && def.size < 1) ||
        def.row_bytes > def.page_bytes || def.fields > CONTRACT_FIELDS_MAX)
        abort();
    cron c;
    if (def.schedule.cron[0]) {
        int64_t next = cron_parse(def.schedule.cron, &c) ? -1 : cron_next(&c, def.schedule.hours, 1800000000);
        if (next <= 1800000000 || next % 60 != 0 || !cron_within(def.schedule.hours, next))
            abort();
    }
    for (int t = 0; t < TARGET_COUNT; t++) {
        bool found = false;
        for (size_t i = 0; i < def.rules; i++)
            found |= (int)def.rule[i].to == t;
        required += source_def_wants(&def, (target)t);
        mapped += source_def_wants(&def, (target)t) && found;
    }
    for (size_t i = 0; i < def.rules; i++)
        if (def.rule[i].paths ? !def.rule[i].path[0][0] : !def.rule[i].literal[0])
            abort();
    if (def.style != PAGING_NONE && required != mapped)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    static char path[40];
    failure f = {EXIT_DONE, ""};
    if (file < 0) {
        file = memfd_create("source", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    if (source_def_read(path, &def, &f)) {
        check_read(size);
        source_def_free(&def);
    } else if (f.code != EXIT_CONFIG || !f.text[0] || strchr(f.text, '\n') || def.text) {
        abort();
    }
    return 0;
}
