/*
 * tls_files.c - see tls_files.h.
 */
#include "secret/tls_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <unistd.h>

#include "secret/locked.h"

/* A bundle of authorities may be a whole system's. */
enum { CA_MAX = 1 << 20, CERTIFICATE_MAX = 64 << 10, KEY_MAX = 16 << 10 };

typedef struct {
    char *text; /* ends with a NUL */
    size_t size, room;
} pem_text;

struct tls_files {
    pem_text ca, certificate, key;
};

static bool read_text(const char *path, pem_text *out, failure *f)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(f, EXIT_CONFIG, "%s: cannot be read; see [tls] in the configuration", path);
    ssize_t n = 1;
    while (n > 0 && out->size < out->room - 1) {
        n = read(fd, out->text + out->size, out->room - 1 - out->size);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            out->size += (size_t)n;
    }
    (void)close(fd);
    if (n < 0)
        return fail(f, EXIT_CONFIG, "%s: cannot be read: %s", path, strerror(errno));
    return (n == 0 && out->size > 0) ||
           fail(f, EXIT_CONFIG, "%s: is empty, or longer than %zu bytes", path, out->room - 1);
}

/* What anybody may know. */
static bool read_open(const char *path, size_t room, pem_text *out, failure *f)
{
    out->room = room;
    out->text = calloc(1, room);
    return out->text ? read_text(path, out, f) : fail(f, EXIT_INTERNAL, "no memory for %s", path);
}

static bool read_secret(const char *path, size_t room, pem_text *out, failure *f)
{
    out->room = room;
    out->text = locked_new(room, f);
    return out->text && read_text(path, out, f);
}

static BIO *bio_of(const pem_text *text)
{
    return BIO_new_mem_buf(text->text, (int)text->size);
}

static X509 *first_certificate(const pem_text *text)
{
    BIO *in = bio_of(text);
    X509 *found = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    BIO_free(in);
    return found;
}

/* A key under a password is none that a service can use: nobody is asked for it. */
static int no_password(char *out, int room, int writing, void *context)
{
    (void)out, (void)room, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *private_key(const pem_text *text)
{
    BIO *in = bio_of(text);
    EVP_PKEY *found = in ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;
    BIO_free(in);
    return found;
}

static bool check_authorities(const tls_files *t, const char *path, failure *f)
{
    X509 *first = first_certificate(&t->ca);
    bool good = first != NULL;
    X509_free(first);
    return good || fail(f, EXIT_CONFIG, "%s: holds no certificate in PEM; see [tls] ca", path);
}

static bool check_pair(const tls_files *t, const tls_paths *from, failure *f)
{
    X509 *ours = first_certificate(&t->certificate);
    EVP_PKEY *key = private_key(&t->key);
    bool good = ours || fail(f, EXIT_CONFIG, "%s: holds no certificate in PEM; see [tls] certificate",
                             from->certificate);
    good =
        good && (key || fail(f, EXIT_CONFIG,
                             "%s: holds no private key in PEM that opens without a password; see [tls] key",
                             from->key));
    good = good && (X509_check_private_key(ours, key) == 1 ||
                    fail(f, EXIT_CONFIG,
                         "%s: is not the key of the certificate in %s; put both in place, then reload",
                         from->key, from->certificate));
    X509_free(ours);
    EVP_PKEY_free(key);
    return good;
}

tls_files *tls_files_read(const tls_paths *from, failure *f)
{
    tls_files *t = calloc(1, sizeof *t);
    if (!t)
        (void)fail(f, EXIT_INTERNAL, "no memory for certificates");
    if (t && read_open(from->ca, CA_MAX, &t->ca, f) &&
        read_open(from->certificate, CERTIFICATE_MAX, &t->certificate, f) &&
        read_secret(from->key, KEY_MAX, &t->key, f) && check_authorities(t, from->ca, f) &&
        check_pair(t, from, f))
        return t;
    tls_files_free(t);
    return NULL;
}

void tls_files_free(tls_files *t)
{
    if (!t)
        return;
    free(t->ca.text);
    free(t->certificate.text);
    locked_free(t->key.text, t->key.room);
    free(t);
}

static span span_of_text(const pem_text *text)
{
    return (span){text->text, text->size};
}

span tls_files_ca(const tls_files *t)
{
    return span_of_text(&t->ca);
}

span tls_files_certificate(const tls_files *t)
{
    return span_of_text(&t->certificate);
}

span tls_files_key(const tls_files *t)
{
    return span_of_text(&t->key);
}
