/*
 * opening.c - record, open, mask, wipe.
 */
#include "cli/opening.h"

#include <stdio.h>

#include "base/hex.h"
#include "cli/text.h"
#include "secret/seal.h"

static bool record(command_session *s, const sealed_cell *cell, const char *purpose, failure *f)
{
    const char *param[] = {"registry.enrolment", cell->column, cell->row_id, purpose};
    return pg_run(s->pg, "SELECT audit.record_reading($1::text, $2::text, $3::text, $4::text)", 4, param, f);
}

bool open_recorded(command_session *s, const sealed_cell *cell, const opening_reason *reason,
                   opened_value *out, failure *f)
{
    uint8_t sealed[OPENED_MAX];
    size_t size = hex_read_bytea(cell->sealed, sealed, sizeof sealed);
    const sealed_value value = {
        {"registry.enrolment", cell->column, span_of(cell->row_id)}, {(const char *)sealed, size}, *reason};
    return sealer_unseal(s->keys, &value, out, f);
}

bool open_masked(command_session *s, const sealed_cell *cell, const char *purpose, char out[OPENED_TEXT],
                 failure *f)
{
    uint8_t clear[OPENED_MAX];
    opened_value opened = {clear, sizeof clear, 0};
    const opening_reason reason = {purpose, NULL};
    (void)snprintf(out, OPENED_TEXT, "%s", cell->sealed ? "sealed" : "");
    if (!cell->sealed || !s->keys)
        return true;
    if (!record(s, cell, purpose, f) || !open_recorded(s, cell, &reason, &opened, f))
        return false;
    text_mask((span){(const char *)clear, opened.size}, out, OPENED_TEXT);
    wipe(clear, sizeof clear);
    return true;
}
