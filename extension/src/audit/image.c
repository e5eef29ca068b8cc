/*
 * image.c - see image.h. The types that registry tables are made of are written here; any other goes through
 * to_jsonb, under settings of our own.
 */
#include "audit/image.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef enum {
    AS_TEXT,
    AS_INTEGER,
    AS_NUMERIC,
    AS_BOOLEAN,
    AS_BYTES,
    AS_TIME,
    AS_UUID,
    AS_OUTPUT,
    AS_JSONB
} way;

typedef struct {
    const char *key;
    char *name; /* the key as it stands in the image: a comma, a space, quoted, a colon, a space */
    int name_bytes;
    AttrNumber at;
    Oid type; /* below any domain */
    way how;
    FmgrInfo convert; /* output function or to_jsonb */
    Datum time;       /* the last one that was written, and its text: rows of a statement share times */
    char time_text[MAXDATELEN + 1];
} column;

enum { IMAGE_GUESS_MIN = 256, IMAGE_GUESS_MAX = 8192 };

typedef struct {
    AttrNumber at;
    Oid type; /* below any domain */
    FmgrInfo output;
} key_column;

struct ekok_image_writer {
    int columns;
    bool needs_settings;
    int last_bytes; /* of the last image: the next is about as large */
    column *column; /* in the order in which jsonb keeps keys */
    int key_columns;
    key_column *key;
};

static way way_of(Oid type)
{
    switch (type) {
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
        return AS_TEXT;
    case INT2OID:
    case INT4OID:
    case INT8OID:
        return AS_INTEGER;
    case NUMERICOID:
        return AS_NUMERIC;
    case BOOLOID:
        return AS_BOOLEAN;
    case BYTEAOID:
        return AS_BYTES;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
        return AS_TIME;
    case UUIDOID:
        return AS_UUID;
    case NAMEOID:
        return AS_OUTPUT;
    default:
        return AS_JSONB;
    }
}

/* to_jsonb learns its argument's type from the expression that calls it. */
static void prepare_to_jsonb(FmgrInfo *info, Oid type)
{
    Const *argument = makeConst(type, -1, InvalidOid, -2, (Datum)0, true, false);

    fmgr_info(F_TO_JSONB, info);
    fmgr_info_set_expr((Node *)makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid,
                                            InvalidOid, COERCE_EXPLICIT_CALL),
                       info);
}

static void prepare_output(FmgrInfo *info, Oid type)
{
    Oid output;
    bool varlena;

    getTypeOutputInfo(type, &output, &varlena);
    fmgr_info(output, info);
}

/* Does any of eight letters need an escape: a control letter, a quote, a backslash? By bytes of one word. */
static bool needs_escape(const char *letters)
{
    const uint64 ones = UINT64CONST(0x0101010101010101), highs = ones << 7;
    uint64 word;

    memcpy(&word, letters, sizeof word);
    uint64 quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    uint64 small = (word - ones * ' ') & ~word, quotes = (quote - ones) & ~quote,
           backslashes = (backslash - ones) & ~backslash;
    return ((small | quotes | backslashes) & highs) != 0;
}

static bool is_plain(const char *letters, int bytes)
{
    int i = 0;

    for (; i + (int)sizeof(uint64) <= bytes; i += (int)sizeof(uint64))
        if (needs_escape(letters + i))
            return false;
    for (; i < bytes; i++)
        if ((unsigned char)letters[i] < ' ' || letters[i] == '"' || letters[i] == '\\')
            return false;
    return true;
}

/* Room at the end of what is written, where so many bytes are then put. */
static inline char *extend(StringInfo out, int bytes)
{
    if (out->maxlen - out->len <= bytes)
        enlargeStringInfo(out, bytes);
    char *at = out->data + out->len;
    out->len += bytes;
    return at;
}

static void add_letters(StringInfo out, const char *letters, int bytes)
{
    if (!is_plain(letters, bytes)) {
        escape_json(out, pnstrdup(letters, (Size)bytes));
        return;
    }
    char *at = extend(out, bytes + 2);
    *at = '"';
    memcpy(at + 1, letters, (size_t)bytes);
    at[bytes + 1] = '"';
}

/* Four bytes as eight digits: each half of a byte in a byte of its own, ten and above moved on to the letters. */
static inline void put_hex_word(const uint8 *bytes, char *at)
{
    const uint64 ones = UINT64CONST(0x0101010101010101);
    uint64 halves =
        ((uint64)bytes[0] | (uint64)bytes[1] << 16 | (uint64)bytes[2] << 32 | (uint64)bytes[3] << 48);

    halves =
        (halves >> 4 & UINT64CONST(0x000f000f000f000f)) | (halves << 8 & UINT64CONST(0x0f000f000f000f00));
    uint64 above = (halves + ones * 6) >> 4 & ones;
    uint64 digits = halves + ones * '0' + above * ('a' - '0' - 10);
#ifdef WORDS_BIGENDIAN
    digits = pg_bswap64(digits);
#endif
    memcpy(at, &digits, sizeof digits);
}

static void put_hex(const uint8 *bytes, int count, char *at)
{
    static const char digit[] = "0123456789abcdef";

    for (; count >= 4; count -= 4, bytes += 4, at += 8)
        put_hex_word(bytes, at);
    for (; count > 0; count--, bytes++, at += 2) {
        at[0] = digit[*bytes >> 4];
        at[1] = digit[*bytes & 15];
    }
}

static void add_quoted(StringInfo out, const char *letters)
{
    add_letters(out, letters, (int)strlen(letters));
}

static void describe(column *c, Form_pg_attribute attribute)
{
    StringInfoData name;

    initStringInfo(&name);
    c->key = NameStr(attribute->attname);
    appendStringInfoString(&name, ", ");
    add_quoted(&name, c->key);
    appendStringInfoString(&name, ": ");
    c->name = name.data;
    c->name_bytes = name.len;
    c->at = attribute->attnum;
    c->type = getBaseType(attribute->atttypid);
    c->how = way_of(c->type);
    if (c->how == AS_JSONB)
        prepare_to_jsonb(&c->convert, attribute->atttypid);
    else
        prepare_output(&c->convert, c->type);
}

/* As jsonb orders keys: shorter first, then by bytes. */
static int by_key(const void *one, const void *other)
{
    const column *a = one, *b = other;
    size_t bytes = strlen(a->key), of_other = strlen(b->key);

    if (bytes != of_other)
        return bytes < of_other ? -1 : 1;
    return memcmp(a->key, b->key, bytes);
}

ekok_image_writer *ekok_image_writer_of(TupleDesc row, const AttrNumber key[], int n)
{
    ekok_image_writer *writer = palloc0(sizeof *writer);

    writer->column = palloc0((Size)Max(row->natts, 1) * sizeof *writer->column);
    for (int i = 0; i < row->natts; i++) {
        if (TupleDescAttr(row, i)->attisdropped)
            continue;
        column *c = &writer->column[writer->columns++];
        describe(c, TupleDescAttr(row, i));
        writer->needs_settings = writer->needs_settings || c->how == AS_JSONB;
    }
    qsort(writer->column, (size_t)writer->columns, sizeof *writer->column, by_key);
    writer->key_columns = n;
    writer->key = palloc0((Size)n * sizeof *writer->key);
    for (int i = 0; i < n; i++) {
        writer->key[i].at = key[i];
        Oid type = TupleDescAttr(row, key[i] - 1)->atttypid;
        way how = way_of(getBaseType(type));

        prepare_output(&writer->key[i].output, type);
        writer->key[i].type = getBaseType(type);
        writer->needs_settings =
            writer->needs_settings || how == AS_JSONB || how == AS_BYTES || how == AS_TIME;
    }
    return writer;
}

static void add_integer(StringInfo out, int64 value)
{
    char *at = extend(out, MAXINT8LEN + 1);

    out->len = (int)(at - out->data) + pg_lltoa(value, at);
}

static void add_bytes(StringInfo out, Datum value)
{
    bytea *given = DatumGetByteaPP(value);
    int n = (int)VARSIZE_ANY_EXHDR(given);
    char *at = extend(out, 2 * n + 5);

    memcpy(at, "\"\\\\x", 4);
    put_hex((const uint8 *)VARDATA_ANY(given), n, at + 4);
    at[2 * n + 4] = '"';
}

static void add_time(StringInfo out, column *c, Datum value)
{
    int utc = 0;

    if (c->time_text[0] == '\0' || c->time != value)
        JsonEncodeDateTime(c->time_text, value, c->type, c->type == TIMESTAMPTZOID ? &utc : NULL);
    c->time = value;
    add_quoted(out, c->time_text);
}

enum { UUID_TEXT = 2 * UUID_LEN + 4 };

static void put_uuid(Datum value, char *at)
{
    static const int part[] = {4, 2, 2, 2, 6};
    const uint8 *bytes = DatumGetUUIDP(value)->data;

    for (size_t i = 0; i < lengthof(part); i++) {
        if (i > 0)
            *at++ = '-';
        put_hex(bytes, part[i], at);
        bytes += part[i];
        at += 2 * part[i];
    }
}

static void add_uuid(StringInfo out, Datum value)
{
    char *at = extend(out, UUID_TEXT + 2);

    at[0] = at[UUID_TEXT + 1] = '"';
    put_uuid(value, at + 1);
}

static void add_numeric(StringInfo out, column *c, Datum value)
{
    const char *told = OutputFunctionCall(&c->convert, value);
    Numeric number = DatumGetNumeric(value);

    if (numeric_is_nan(number) || numeric_is_inf(number))
        add_quoted(out, told);
    else
        appendStringInfoString(out, told);
}

static int64 integer_of(Datum value, Oid type)
{
    return type == INT8OID   ? DatumGetInt64(value)
           : type == INT4OID ? DatumGetInt32(value)
                             : DatumGetInt16(value);
}

static void add_value(StringInfo out, column *c, Datum value)
{
    text *words;
    Jsonb *given;

    switch (c->how) {
    case AS_TEXT:
        words = DatumGetTextPP(value);
        add_letters(out, VARDATA_ANY(words), (int)VARSIZE_ANY_EXHDR(words));
        break;
    case AS_INTEGER:
        add_integer(out, integer_of(value, c->type));
        break;
    case AS_NUMERIC:
        add_numeric(out, c, value);
        break;
    case AS_BOOLEAN:
        appendStringInfoString(out, DatumGetBool(value) ? "true" : "false");
        break;
    case AS_BYTES:
        add_bytes(out, value);
        break;
    case AS_TIME:
        add_time(out, c, value);
        break;
    case AS_UUID:
        add_uuid(out, value);
        break;
    case AS_OUTPUT:
        add_quoted(out, OutputFunctionCall(&c->convert, value));
        break;
    case AS_JSONB:
        given = DatumGetJsonbP(FunctionCall1(&c->convert, value));
        (void)JsonbToCString(out, &given->root, VARSIZE(given));
        break;
    }
}

/* What to_jsonb of other types looks at. */
int ekok_image_enter(const ekok_image_writer *writer)
{
    static const char *const setting[][2] = {{"bytea_output", "hex"},
                                             {"TimeZone", "UTC"},
                                             {"DateStyle", "ISO, YMD"},
                                             {"IntervalStyle", "postgres"},
                                             {"extra_float_digits", "1"}};
    int level = NewGUCNestLevel();

    for (size_t i = 0; writer->needs_settings && i < lengthof(setting); i++)
        (void)set_config_option(setting[i][0], setting[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                                true, 0, false);
    return level;
}

void ekok_image_leave(int level)
{
    AtEOXact_GUC(true, level);
}

void ekok_image_write(ekok_image_writer *writer, TupleTableSlot *row, StringInfo out)
{
    const int begin = out->len;

    slot_getallattrs(row);
    for (int i = 0; i < writer->columns; i++) {
        column *c = &writer->column[i];
        const int comma =
            out->len == begin ? 1 : 0; /* before the first the bracket stands in its place, without a space */

        if (row->tts_isnull[c->at - 1])
            continue;
        char *at = extend(out, c->name_bytes - comma);
        memcpy(at, c->name + comma, (size_t)(c->name_bytes - comma));
        if (comma)
            *at = '{';
        add_value(out, c, row->tts_values[c->at - 1]);
    }
    if (out->len == begin)
        *extend(out, 1) = '{';
    *extend(out, 1) = '}';
    out->data[out->len] = '\0';
}

Datum ekok_image_of(ekok_image_writer *writer, TupleTableSlot *row)
{
    StringInfoData out;

    out.maxlen = Min(writer->last_bytes, IMAGE_GUESS_MAX) + IMAGE_GUESS_MIN;
    out.data = palloc((Size)out.maxlen);
    out.len = VARHDRSZ;
    out.cursor = 0;
    ekok_image_write(writer, row, &out);
    writer->last_bytes = out.len;
    SET_VARSIZE(out.data, out.len);
    return PointerGetDatum(out.data);
}

void ekok_row_name_write(ekok_image_writer *writer, TupleTableSlot *row, StringInfo out)
{
    for (int i = 0; i < writer->key_columns; i++) {
        bool missing;
        Datum value = slot_getattr(row, writer->key[i].at, &missing);

        if (i > 0)
            *extend(out, 1) = ' ';
        if (!missing && writer->key[i].type == UUIDOID)
            put_uuid(value, extend(out, UUID_TEXT));
        else if (!missing)
            appendStringInfoString(out, OutputFunctionCall(&writer->key[i].output, value));
    }
}

Datum ekok_row_name(ekok_image_writer *writer, TupleTableSlot *row)
{
    StringInfoData name;

    initStringInfo(&name);
    name.len = VARHDRSZ;
    ekok_row_name_write(writer, row, &name);
    SET_VARSIZE(name.data, name.len);
    return PointerGetDatum(name.data);
}
