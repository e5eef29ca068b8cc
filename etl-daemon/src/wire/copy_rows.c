/* copy_rows.c - see copy_rows.h. The form: "COPY TO" in PostgreSQL's manual, "Binary Format". */
#include "wire/copy_rows.h"

static const char SIGNATURE[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (char)0xff, '\r', '\n', '\0'};

enum { HEADER = sizeof SIGNATURE + 8, COUNT = 2, LENGTH = 4 };

static uint64_t big_endian(const char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number = number << 8 | (uint8_t)bytes[i];
    return number;
}

static span skip(span s, size_t bytes)
{
    return (span){s.p + bytes, s.n - bytes};
}

/* Neither flags nor an extension of the header: the server writes none. */
static bool take_header(copy_rows *r)
{
    if (r->rest.n < HEADER || memcmp(r->rest.p, SIGNATURE, sizeof SIGNATURE) != 0 ||
        big_endian(r->rest.p + sizeof SIGNATURE, 8) != 0)
        return false;
    r->rest = skip(r->rest, HEADER);
    r->begun = true;
    return true;
}

bool copy_rows_message(copy_rows *r, span message)
{
    r->rest = message;
    return r->begun || take_header(r);
}

copy_step copy_rows_next(copy_rows *r, span cell[])
{
    if (r->rest.n == 0)
        return COPY_NO_MORE;
    if (r->ended || r->rest.n < COUNT)
        return COPY_BROKEN;
    uint64_t cells = big_endian(r->rest.p, COUNT);
    r->rest = skip(r->rest, COUNT);
    if (cells == UINT16_MAX) {
        r->ended = true;
        return r->rest.n == 0 ? COPY_NO_MORE : COPY_BROKEN;
    }
    if (cells != r->cells)
        return COPY_BROKEN;
    for (size_t i = 0; i < r->cells; i++) {
        if (r->rest.n < LENGTH)
            return COPY_BROKEN;
        uint64_t length = big_endian(r->rest.p, LENGTH);
        bool none = length == UINT32_MAX;
        r->rest = skip(r->rest, LENGTH);
        length = none ? 0 : length;
        if (length > r->rest.n)
            return COPY_BROKEN;
        cell[i] = (span){none ? NULL : r->rest.p, length};
        r->rest = skip(r->rest, length);
    }
    return COPY_ROW;
}

bool copy_number(span cell, uint64_t *out)
{
    if (!cell.p || cell.n != sizeof *out)
        return false;
    *out = big_endian(cell.p, cell.n);
    return true;
}
