/*
 * agent.c - see agent.h.
 */
#include "agent.h"

#include <string.h>

/* version, kind, two zeros, size */
void ekok_agent_head_write(ekok_agent_head head, uint8_t out[EKOK_AGENT_HEAD])
{
    out[0] = EKOK_AGENT_VERSION;
    out[1] = head.kind;
    out[2] = out[3] = 0;
    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(head.size >> (24 - 8 * i));
}

bool ekok_agent_head_read(const uint8_t in[EKOK_AGENT_HEAD], ekok_agent_head *out)
{
    out->kind = in[1];
    out->size = 0;
    for (int i = 0; i < 4; i++)
        out->size = out->size << 8 | in[4 + i];
    return in[0] == EKOK_AGENT_VERSION && in[2] == 0 && in[3] == 0;
}

ekok_agent_out ekok_agent_write(uint8_t *memory, size_t room)
{
    return (ekok_agent_out){memory, 0, room, true};
}

static void put(ekok_agent_out *to, const void *bytes, size_t count)
{
    to->whole = to->whole && count <= to->room - to->size;
    if (!to->whole || count == 0)
        return;
    memcpy(to->at + to->size, bytes, count);
    to->size += count;
}

void ekok_agent_put_number(ekok_agent_out *to, uint32_t value, size_t bytes)
{
    uint8_t big[4];
    for (int i = 0; i < 4; i++)
        big[i] = (uint8_t)(value >> (24 - 8 * i));
    if (bytes > sizeof big || (bytes < sizeof big && value >> (8 * bytes) != 0)) {
        to->whole = false;
        return;
    }
    put(to, big + sizeof big - bytes, bytes);
}

void ekok_agent_put_text(ekok_agent_out *to, ekok_span text)
{
    to->whole = to->whole && text.n <= UINT8_MAX;
    ekok_agent_put_number(to, (uint32_t)(text.n & UINT8_MAX), 1);
    put(to, text.p, text.n);
}

void ekok_agent_put_bytes(ekok_agent_out *to, ekok_span bytes)
{
    to->whole = to->whole && bytes.n <= UINT32_MAX;
    ekok_agent_put_number(to, (uint32_t)(bytes.n & UINT32_MAX), 4);
    put(to, bytes.p, bytes.n);
}

ekok_span ekok_agent_take(ekok_agent_in *from, size_t count)
{
    from->whole = from->whole && count <= from->rest.n;
    if (!from->whole)
        return (ekok_span){"", 0};
    ekok_span taken = {from->rest.p, count};
    from->rest.p += count;
    from->rest.n -= count;
    return taken;
}

uint32_t ekok_agent_take_number(ekok_agent_in *from, size_t bytes)
{
    uint32_t value = 0;
    ekok_span taken = ekok_agent_take(from, bytes);
    for (size_t i = 0; i < taken.n; i++)
        value = value << 8 | (uint8_t)taken.p[i];
    return value;
}

ekok_span ekok_agent_take_text(ekok_agent_in *from)
{
    return ekok_agent_take(from, ekok_agent_take_number(from, 1));
}

ekok_span ekok_agent_take_bytes(ekok_agent_in *from)
{
    return ekok_agent_take(from, ekok_agent_take_number(from, 4));
}

bool ekok_agent_taken(const ekok_agent_in *from)
{
    return from->whole && from->rest.n == 0;
}
