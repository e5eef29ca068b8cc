/*
 * load_writer.c - the sealing of a whole record. Its row id in the seal is the hex of its MAC: a quarantined
 * record may have no id of its own that could be trusted.
 */
#include "load/load_writer.h"

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
    static const char hex[] = "0123456789abcdef";
    char row_id[2 * TOKEN_BYTES];
    if (raw.n > w->row_bytes)
        raw.n = w->row_bytes;
    if (!make_token(w->ring, KEY_ROW, raw, mac))
        return false;
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        row_id[2 * i] = hex[mac[i] >> 4];
        row_id[2 * i + 1] = hex[mac[i] & 15];
    }
    seal_place place = {"etl.quarantine", "sealed", {row_id, sizeof row_id}};
    buf_clear(&w->sealed);
    return seal_value(w->ring, &place, raw, &w->sealed);
}
