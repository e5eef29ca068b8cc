/*
 * load_writer.c - the sealing of a whole record. Its row id in the seal is the hex of its MAC: a quarantined
 * record may have no id of its own that could be trusted.
 */
#include "load/load_writer.h"

#include "load/copy_text.h"

void load_writer_init(load_writer *w, const sealer *keys, size_t row_bytes)
{
    seal_batch_init(&w->seal, keys);
    w->row_bytes = row_bytes;
}

void load_writer_free(load_writer *w)
{
    seal_batch_free(&w->seal);
}

bool load_identifier_add(load_writer *w, const load_identifier *what, buf *out)
{
    if (!*what->clear)
        return copy_null(out) && copy_next(out) && copy_null(out) && copy_next(out);
    return *what->subject && copy_bytes(out, NULL, 0) &&
           seal_batch_value(&w->seal, &what->place, span_of(what->clear), out) && copy_next(out) &&
           copy_bytes(out, NULL, 0) &&
           seal_batch_token(&w->seal, what->purpose, span_of(what->subject), out) && copy_next(out);
}

bool load_content_mac(load_writer *w, span canonical, buf *out)
{
    return copy_bytes(out, NULL, 0) && seal_batch_content_mac(&w->seal, canonical, out);
}

bool load_record_mac(load_writer *w, span raw, buf *out)
{
    static const seal_place place = {"etl.quarantine", "sealed", {NULL, 0}};
    if (raw.n > w->row_bytes)
        raw.n = w->row_bytes;
    return copy_bytes(out, NULL, 0) && seal_batch_record_mac(&w->seal, &place, raw, out);
}

bool load_record_sealed(load_writer *w, buf *out)
{
    return copy_bytes(out, NULL, 0) && seal_batch_record(&w->seal, out);
}
