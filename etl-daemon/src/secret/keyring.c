/*
 * keyring.c - opens, makes and closes a keyring. Refuses what key_file.h refuses.
 */
#include "secret/keyring.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "secret/key_file.h"
#include "secret/keyring_parse.h"
#include "secret/keyring_private.h"
#include "secret/seal.h"
#include "secret/worker.h"

static size_t region_size(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (sizeof(keyring) + page - 1) / page * page;
}

/* A child is left without the region instead of with a wiped one: zeros would seal under a known key. */
keyring *keyring_new(failure *f)
{
    static atomic_uint_fast64_t last_serial;
    size_t size = region_size();
    keyring *ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ring == MAP_FAILED) {
        fail(f, EXIT_KEYS, "no memory for keys: %s", strerror(errno));
        return NULL;
    }
    if (mlock(ring, size) != 0 || madvise(ring, size, MADV_DONTDUMP) != 0 ||
        madvise(ring, size, MADV_DONTFORK) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
        fail(
            f, EXIT_KEYS,
            "keys cannot be locked in memory: %s; raise the limit on locked memory (LimitMEMLOCK, ulimit -l)",
            strerror(errno));
        munmap(ring, size);
        return NULL;
    }
    ring->serial = atomic_fetch_add(&last_serial, 1) + 1;
    return ring;
}

/* Wipes before the memory goes back; the calling thread's contexts go as well. */
void keyring_close(keyring *ring)
{
    if (!ring)
        return;
    worker_drop();
    if (mprotect(ring, region_size(), PROT_READ | PROT_WRITE) == 0)
        wipe(ring, sizeof *ring);
    munmap(ring, region_size());
}

static bool commit_to_keys(keyring *ring, failure *f)
{
    static const char subject[] = "ekok commitment";
    for (int i = 0; i < KEY_PURPOSES; i++) {
        size_t size = 0;
        if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, ring->key[i], KEY_BYTES,
                       (const unsigned char *)subject, sizeof subject - 1, ring->commitment[i],
                       COMMITMENT_BYTES, &size) ||
            size != COMMITMENT_BYTES)
            return fail(f, EXIT_KEYS, "OpenSSL cannot make an HMAC-SHA-256");
    }
    return true;
}

keyring *keyring_open(const char *path, failure *f)
{
    keyring *ring = keyring_new(f);
    size_t size;
    if (!ring)
        return NULL;
    if (key_file_read(path, ring->text, sizeof ring->text, &size, f) && keyring_parse(ring, path, size, f) &&
        commit_to_keys(ring, f)) {
        wipe(ring->text, sizeof ring->text);
        if (mprotect(ring, region_size(), PROT_READ) == 0)
            return ring;
        fail(f, EXIT_KEYS, "keys cannot be made read-only: %s", strerror(errno));
    }
    keyring_close(ring);
    return NULL;
}

/* The text of a new key file with random keys, in the ring's locked memory; its size, or 0. */
static size_t write_text(keyring *ring)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = (size_t)snprintf(ring->text, sizeof ring->text, "ekok-keys 1\n");
    for (int i = 0; i < KEY_PURPOSES; i++) {
        if (RAND_priv_bytes(ring->key[i], KEY_BYTES) != 1)
            return 0;
        at += (size_t)snprintf(ring->text + at, sizeof ring->text - at, "%s 1 ",
                               key_purpose_name((key_purpose)i));
        for (int k = 0; k < KEY_BYTES; k++) {
            ring->text[at++] = hex[ring->key[i][k] >> 4];
            ring->text[at++] = hex[ring->key[i][k] & 15];
        }
        ring->text[at++] = '\n';
    }
    return at;
}

bool keyring_create(const char *path, failure *f)
{
    keyring *ring = keyring_new(f);
    if (!ring)
        return false;
    size_t size = write_text(ring);
    bool created = size > 0 ? key_file_create(path, (span){ring->text, size}, f)
                            : fail(f, EXIT_KEYS, "OpenSSL gives no random bytes");
    keyring_close(ring);
    return created;
}

const char *key_purpose_name(key_purpose purpose)
{
    static const char *const name[KEY_PURPOSES] = {
        "data", "token_nid", "token_brn", "token_mobile", "token_wallet", "token_account", "row"};
    return name[purpose];
}

uint32_t keyring_version(const keyring *ring, key_purpose purpose)
{
    return ring->version[purpose];
}

void keyring_commitment(const keyring *ring, key_purpose purpose, uint8_t out[COMMITMENT_BYTES])
{
    memcpy(out, ring->commitment[purpose], COMMITMENT_BYTES);
}

bool mac_equal(const void *a, const void *b, size_t count)
{
    return CRYPTO_memcmp(a, b, count) == 0;
}
