/*
 * reading.c - see reading.h. The programs are hashed once in a process: they do not change under it.
 */
#include "job/reading.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "secret/file_hash.h"

enum { MARK_MAX = 4096 };

static bool hash_program(const char *path, char out[FILE_HASH_TEXT])
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &about) == 0 && file_hash(fd, about.st_size, out);
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* 64 hexadecimal digits of this program, and as many of the decoder; false when one cannot be read. */
static bool add_programs(buf *mark, const char *decoder)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char self[FILE_HASH_TEXT], other[FILE_HASH_TEXT]; /* empty: not hashed yet */
    (void)pthread_mutex_lock(&lock);
    bool good = (self[0] || hash_program("/proc/self/exe", self)) &&
                (other[0] || hash_program(decoder, other)) && buf_add_text(mark, self) &&
                buf_add_text(mark, other);
    (void)pthread_mutex_unlock(&lock);
    return good;
}

static bool add_keys(buf *mark, const sealer *keys)
{
    for (int purpose = 0; purpose < KEY_PURPOSES; purpose++) {
        uint8_t commitment[COMMITMENT_BYTES];
        uint32_t version = sealer_version(keys, (key_purpose)purpose);
        sealer_commitment(keys, (key_purpose)purpose, commitment);
        if (!buf_add(mark, &version, sizeof version) || !buf_add(mark, commitment, sizeof commitment))
            return false;
    }
    return true;
}

bool reading_of(const source_def *def, const sealer *keys, const char *decoder, uint8_t out[SHA256_BYTES])
{
    uint8_t definition[SHA256_BYTES];
    buf mark;
    buf_init(&mark, MARK_MAX);
    bool good = sha256_of((span){def->text, def->text_size}, definition) &&
                buf_add_text(&mark, "ekok reading 1") && buf_add(&mark, definition, sizeof definition) &&
                add_programs(&mark, decoder) && add_keys(&mark, keys) && sha256_of(buf_span(&mark), out);
    buf_free(&mark);
    return good;
}
