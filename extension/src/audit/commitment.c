/*
 * commitment.c - see commitment.h. Salts are drawn many at once: a system call for each would cost as much as the
 * hash. SHA-256 is OpenSSL's, as the server's is: through the server's functions it would be looked up for each hash.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/commitment.h"

#include <openssl/sha.h>

#include "port/pg_bswap.h"

static const char DOMAIN[] = "ekok audit images\n";

struct ekok_committer {
    SHA256_CTX hash;
    int left; /* salts drawn and not used yet */
    uint8 drawn[EKOK_SALTS_DRAWN][EKOK_SALT_BYTES];
};

ekok_committer *ekok_committer_open(void)
{
    ekok_committer *c = palloc(sizeof *c);

    c->left = 0;
    return c;
}

void ekok_committer_close(ekok_committer *committer)
{
    explicit_bzero(committer->drawn, sizeof committer->drawn);
    pfree(committer);
}

static const uint8 *draw(ekok_committer *c)
{
    if (c->left == 0) {
        if (!pg_strong_random(c->drawn, sizeof c->drawn))
            ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("no random bytes for an audit entry"),
                    errhint("The change is not made, as its entry could not be sealed safely. Try again."));
        c->left = EKOK_SALTS_DRAWN;
    }
    return c->drawn[--c->left];
}

static Datum bytes_datum(const uint8 *bytes, int count)
{
    bytea *b = palloc(VARHDRSZ + (Size)count);

    SET_VARSIZE(b, VARHDRSZ + (Size)count);
    memcpy(VARDATA(b), bytes, (size_t)count);
    return PointerGetDatum(b);
}

/* A byte that tells whether there is an image; if so its length, 8 bytes, high first, and its text. */
static bool add_image(SHA256_CTX *hash, Datum image)
{
    uint8 head[1 + sizeof(uint64)] = {image != (Datum)0};
    uint64 told;

    if (image == (Datum)0)
        return SHA256_Update(hash, head, 1) == 1;
    const struct varlena *words = (const struct varlena *)DatumGetPointer(image);
    told = pg_hton64((uint64)VARSIZE_ANY_EXHDR(words));
    memcpy(head + 1, &told, sizeof told);
    return SHA256_Update(hash, head, sizeof head) == 1 &&
           SHA256_Update(hash, VARDATA_ANY(words), VARSIZE_ANY_EXHDR(words)) == 1;
}

void ekok_commit(ekok_committer *committer, Datum old, Datum after, Datum *salt, Datum *commitment)
{
    const uint8 *drawn = draw(committer);
    SHA256_CTX *hash = &committer->hash;
    uint8 out[SHA256_DIGEST_LENGTH];

    if (SHA256_Init(hash) != 1 || SHA256_Update(hash, DOMAIN, sizeof DOMAIN - 1) != 1 ||
        SHA256_Update(hash, drawn, EKOK_SALT_BYTES) != 1 || !add_image(hash, old) ||
        !add_image(hash, after) || SHA256_Final(out, hash) != 1)
        elog(ERROR, "an audit entry cannot be hashed");
    *salt = bytes_datum(drawn, EKOK_SALT_BYTES);
    *commitment = bytes_datum(out, sizeof out);
}
