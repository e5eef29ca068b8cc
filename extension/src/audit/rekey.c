/*
 * rekey.c - see rekey.h. sql/registry/functions/audit_compare.sql makes the same digests from rows.
 */
#include "audit/rekey.h"

#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/json.h"

enum { DIGEST_BYTES = 16 };

struct ekok_rekey {
    TupleDesc row;
    int columns;
    AttrNumber *at; /* the key-made columns in the order in which jsonb keeps keys */
    StringInfoData digests, subject;
    StringInfoData first; /* name of the first row */
    pg_cryptohash_ctx *hash;
    int rows;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

bool ekok_is_sealed(Form_pg_attribute a)
{
    return !a->attisdropped && a->atttypid == BYTEAOID && ends_with(NameStr(a->attname), "_sealed");
}

/* audit.is_key_made() is this rule in SQL. */
static bool is_key_made(Form_pg_attribute a)
{
    const char *name = NameStr(a->attname);

    return ekok_is_sealed(a) || (!a->attisdropped && a->atttypid == BYTEAOID &&
                                 (ends_with(name, "_token") || strcmp(name, "row_mac") == 0 ||
                                  strcmp(name, "basis") == 0 || strcmp(name, "fingerprint") == 0));
}

static bool is_rotation(void)
{
    const char *purpose = GetConfigOption("ekok.purpose", true, false);

    return purpose != NULL && strncmp(purpose, "key rotation", 12) == 0;
}

/* jsonb keeps keys by length, then by bytes. */
static bool is_before(TupleDesc row, AttrNumber one, AttrNumber other)
{
    const char *x = NameStr(TupleDescAttr(row, one - 1)->attname);
    const char *y = NameStr(TupleDescAttr(row, other - 1)->attname);

    return strlen(x) != strlen(y) ? strlen(x) < strlen(y) : strcmp(x, y) < 0;
}

static void insert_column(ekok_rekey *r, AttrNumber at)
{
    int k = r->columns++;

    for (; k > 0 && is_before(r->row, at, r->at[k - 1]); k--)
        r->at[k] = r->at[k - 1];
    r->at[k] = at;
}

ekok_rekey *ekok_rekey_begin(TupleDesc row)
{
    ekok_rekey *r;

    if (!is_rotation())
        return NULL;
    r = palloc0(sizeof *r);
    r->row = row;
    r->at = palloc(sizeof *r->at * Max(row->natts, 1));
    for (int i = 0; i < row->natts; i++)
        if (is_key_made(TupleDescAttr(row, i)))
            insert_column(r, i + 1);
    if (r->columns == 0)
        return NULL;
    initStringInfo(&r->digests);
    initStringInfo(&r->subject);
    initStringInfo(&r->first);
    r->hash = pg_cryptohash_create(PG_SHA256);
    if (r->hash == NULL)
        elog(ERROR, "no memory to hash with");
    return r;
}

bool ekok_rekey_fits(const ekok_rekey *r, TupleTableSlot *old, TupleTableSlot *after)
{
    slot_getallattrs(old);
    slot_getallattrs(after);
    for (int i = 0; i < r->row->natts; i++) {
        Form_pg_attribute a = TupleDescAttr(r->row, i);

        if (a->attisdropped || is_key_made(a))
            continue;
        if (old->tts_isnull[i] != after->tts_isnull[i] ||
            (!old->tts_isnull[i] &&
             !datum_image_eq(old->tts_values[i], after->tts_values[i], a->attbyval, a->attlen)))
            return false;
    }
    return true;
}

static void add_hex(StringInfo out, const char *bytes, int count)
{
    enlargeStringInfo(out, 2 * count);
    out->len += hex_encode(bytes, count, out->data + out->len);
    out->data[out->len] = '\0';
}

static void write_subject(ekok_rekey *r, const char *name, TupleTableSlot *row)
{
    bool first = true;

    resetStringInfo(&r->subject);
    appendStringInfoString(&r->subject, name);
    appendStringInfoString(&r->subject, "\n{");
    for (int i = 0; i < r->columns; i++) {
        AttrNumber at = r->at[i];

        if (row->tts_isnull[at - 1])
            continue;
        bytea *value = DatumGetByteaPP(row->tts_values[at - 1]);
        appendStringInfoString(&r->subject, first ? "\"" : ", \"");
        appendStringInfoString(&r->subject, NameStr(TupleDescAttr(r->row, at - 1)->attname));
        appendStringInfoString(&r->subject, "\": \"\\\\x");
        add_hex(&r->subject, VARDATA_ANY(value), (int)VARSIZE_ANY_EXHDR(value));
        appendStringInfoChar(&r->subject, '"');
        first = false;
    }
    appendStringInfoChar(&r->subject, '}');
}

static void hash_subject(const ekok_rekey *r, uint8 out[PG_SHA256_DIGEST_LENGTH])
{
    if (pg_cryptohash_init(r->hash) < 0 ||
        pg_cryptohash_update(r->hash, (const uint8 *)r->subject.data, r->subject.len) < 0 ||
        pg_cryptohash_final(r->hash, out, PG_SHA256_DIGEST_LENGTH) < 0)
        elog(ERROR, "SHA-256 cannot be made: %s", pg_cryptohash_error(r->hash));
}

bool ekok_rekey_add(ekok_rekey *r, Datum row_name, TupleTableSlot *after)
{
    char *name = TextDatumGetCString(row_name);
    uint8 digest[PG_SHA256_DIGEST_LENGTH];

    slot_getallattrs(after);
    write_subject(r, name, after);
    hash_subject(r, digest);
    if (r->rows++ > 0)
        appendStringInfoChar(&r->digests, ',');
    else
        appendStringInfoString(&r->first, name);
    escape_json(&r->digests, name);
    appendStringInfoString(&r->digests, ":\"");
    add_hex(&r->digests, (const char *)digest, DIGEST_BYTES);
    appendStringInfoChar(&r->digests, '"');
    return r->rows >= EKOK_REKEY_ROWS;
}

bool ekok_rekey_is_empty(const ekok_rekey *r)
{
    return r->rows == 0;
}

ekok_entry ekok_rekey_entry(ekok_rekey *r)
{
    char *image = psprintf("{\"rows\": %d, \"digests\": {%s}}", r->rows, r->digests.data);
    ekok_entry entry = {.row_name = PointerGetDatum(cstring_to_text_with_len(r->first.data, r->first.len)),
                        .after = PointerGetDatum(cstring_to_text(image))};

    resetStringInfo(&r->digests);
    resetStringInfo(&r->first);
    r->rows = 0;
    return entry;
}

void ekok_rekey_end(ekok_rekey *r)
{
    pg_cryptohash_free(r->hash);
    pfree(r);
}
