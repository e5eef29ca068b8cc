/*
 * load_bad.c - quarantine lines. Refuses to write any value of the record in the clear, but its id.
 */
#include "load/load_bad.h"

#include "base/json_text.h"
#include "load/copy_text.h"

enum { REASONS_JSON_MAX = 8192 };

static bool add_reason(buf *out, const reason *r, int line)
{
    bool good = buf_add_text(out, "{\"reason\":") && json_add_string(out, reason_name(r->code));
    if (r->field != TARGET_COUNT)
        good = good && buf_add_text(out, ",\"field\":") && json_add_string(out, target_name(r->field));
    if (r->position > 0)
        good = good && buf_printf(out, ",\"position\":%d", r->position);
    if (line > 0)
        good = good && buf_printf(out, ",\"line\":%d", line);
    if (r->detail)
        good = good && buf_add_text(out, ",\"detail\":") && json_add_string(out, r->detail);
    return good && buf_add_char(out, '}');
}

bool load_reasons_json(const reason_list *reasons, int line, buf *out)
{
    if (!buf_add_char(out, '['))
        return false;
    for (size_t i = 0; i < reasons->count; i++)
        if ((i > 0 && !buf_add_char(out, ',')) || !add_reason(out, &reasons->item[i], line))
            return false;
    return buf_add_char(out, ']');
}

static bool usable_id(span id)
{
    if (id.n == 0 || id.n > target_ceiling(TARGET_RECORD_ID) || !copy_text_fits(id))
        return false;
    for (size_t i = 0; i < id.n; i++)
        if ((unsigned char)id.p[i] < 0x20 || id.p[i] == 0x7F)
            return false;
    return true;
}

static bool add_reasons(const bad_record *bad, buf *out)
{
    buf json;
    buf_init(&json, REASONS_JSON_MAX);
    bool good = load_reasons_json(bad->reasons, bad->line, &json) && copy_text(out, buf_span(&json));
    buf_free(&json);
    return good;
}

bool load_bad(load_writer *w, const bad_record *bad, buf *out)
{
    bool id = usable_id(bad->record_id) ? copy_text(out, bad->record_id) : copy_null(out);
    return id && copy_next(out) && load_record_mac(w, bad->raw, out) && copy_next(out) &&
           add_reasons(bad, out) && copy_next(out) && load_record_sealed(w, out) && copy_end(out);
}
