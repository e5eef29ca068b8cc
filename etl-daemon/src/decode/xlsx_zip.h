/*
 * xlsx_zip.h - the parts of a workbook's archive, through libzip, and every bound on them.
 *
 * Promises, before libzip reads anything: no Excel file of another kind (old .xls, encrypted, binary .xlsb), no ZIP64,
 * at most XLSX_ENTRIES entries in a directory of at most XLSX_DIRECTORY bytes. Promises of a part: stored or deflated,
 * not encrypted, no more bytes than its ceiling and, past the first MiB, than XLSX_RATIO times what it takes in the
 * file. Refuses with a text for whoever dropped the file.
 */
#ifndef ETL_DECODE_XLSX_ZIP_H
#define ETL_DECODE_XLSX_ZIP_H

#include <stdint.h>

#include "base/span.h"

enum { XLSX_ENTRIES = 2000, XLSX_DIRECTORY = 1 << 20, XLSX_RATIO = 200 };

typedef struct xlsx_zip xlsx_zip;

typedef struct {
    void *file; /* NULL: closed */
    uint64_t read, ceiling, packed;
    const char *problem;
} xlsx_part;

/* Reads through a copy of fd. NULL: *problem says why, static text. */
xlsx_zip *xlsx_zip_open(int fd, const char **problem);
void xlsx_zip_close(xlsx_zip *z);

/* False: the archive has no such part, or it is refused (part->problem). */
MUST_CHECK bool xlsx_part_open(xlsx_zip *z, const char *name, uint64_t ceiling, xlsx_part *part);
bool xlsx_part_exists(xlsx_zip *z, const char *name);

/* Bytes read, 0 at the end, -1 when refused (part->problem). */
MUST_CHECK int xlsx_part_read(xlsx_part *part, char *out, size_t room);
void xlsx_part_close(xlsx_part *part);

#endif
