/*
 * identity.c - see identity.h.
 */
#include "agent/identity.h"

static bool write_version(const key_facts *key, buf *out)
{
    uint8_t head[5];
    ekok_agent_out to = ekok_agent_write(head, sizeof head);
    ekok_agent_put_number(&to, key->version, 4);
    ekok_agent_put_number(&to, (uint32_t)key->state, 1);
    return to.whole && buf_add(out, head, sizeof head) && buf_add(out, key->commitment, COMMITMENT_BYTES);
}

bool identity_write(const keyring *ring, buf *out)
{
    bool good = true;
    for (int purpose = 0; good && purpose < KEY_PURPOSES; purpose++) {
        key_facts key[KEY_VERSIONS_MAX];
        size_t count = keyring_versions(ring, (key_purpose)purpose, key);
        good = buf_add_char(out, (char)count);
        for (size_t i = 0; good && i < count; i++)
            good = write_version(&key[i], out);
    }
    return good;
}

static bool read_version(ekok_agent_in *in, key_facts *out)
{
    out->version = ekok_agent_take_number(in, 4);
    uint32_t state = ekok_agent_take_number(in, 1);
    ekok_span commitment = ekok_agent_take(in, COMMITMENT_BYTES);
    if (!in->whole || state >= KEY_STATES)
        return false;
    out->state = (key_state)state;
    memcpy(out->commitment, commitment.p, COMMITMENT_BYTES);
    return true;
}

static bool read_purpose(ekok_agent_in *in, key_purpose purpose, key_identity *out)
{
    size_t count = ekok_agent_take_number(in, 1);
    bool active = false;
    if (!in->whole || count > KEY_VERSIONS_MAX)
        return false;
    out->count[purpose] = count;
    for (size_t i = 0; i < count; i++) {
        key_facts *key = &out->of[purpose][i];
        if (!read_version(in, key) || (active && key->state == KEY_ACTIVE))
            return false;
        if (key->state == KEY_ACTIVE) {
            active = true;
            out->active[purpose] = i;
        }
    }
    return active;
}

bool identity_read(span payload, key_identity *out)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    *out = (key_identity){.count = {0}};
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++)
        if (!read_purpose(&in, (key_purpose)purpose, out))
            return false;
    return ekok_agent_taken(&in);
}

static bool holds(const key_identity *now, int purpose, const key_facts *key)
{
    for (size_t i = 0; i < now->count[purpose]; i++)
        if (now->of[purpose][i].version == key->version)
            return memcmp(now->of[purpose][i].commitment, key->commitment, COMMITMENT_BYTES) == 0;
    return false;
}

bool identity_follows(const key_identity *now, const key_identity *before)
{
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++)
        for (size_t i = 0; i < before->count[purpose]; i++)
            if (!holds(now, purpose, &before->of[purpose][i]))
                return false;
    return true;
}
