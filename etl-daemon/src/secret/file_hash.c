/* file_hash.c - see file_hash.h. Reads by position: the file's own offset stays where it is. */
#include "secret/file_hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include "secret/seal.h"

enum { PIECE = 32768 };

static bool add_pieces(EVP_MD_CTX *context, int fd, int64_t bytes)
{
    char piece[PIECE];
    bool good = true;

    for (int64_t at = 0; at < bytes && good;) {
        size_t wanted = bytes - at < PIECE ? (size_t)(bytes - at) : PIECE;
        ssize_t n = pread(fd, piece, wanted, at);
        good = n > 0 && EVP_DigestUpdate(context, piece, (size_t)n) == 1;
        at += n;
    }
    wipe(piece, sizeof piece);
    return good;
}

bool file_hash(int fd, int64_t bytes, char out[FILE_HASH_TEXT])
{
    static const char digit[] = "0123456789abcdef";
    unsigned char hash[SHA256_BYTES];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                add_pieces(context, fd, bytes) && EVP_DigestFinal_ex(context, hash, NULL) == 1;

    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < SHA256_BYTES && good; i++) {
        out[2 * i] = digit[hash[i] >> 4];
        out[2 * i + 1] = digit[hash[i] & 15];
    }
    out[good ? 2 * SHA256_BYTES : 0] = '\0';
    return good;
}
