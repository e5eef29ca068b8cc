/*
 * totp.c - SQL functions ekok.hotp(secret, counter, digits, hash) and ekok.code_equal(a, b): one-time codes
 * of RFC 4226 and RFC 6238 on PostgreSQL's own HMAC, and a comparison whose time tells nothing. Refuses to
 * know the clock or who tried how often: that is access.try_code's.
 */
#include "postgres.h"

#include "common/hmac.h"
#include "common/sha1.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "utils/builtins.h"

typedef struct {
    const char *name;
    pg_cryptohash_type type;
    int length;
} hash_kind;

static const hash_kind kinds[] = {{"sha1", PG_SHA1, SHA1_DIGEST_LENGTH},
                                  {"sha256", PG_SHA256, PG_SHA256_DIGEST_LENGTH},
                                  {"sha512", PG_SHA512, PG_SHA512_DIGEST_LENGTH}};

static const hash_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < lengthof(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("one-time codes know no hash of that name"), errhint("It is sha1, sha256 or sha512."));
    return NULL;
}

/* HMAC of the counter, big-endian; digest has kind->length bytes. */
static void mac_of(const hash_kind *kind, bytea *secret, int64 counter, uint8 *digest)
{
    uint8 moving[8];
    pg_hmac_ctx *mac = pg_hmac_create(kind->type);

    for (int i = 7; i >= 0; i--, counter >>= 8)
        moving[i] = (uint8)(counter & 0xff);
    if (mac == NULL || pg_hmac_init(mac, (uint8 *)VARDATA_ANY(secret), VARSIZE_ANY_EXHDR(secret)) < 0 ||
        pg_hmac_update(mac, moving, sizeof moving) < 0 ||
        pg_hmac_final(mac, digest, (size_t)kind->length) < 0)
        elog(ERROR, "the HMAC of a one-time code failed");
    pg_hmac_free(mac);
}

PG_FUNCTION_INFO_V1(hotp);

Datum hotp(PG_FUNCTION_ARGS)
{
    const hash_kind *kind = find_kind(text_to_cstring(PG_GETARG_TEXT_PP(3)));
    int digits = PG_GETARG_INT32(2);
    uint8 digest[PG_SHA512_DIGEST_LENGTH];
    uint32 power = 1, number;
    char code[16];
    int offset;

    if (digits < 6 || digits > 8 || VARSIZE_ANY_EXHDR(PG_GETARG_BYTEA_PP(0)) < 16)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("a one-time code has 6 to 8 digits and a secret of at least 16 bytes"));
    mac_of(kind, PG_GETARG_BYTEA_PP(0), PG_GETARG_INT64(1), digest);
    offset = digest[kind->length - 1] & 0x0f;
    number = ((uint32)digest[offset] & 0x7f) << 24 | (uint32)digest[offset + 1] << 16 |
             (uint32)digest[offset + 2] << 8 | (uint32)digest[offset + 3];
    for (int i = 0; i < digits; i++)
        power *= 10;
    snprintf(code, sizeof code, "%0*u", digits, number % power);
    PG_RETURN_TEXT_P(cstring_to_text(code));
}

PG_FUNCTION_INFO_V1(code_equal);

Datum code_equal(PG_FUNCTION_ARGS)
{
    text *a = PG_GETARG_TEXT_PP(0), *b = PG_GETARG_TEXT_PP(1);
    int length = (int)VARSIZE_ANY_EXHDR(a);
    const volatile char *x = VARDATA_ANY(a), *y = VARDATA_ANY(b);
    int differs = 0;

    if (length != (int)VARSIZE_ANY_EXHDR(b))
        PG_RETURN_BOOL(false);
    for (int i = 0; i < length; i++)
        differs |= x[i] ^ y[i];
    PG_RETURN_BOOL(differs == 0);
}
