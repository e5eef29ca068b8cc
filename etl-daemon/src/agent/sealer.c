/*
 * sealer.c - see sealer.h.
 */
#include "agent/sealer.h"

#include <pthread.h>
#include <stdlib.h>

#include "agent/client.h"
#include "agent/identity.h"
#include "base/log.h"

/* What the agent said last; it changes behind a sealer that is const to those who seal. */
typedef struct {
    pthread_mutex_t lock;
    key_identity keys;
} agent_keys;

struct sealer {
    keyring *ring; /* NULL: the agent */
    char socket[POST_SOCKET];
    agent_keys *agent;
};

static bool ask_identity(const sealer *s, buf *out, failure *f)
{
    agent_client c;
    client_init(&c, s->socket);
    bool good =
        client_ask(&c, (ekok_agent_head){EKOK_AGENT_DO_IDENTITY, 0}, span_of(""), out, f) == CLIENT_ANSWERED;
    client_close(&c);
    return good;
}

static bool learn_from_agent(sealer *s, failure *f)
{
    buf out;
    buf_init(&out, EKOK_AGENT_LARGE);
    s->agent = calloc(1, sizeof *s->agent);
    bool good = s->agent || fail(f, EXIT_INTERNAL, "no memory for what is known of keys");
    if (s->agent)
        (void)pthread_mutex_init(&s->agent->lock, NULL);
    good = good && ask_identity(s, &out, f) &&
           (identity_read(buf_span(&out), &s->agent->keys) ||
            fail(f, EXIT_KEYS, "the key agent at %s has other kinds of keys", s->socket));
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
    if (s->agent)
        (void)pthread_mutex_destroy(&s->agent->lock);
    free(s->agent);
    free(s);
}

static key_facts active_key(const sealer *s, key_purpose purpose)
{
    (void)pthread_mutex_lock(&s->agent->lock);
    key_facts key = s->agent->keys.of[purpose][s->agent->keys.active[purpose]];
    (void)pthread_mutex_unlock(&s->agent->lock);
    return key;
}

uint32_t sealer_version(const sealer *s, key_purpose purpose)
{
    return s->ring ? keyring_version(s->ring, purpose) : active_key(s, purpose).version;
}

size_t sealer_versions(const sealer *s, key_purpose purpose, key_facts out[KEY_VERSIONS_MAX])
{
    if (s->ring)
        return keyring_versions(s->ring, purpose, out);
    (void)pthread_mutex_lock(&s->agent->lock);
    size_t count = s->agent->keys.count[purpose];
    memcpy(out, s->agent->keys.of[purpose], count * sizeof *out);
    (void)pthread_mutex_unlock(&s->agent->lock);
    return count;
}

void sealer_commitment(const sealer *s, key_purpose purpose, uint8_t out[COMMITMENT_BYTES])
{
    if (s->ring) {
        keyring_commitment(s->ring, purpose, out);
    } else {
        key_facts key = active_key(s, purpose);
        memcpy(out, key.commitment, COMMITMENT_BYTES);
    }
}

const keyring *sealer_ring(const sealer *s)
{
    return s->ring;
}

const char *sealer_socket(const sealer *s)
{
    return s->socket;
}

bool sealer_follow(const sealer *s, span payload)
{
    key_identity now;
    if (!identity_read(payload, &now))
        return false;
    (void)pthread_mutex_lock(&s->agent->lock);
    bool follows = identity_follows(&now, &s->agent->keys);
    if (follows)
        s->agent->keys = now;
    (void)pthread_mutex_unlock(&s->agent->lock);
    return follows;
}

void sealer_look(const sealer *s)
{
    failure f = {.text = ""};
    buf out;
    if (s->ring) {
        if (!keyring_refresh(s->ring, &f))
            log_event(LOG_WARNING, NULL, "keys_unreadable", "problem=\"%s\" keys=as_before", f.text);
        return;
    }
    buf_init(&out, EKOK_AGENT_LARGE);
    if (ask_identity(s, &out, &f) && !sealer_follow(s, buf_span(&out)))
        log_event(LOG_WARNING, NULL, "key_agent_changed", "keys=others");
    buf_free(&out);
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
