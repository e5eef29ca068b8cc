/* xlsx_zip.c - see xlsx_zip.h. libzip is called here and nowhere else. */
#include "decode/xlsx_zip.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

enum { TAIL = 65535 + 22 + 20, RATIO_FREE = 1 << 20, PIECE = 65536 };

struct xlsx_zip {
    zip_t *archive;
};

static uint32_t little(const unsigned char *p, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes; i-- > 0;) {
        value = value << 8 | p[i];
    }
    return value;
}

/* An OLE file: an old .xls, or a workbook with a password, which holds a stream named EncryptedPackage (UTF-16). */
static const char *name_ole(int fd, off_t size)
{
    static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    const char *found = NULL;
    char *piece = malloc(PIECE);

    for (off_t at = 0; piece != NULL && at < size && found == NULL; at += PIECE - (off_t)sizeof encrypted) {
        ssize_t n = pread(fd, piece, PIECE, at);
        found = n > 0 ? memmem(piece, (size_t)n, encrypted, sizeof encrypted - 1) : NULL;
    }
    free(piece);
    return found != NULL ? "the workbook is protected by a password: save it without one"
                         : "an old Excel file (.xls): save it as .xlsx";
}

/* Judges every end of a directory that libzip might take for the right one. */
static const char *judge_tail(const unsigned char *tail, size_t n)
{
    bool found = false;

    for (size_t i = 0; i + 20 <= n; i++) {
        const unsigned char *p = tail + i;
        if (memcmp(p, "PK\6\6", 4) == 0 || memcmp(p, "PK\6\7", 4) == 0) {
            return "the archive is in ZIP64: too large for a workbook";
        }
        if (i + 22 > n || memcmp(p, "PK\5\6", 4) != 0) {
            continue;
        }
        found = true;
        if (little(p + 10, 2) > XLSX_ENTRIES || little(p + 12, 4) > XLSX_DIRECTORY) {
            return "the archive has more entries than a workbook";
        }
    }
    return found ? NULL : "the workbook is cut short: its archive has no directory";
}

static const char *judge_file(int fd)
{
    struct stat info;
    char head[8] = "";
    const char *problem = "out of memory";
    unsigned char *tail = malloc(TAIL);

    if (tail == NULL || fstat(fd, &info) != 0) {
        free(tail);
        return problem;
    }
    off_t from = info.st_size > TAIL ? info.st_size - TAIL : 0;
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n == sizeof head && memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0) {
        problem = name_ole(fd, info.st_size);
    } else if (n < 4 || memcmp(head, "PK\3\4", 4) != 0) {
        problem = "not an Excel workbook (.xlsx)";
    } else {
        n = pread(fd, tail, TAIL, from);
        problem = n < 22 ? "the workbook can't be read" : judge_tail(tail, (size_t)n);
    }
    free(tail);
    return problem;
}

xlsx_zip *xlsx_zip_open(int fd, const char **problem)
{
    xlsx_zip *z = calloc(1, sizeof *z);
    int own = -1, error = 0;

    *problem = judge_file(fd);
    if (z != NULL && *problem == NULL) {
        own = dup(fd);
        (void)lseek(own, 0, SEEK_SET);
        z->archive = own >= 0 ? zip_fdopen(own, 0, &error) : NULL;
        if (z->archive == NULL) {
            (void)close(own);
            *problem = "the workbook's archive is damaged";
        }
    }
    if (z == NULL || *problem != NULL) {
        *problem = z == NULL ? "out of memory" : *problem;
        free(z);
        return NULL;
    }
    return z;
}

void xlsx_zip_close(xlsx_zip *z)
{
    if (z != NULL) {
        zip_discard(z->archive);
        free(z);
    }
}

bool xlsx_part_exists(xlsx_zip *z, const char *name)
{
    return zip_name_locate(z->archive, name, 0) >= 0;
}

static bool refuse(xlsx_part *part, const char *problem)
{
    part->problem = problem;
    return false;
}

bool xlsx_part_open(xlsx_zip *z, const char *name, uint64_t ceiling, xlsx_part *part)
{
    zip_stat_t info;
    zip_int64_t index = zip_name_locate(z->archive, name, 0);
    const zip_uint64_t needed =
        ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;

    *part = (xlsx_part){.ceiling = ceiling};
    if (index < 0) {
        return refuse(part, "a part of the workbook is missing");
    }
    if (zip_stat_index(z->archive, (zip_uint64_t)index, 0, &info) != 0 || (info.valid & needed) != needed) {
        return refuse(part, "the workbook's archive is damaged");
    }
    if (info.encryption_method != ZIP_EM_NONE) {
        return refuse(part, "the workbook's archive is encrypted: save it without a password");
    }
    if (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE) {
        return refuse(part, "the workbook is packed in a way that Excel does not use");
    }
    if (info.size > ceiling) {
        return refuse(part,
                      "a part of the workbook is larger than is read: split it, or save it as CSV UTF-8");
    }
    part->packed = info.comp_size;
    part->file = zip_fopen_index(z->archive, (zip_uint64_t)index, 0);
    return part->file != NULL || refuse(part, "the workbook's archive is damaged");
}

int xlsx_part_read(xlsx_part *part, char *out, size_t room)
{
    zip_int64_t n = zip_fread(part->file, out, room);

    if (n < 0) {
        part->problem = "the workbook's archive is damaged";
        return -1;
    }
    part->read += (uint64_t)n;
    if (part->read > part->ceiling || (part->read > RATIO_FREE && part->read / XLSX_RATIO > part->packed)) {
        part->problem = "the workbook unpacks to far more than it is: it looks like a compressed bomb";
        return -1;
    }
    return (int)n;
}

void xlsx_part_close(xlsx_part *part)
{
    if (part->file != NULL) {
        (void)zip_fclose(part->file);
        part->file = NULL;
    }
}
