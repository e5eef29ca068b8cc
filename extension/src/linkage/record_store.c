/*
 * record_store.c - see record_store.h. Rows come through a receiver of the executor's own, without being copied.
 */
#include "linkage/record_store.h"

#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "evidence.h"

/* How a table writes sex: few words, each read once or a few times. */
enum { SEX_WORDS = 8, SEX_WORD_BYTES = 30 };
typedef struct {
    char word[SEX_WORD_BYTES];
    uint8 bytes, sex;
} sex_word;

typedef struct {
    DestReceiver receiver; /* first: what the executor knows of it */
    record_store *store;
    const link_columns *columns;
    bool date_typed;
    uint64 order; /* hash of the row so far */
    TupleTableSlot *slot;
    sex_word sex_word[SEX_WORDS]; /* those met last, one by one */
    unsigned next_sex_word;
} row_reader;

static uint32 room_after(uint32 room, uint32 needed)
{
    uint64 wider = Max((uint64)room + room / 2, Max((uint64)needed, 1024));

    if (needed >= PG_UINT32_MAX - 1)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("more records than one de-duplication can number"));
    return (uint32)Min(wider, PG_UINT32_MAX - 1);
}

/* The text of a role in this row; n is 0 when there is none. Adds it to the hash of the row. */
static ekok_span text_of(row_reader *r, link_role role)
{
    int at = r->columns->at[role];
    ekok_span none = {"", 0};

    if (at < 0 || r->slot->tts_isnull[at]) {
        r->order = hash_combine64(r->order, (uint64)role);
        return none;
    }
    struct varlena *value = PG_DETOAST_DATUM_PACKED(r->slot->tts_values[at]);
    ekok_span span = {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
    r->order =
        hash_combine64(r->order, hash_bytes_extended((const uint8 *)span.p, (int)span.n, (uint64)role));
    return span;
}

static ekok_birth birth_of(row_reader *r)
{
    int at = r->columns->at[LINK_BIRTH_DATE], year, month, day;

    if (at < 0 || r->slot->tts_isnull[at])
        return (ekok_birth){0, 0, 0};
    if (!r->date_typed)
        return ekok_birth_read(text_of(r, LINK_BIRTH_DATE));
    DateADT date = DatumGetDateADT(r->slot->tts_values[at]);
    r->order = hash_combine64(r->order, (uint64)(uint32)date);
    if (DATE_NOT_FINITE(date))
        return (ekok_birth){0, 0, 0};
    j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
    return ekok_birth_make(year, month, day);
}

/* Letters and digits alone, lower case, of a number that is none of its kind. */
static size_t squeeze(ekok_span given, char *out, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < given.n && n < room; i++) {
        unsigned char c = (unsigned char)given.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c >= 0x80)
            out[n++] = (char)c;
        else if (c >= 'A' && c <= 'Z')
            out[n++] = (char)(c + 32);
    }
    return n;
}

typedef struct {
    ekok_held_kind kind;
    const char *evidence; /* kind as evidence knows it */
    size_t length;        /* of subject; 0: it is no number of this kind */
    ekok_nid nid;
    char subject[EKOK_SUBJECT_TEXT];
} number_read;

static number_read read_nid(ekok_span given)
{
    number_read read = {EKOK_HELD_NID10, "nid", 0, {0}, ""};

    if (ekok_nid_parse(given, &read.nid).code == EKOK_OK) {
        read.kind = ekok_nid_length(read.nid) == 10 ? EKOK_HELD_NID10 : EKOK_HELD_NID13;
        read.length = ekok_nid_subject(read.nid, read.subject);
    }
    return read;
}

static number_read read_brn(ekok_span given)
{
    number_read read = {EKOK_HELD_BRN, "brn", 0, {0}, ""};
    ekok_brn brn;

    if (ekok_brn_parse(given, &brn).code == EKOK_OK)
        read.length = ekok_brn_format(brn, read.subject);
    return read;
}

static number_read read_mobile(ekok_span given)
{
    number_read read = {EKOK_HELD_MOBILE, "mobile", 0, {0}, ""};
    ekok_msisdn msisdn;

    if (ekok_msisdn_parse(given, &msisdn).code == EKOK_OK)
        read.length = ekok_msisdn_format(msisdn, read.subject);
    return read;
}

static number_read read_wallet(ekok_span given)
{
    number_read read = {EKOK_HELD_WALLET, "wallet", 0, {0}, ""};
    ekok_wallet_word word;
    ekok_wallet wallet;

    if (ekok_wallet_word_parse(given, &word).code == EKOK_OK && ekok_wallet_unpack(word, &wallet))
        read.length = ekok_wallet_subject(wallet, read.subject);
    return read;
}

static number_read read_account(ekok_span given)
{
    number_read read = {EKOK_HELD_ACCOUNT, "account", 0, {0}, ""};
    ekok_bank_account account;

    if (ekok_bank_account_parse(given, &account).code == EKOK_OK)
        read.length = ekok_bank_account_subject(NULL, account, read.subject);
    return read;
}

static number_read read_other(ekok_span given)
{
    (void)given;
    return (number_read){EKOK_HELD_OTHER, "other", 0, {0}, ""};
}

static const struct {
    link_role role;
    number_read (*read)(ekok_span given);
} NUMBERS[] = {{LINK_NID, read_nid},       {LINK_BRN, read_brn},         {LINK_MOBILE, read_mobile},
               {LINK_WALLET, read_wallet}, {LINK_ACCOUNT, read_account}, {LINK_OTHER, read_other}};

/* A number that is none of its kind is still the same number elsewhere, though it says less of what it is. */
static ekok_held held_of(number_read read, ekok_span given)
{
    char squeezed[EKOK_IDENTIFIER_TEXT_MAX];
    ekok_span subject = {read.subject, read.length};
    char as_written[EKOK_EVIDENCE_KIND_MAX];
    ekok_span kind = {read.evidence, strlen(read.evidence)};

    if (read.length == 0) {
        kind = (ekok_span){as_written,
                           (size_t)snprintf(as_written, sizeof as_written, "%s as written", read.evidence)};
        subject = (ekok_span){squeezed, squeeze(given, squeezed, sizeof squeezed)};
        read.kind = read.kind == EKOK_HELD_NID10 ? EKOK_HELD_NID : read.kind;
    }
    return (ekok_held){.kind = (uint8)read.kind,
                       .nid = read.nid,
                       .key = subject.n < 4 ? 0 : ekok_evidence_key(ekok_evidence_make(kind, subject, 0))};
}

/* The programme's number from 1 on; 0 when there is none, or too many. */
static uint16 programme_of(row_reader *r)
{
    record_store *store = r->store;
    ekok_span given = text_of(r, LINK_PROGRAMME);
    uint16 at = 0;

    if (given.n == 0)
        return 0;
    uint64 hash = hash_bytes_extended((const uint8 *)given.p, (int)given.n, 0);
    while (at < store->programmes && store->programme[at] != hash)
        at++;
    if (at == LINK_PROGRAMMES)
        return 0;
    if (at == store->programmes)
        store->programme[store->programmes++] = hash;
    return at + 1;
}

static void read_numbers(row_reader *r, link_record *record)
{
    record_store *store = r->store;
    uint16 programme = programme_of(r);

    record->held = store->held_count;
    for (size_t i = 0; i < lengthof(NUMBERS); i++) {
        ekok_span given = text_of(r, NUMBERS[i].role);
        if (given.n == 0)
            continue;
        ekok_held held = held_of(NUMBERS[i].read(given), given);
        if (held.key == 0)
            continue;
        if (store->held_count == store->held_room) {
            uint32 room = room_after(store->held_room, store->held_count + 1);
            store->held = link_grow(store->memory, store->held, sizeof(ekok_held), store->held_room, room);
            store->held_room = room;
        }
        held.programme = programme;
        held.holders = 1;
        store->held[store->held_count++] = held;
        record->helds++;
    }
}

static void read_place(row_reader *r, link_record *record)
{
    ekok_span given = text_of(r, LINK_PLACE);
    ekok_geocode code;

    if (given.n == 0)
        return;
    if (given.n <= EKOK_IDENTIFIER_TEXT_MAX && ekok_geocode_parse(given, &code).code == EKOK_OK) {
        ekok_match_place place = ekok_match_place_of(code);
        record->place = place.code;
        record->place_level = place.level;
    } else {
        record->place_text =
            name_of_ref(name_store_add(&r->store->names, name_store_expect(&r->store->names, given)));
    }
}

static void read_id(row_reader *r, link_record *record)
{
    record_store *store = r->store;
    ekok_span given = text_of(r, LINK_ID);

    record->id = PG_UINT32_MAX;
    if (given.n == 0)
        return;
    if (given.n >= PG_UINT32_MAX - store->id_bytes - 2)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("the ids of these records are too long"));
    uint32 needed = store->id_bytes + (uint32)given.n + 1;
    if (needed > store->id_room) {
        uint32 room = room_after(store->id_room, needed);
        store->ids = link_grow(store->memory, store->ids, 1, store->id_room, room);
        store->id_room = room;
    }
    record->id = store->id_bytes;
    memcpy(store->ids + store->id_bytes, given.p, given.n);
    store->ids[needed - 1] = '\0';
    store->id_bytes = needed;
}

static uint8 sex_of(row_reader *r)
{
    ekok_span given = text_of(r, LINK_SEX);

    for (int i = 0; i < SEX_WORDS; i++) {
        const sex_word *met = &r->sex_word[i];
        if (met->bytes == given.n && memcmp(met->word, given.p, given.n) == 0)
            return met->sex;
    }
    uint8 sex = (uint8)ekok_sex_read(given);
    if (given.n <= SEX_WORD_BYTES) {
        sex_word *kept = &r->sex_word[r->next_sex_word++ % SEX_WORDS];
        memcpy(kept->word, given.p, given.n);
        kept->bytes = (uint8)given.n;
        kept->sex = sex;
    }
    return sex;
}

static expected_name expect_name(row_reader *r, link_role role)
{
    return name_store_expect(&r->store->names, text_of(r, role));
}

/*
 * The columns of one row; name and name_bn are one and the same, name_bn first. Names are looked up last, when their
 * places in the table have come from memory.
 */
static void read_row(row_reader *r, link_record *record)
{
    name_store *names = &r->store->names;
    expected_name any = expect_name(r, LINK_NAME);

    read_id(r, record);
    expected_name name_bn = expect_name(r, LINK_NAME_BN), name_en = expect_name(r, LINK_NAME_EN);
    expected_name father = expect_name(r, LINK_FATHER), mother = expect_name(r, LINK_MOTHER);
    record->birth = birth_of(r);
    record->sex = sex_of(r);
    read_place(r, record);
    read_numbers(r, record);
    name_ref any_ref = name_store_add(names, any);
    record->name[0] = name_store_add(names, name_bn);
    record->name[1] = name_store_add(names, name_en);
    if (record->name[0] == 0)
        record->name[0] = any_ref;
    else if (record->name[1] == 0)
        record->name[1] = any_ref;
    record->father = name_store_add(names, father);
    record->mother = name_store_add(names, mother);
}

static bool receive_row(TupleTableSlot *slot, DestReceiver *self)
{
    row_reader *r = (row_reader *)self;
    record_store *store = r->store;

    CHECK_FOR_INTERRUPTS();
    slot_getallattrs(slot);
    r->slot = slot;
    r->order = 0;
    if (store->count == store->room) {
        uint32 room = room_after(store->room, store->count + 1);
        store->record = link_grow(store->memory, store->record, sizeof(link_record), store->room, room);
        store->room = room;
    }
    link_record *record = &store->record[store->count++];
    memset(record, 0, sizeof *record);
    ItemPointerSetInvalid(&record->row);
    if (!slot->tts_isnull[0])
        record->row = *(ItemPointer)DatumGetPointer(slot->tts_values[0]);
    read_row(r, record);
    record->order = r->order;
    return true;
}

static void begin_rows(DestReceiver *self, int operation, TupleDesc desc)
{
    row_reader *r = (row_reader *)self;
    int at = r->columns->at[LINK_BIRTH_DATE];

    r->date_typed = at >= 0 && TupleDescAttr(desc, at)->atttypid == DATEOID;
}

static void end_rows(DestReceiver *self)
{
}

/* Birth date first, so that those who are compared stand near each other; then the hash, which leaves no ties. */
static int compare_records(const link_record *a, const link_record *b)
{
    uint32 of_a = (uint32)a->birth.year << 16 | (uint32)a->birth.month << 8 | a->birth.day;
    uint32 of_b = (uint32)b->birth.year << 16 | (uint32)b->birth.month << 8 | b->birth.day;

    if (of_a != of_b)
        return of_a < of_b ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

#define ST_SORT          sort_records
#define ST_ELEMENT_TYPE  link_record
#define ST_COMPARE(a, b) compare_records(a, b)
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

void record_store_load(record_store *store, link_memory *memory, const link_columns *columns)
{
    row_reader reader = {.receiver = {.receiveSlot = receive_row,
                                      .rStartup = begin_rows,
                                      .rShutdown = end_rows,
                                      .rDestroy = end_rows,
                                      .mydest = DestTuplestore},
                         .store = store,
                         .columns = columns};
    SPIExecuteOptions options = {.read_only = true, .dest = &reader.receiver};

    memset(store, 0, sizeof *store);
    store->memory = memory;
    name_store_make(&store->names, memory);
    store->programme = link_take(memory, LINK_PROGRAMMES * sizeof(uint64));
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
    int code = SPI_execute_extended(columns->query, &options);
    if (code != SPI_OK_SELECT)
        elog(ERROR, "reading the records failed: %s", SPI_result_code_string(code));
    SPI_finish();
    name_store_close(&store->names);
    if (store->count > 1)
        sort_records(store->record, store->count);
}
