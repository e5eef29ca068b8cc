/*
 * sealer.c - see sealer.h.
 */
#include "agent/sealer.h"

#include <stdlib.h>

#include "agent/client.h"

enum { KEY_SIZE = 4 + COMMITMENT_BYTES, KEYS_SIZE = KEY_PURPOSES * KEY_SIZE };

struct sealer {
    keyring *ring; /* NULL: the agent */
    char socket[POST_SOCKET];
    uint32_t version[KEY_PURPOSES]; /* of the agent's keys, when it was asked */
    uint8_t commitment[KEY_PURPOSES][COMMITMENT_BYTES];
};

static bool learn_from_agent(sealer *s, failure *f)
{
    agent_client c;
    buf out;
    client_init(&c, s->socket);
    buf_init(&out, EKOK_AGENT_SMALL);
    bool good =
        client_ask(&c, (ekok_agent_head){EKOK_AGENT_DO_IDENTITY, 0}, span_of(""), &out, f) == CLIENT_ANSWERED;
    good = good && (out.size == KEYS_SIZE ||
                    fail(f, EXIT_KEYS, "the key agent at %s has other kinds of keys", s->socket));
    if (good) {
        ekok_agent_in in = {{out.data, out.size}, true};
        for (int i = 0; i < KEY_PURPOSES; i++) {
            s->version[i] = ekok_agent_take_number(&in, 4);
            memcpy(s->commitment[i], ekok_agent_take(&in, COMMITMENT_BYTES).p, COMMITMENT_BYTES);
        }
    }
    client_close(&c);
    buf_free(&out);
    return good;
}

sealer *sealer_open(const char *key_file, const char *socket, failure *f)
{
    sealer *s = calloc(1, sizeof *s);
    if (!s || !*key_file == !*socket) {
        (void)fail(f, EXIT_CONFIG, "one of both is needed in the configuration: [keys] file or [keys] agent");
        free(s);
        return NULL;
    }
    bool fits = strlen(socket) < sizeof s->socket;
    if (fits)
        memcpy(s->socket, socket, strlen(socket));
    if (!fits)
        (void)fail(f, EXIT_CONFIG, "[keys] agent: a socket's path has %d bytes at most", POST_SOCKET - 1);
    bool good = fits && (*socket ? learn_from_agent(s, f) : (s->ring = keyring_open(key_file, f)) != NULL);
    if (good)
        return s;
    sealer_close(s);
    return NULL;
}

void sealer_close(sealer *s)
{
    if (!s)
        return;
    keyring_close(s->ring);
    free(s);
}

uint32_t sealer_version(const sealer *s, key_purpose purpose)
{
    return s->ring ? keyring_version(s->ring, purpose) : s->version[purpose];
}

size_t sealer_versions(const sealer *s, key_purpose purpose, key_facts out[KEY_VERSIONS_MAX])
{
    if (s->ring)
        return keyring_versions(s->ring, purpose, out);
    out[0] = (key_facts){.version = s->version[purpose], .state = KEY_ACTIVE};
    memcpy(out[0].commitment, s->commitment[purpose], COMMITMENT_BYTES);
    return 1;
}

void sealer_commitment(const sealer *s, key_purpose purpose, uint8_t out[COMMITMENT_BYTES])
{
    if (s->ring)
        keyring_commitment(s->ring, purpose, out);
    else
        memcpy(out, s->commitment[purpose], COMMITMENT_BYTES);
}

const keyring *sealer_ring(const sealer *s)
{
    return s->ring;
}

const char *sealer_socket(const sealer *s)
{
    return s->socket;
}

bool sealer_same_keys(const sealer *s, span payload)
{
    ekok_agent_in in = {{payload.p, payload.n}, true};
    bool same = payload.n == KEYS_SIZE;
    for (int i = 0; same && i < KEY_PURPOSES; i++)
        same = ekok_agent_take_number(&in, 4) == s->version[i] &&
               memcmp(ekok_agent_take(&in, COMMITMENT_BYTES).p, s->commitment[i], COMMITMENT_BYTES) == 0;
    return same;
}

static ekok_span text_of(const char *text)
{
    return (ekok_span){text, strlen(text)};
}

/* Table, column, row id behind a first byte. */
static void put_place(ekok_agent_out *to, const seal_place *place)
{
    ekok_agent_put_text(to, text_of(place->table));
    ekok_agent_put_text(to, text_of(place->column));
    ekok_agent_put_text(to, (ekok_span){place->row_id.p, place->row_id.n});
}

bool sealer_put_seal(buf *to, const seal_place *place, span clear)
{
    size_t most = 4 + 3 * 256 + 4 + clear.n;
    if (!buf_reserve(to, most))
        return false;
    ekok_agent_out out = ekok_agent_write((uint8_t *)to->data + to->size, most);
    ekok_agent_put_number(&out, 'S', 1);
    put_place(&out, place);
    ekok_agent_put_bytes(&out, (ekok_span){clear.p, clear.n});
    to->size += out.whole ? out.size : 0;
    return out.whole;
}

/* One request on a connection of its own; the answer's payload in out. */
static bool ask_once(const sealer *s, ekok_agent_kind kind, buf *request, buf *out, failure *f)
{
    agent_client c;
    client_init(&c, s->socket);
    bool good =
        client_ask(&c, (ekok_agent_head){(uint8_t)kind, 0}, buf_span(request), out, f) == CLIENT_ANSWERED;
    client_close(&c);
    return good;
}

static void forget(buf *clear)
{
    if (clear->data)
        wipe(clear->data, clear->size);
    buf_free(clear);
}

bool sealer_seal(const sealer *s, const seal_place *place, span clear, buf *out, failure *f)
{
    buf request, answer;
    if (s->ring)
        return seal_value(s->ring, place, clear, out) || fail(f, EXIT_INTERNAL, "a value cannot be sealed");
    buf_init(&request, EKOK_AGENT_LARGE);
    buf_init(&answer, EKOK_AGENT_LARGE);
    bool good =
        sealer_put_seal(&request, place, clear) || fail(f, EXIT_INTERNAL, "no memory to seal a value");
    good = good && ask_once(s, EKOK_AGENT_DO_BATCH, &request, &answer, f) &&
           ((answer.size == clear.n + SEAL_OVERHEAD && buf_add(out, answer.data, answer.size)) ||
            fail(f, EXIT_INTERNAL, "no memory for a sealed value"));
    forget(&request);
    buf_free(&answer);
    return good;
}

static bool put_opening(buf *to, const sealed_value *value)
{
    size_t most = 5 * 256 + 4 + value->sealed.n;
    if (!buf_reserve(to, most))
        return false;
    ekok_agent_out out = ekok_agent_write((uint8_t *)to->data, most);
    put_place(&out, &value->place);
    ekok_agent_put_text(&out, text_of(value->reason.why ? value->reason.why : ""));
    ekok_agent_put_text(&out, text_of(value->reason.topic ? value->reason.topic : ""));
    ekok_agent_put_bytes(&out, (ekok_span){value->sealed.p, value->sealed.n});
    to->size = out.whole ? out.size : 0;
    return out.whole;
}

bool sealer_unseal(const sealer *s, const sealed_value *value, opened_value *out, failure *f)
{
    buf request, answer;
    if (s->ring)
        return open_value(s->ring, &value->place, value->sealed, out, f);
    buf_init(&request, EKOK_AGENT_LARGE);
    buf_init(&answer, EKOK_AGENT_LARGE);
    bool good = put_opening(&request, value) ||
                fail(f, EXIT_USAGE, "a purpose or a case is longer than %d bytes", EKOK_AGENT_WHY);
    good = good && ask_once(s, EKOK_AGENT_DO_OPEN, &request, &answer, f) &&
           (answer.size <= out->room || fail(f, EXIT_KEYS, "the value in %s.%s is longer than %zu bytes",
                                             value->place.table, value->place.column, out->room));
    if (good) {
        if (answer.size)
            memcpy(out->bytes, answer.data, answer.size);
        out->size = answer.size;
    }
    buf_free(&request);
    forget(&answer);
    return good;
}
