/*
 * fuzz_spdci.c - any bytes as an answer of an SP-DCI registry, read whole and byte by byte, and any token as a JWS of a
 * key that signed none: nothing but the truth is verified, and nothing answers a message that it cannot know.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode/decode.h"
#include "decode/spdci.h"
#include "feed.h"
#include "secret/jws.h"
#include "source/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_record(void *context, const raw_record *record, const reason_list *damaged)
{
    must(record->bytes.n > 0 && record->bytes.n <= 4096 && (record->count == 0 || damaged->count == 0));
    ++*(size_t *)context;
    return true;
}

static span said_at(const decoder *d, int i)
{
    span text;
    return decoder_envelope(d, i, &text) ? text : (span){NULL, 0};
}

/* The transaction is one that no input holds. */
static void judge(const decoder *d, failure *f)
{
    static const source_def def = {
        .style = PAGING_SEARCH, .format = FORMAT_SPDCI, .search = {.sender = "us", .receiver = "SR"}};
    const paging at = {.def = &def, .number = 1, .asked = "\1\2 no JSON is read to this"};
    const search_said said = {said_at(d, SPDCI_SENDER),    said_at(d, SPDCI_RECEIVER),
                              said_at(d, SPDCI_TIME),      said_at(d, SPDCI_TRANSACTION),
                              said_at(d, SPDCI_REFERENCE), said_at(d, SPDCI_PAGE),
                              said_at(d, SPDCI_REASON)};
    time_t then;
    if (search_time(said.time, &then))
        must(said.time.n >= 17);
    must(!search_answers(&at, &said, 0, f));
}

static size_t read_page(span page, size_t chunk, failure *f)
{
    size_t records = 0;
    const decode_options options = {
        .format = FORMAT_SPDCI, .row_bytes = 4096, .on_record = on_record, .context = &records};
    decoder *d = decoder_new(&options);
    if (feed_page(d, page, chunk, f))
        judge(d, f);
    decoder_free(d);
    return records;
}

static jws_key *make_key(void)
{
    failure f;
    char path[40];
    int fd = memfd_create("key", 0);
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *out = fdopen(dup(fd), "w");
    must(pair != NULL && out != NULL && PEM_write_PUBKEY(out, pair) == 1 && fclose(out) == 0);
    EVP_PKEY_free(pair);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    jws_key *key = jws_key_read(path, &f);
    close(fd);
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static jws_key *key;
    span page = {(const char *)data, size}, token = {NULL, 0};
    failure whole, pieces, f;
    buf out;
    if (key == NULL)
        key = make_key();
    must(key != NULL);
    must(read_page(page, size + 1, &whole) == read_page(page, 1, &pieces) &&
         strcmp(whole.text, pieces.text) == 0);
    buf_init(&out, size + 4);
    if (spdci_signature(page, &token)) {
        must(token.n == 0 || (token.p > page.p && token.p + token.n < page.p + page.n));
        must(!jws_open(key, token, &out, &f) && out.size == 0);
    }
    must(!jws_open(key, page, &out, &f) && out.size == 0);
    buf_free(&out);
    return 0;
}
