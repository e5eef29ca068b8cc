/*
 * load_writer.c - the sealing of a whole record. Its row id in the seal is the hex of its MAC: a quarantined
 * record may have no id of its own that could be trusted.
 */
#include "load/load_writer.h"

#include "load/copy_text.h"
#include "secret/seal.h"

void load_writer_init(load_writer *w, const keyring *ring, size_t row_bytes)
{
    w->ring = ring;
    w->row_bytes = row_bytes;
    buf_init(&w->sealed, row_bytes + SEAL_OVERHEAD);
}

void load_writer_free(load_writer *w)
{
    buf_free(&w->sealed);
}

bool load_seal_record(load_writer *w, span raw, uint8_t mac[TOKEN_BYTES])
{
    char row_id[2 * TOKEN_BYTES + 1];
    if (raw.n > w->row_bytes)
        raw.n = w->row_bytes;
    if (!make_token(w->ring, KEY_ROW, raw, mac))
        return false;
    copy_hex(mac, TOKEN_BYTES, row_id);
    seal_place place = {"etl.quarantine", "sealed", span_of(row_id)};
    buf_clear(&w->sealed);
    return seal_value(w->ring, &place, raw, &w->sealed);
}
