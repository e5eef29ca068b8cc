/*
 * source_def.h - a source's definition as data: where it is, how it is asked, how it pages, how its fields map to ours.
 *
 * One JSON object; docs/reference/source.schema.json is its JSON Schema. A mistake gives one line: where it was read,
 * a JSON pointer, what is wrong, what is accepted. Plain keys: source_key.def. Beside them:
 *   map         "target": "path"                  the field itself
 *               "target": ["rule", "rule"]        the first that applies and is not empty wins; a rule is one of:
 *                  path when other = literal      only where another field has that value
 *                  path + path [+ path [+ path]]  joined; geo parts are padded to two digits
 *                  'literal'                      a constant
 *                  path in bijoy                  a name typed for the font SutonnyMJ; it becomes Unicode
 *   values      {"target": {"source value": "our value"}}; one that is not listed is the reason unknown_value
 *   columns     "field": "text of the header" or its number from 1. Without this section a column's field is its
 *               header, with '_' for what a path may not hold
 *   contract    {"fields": {"path": "type" or "type?"}, "unknown": ...}: what the owner promised of a record
 *   programmes  ["OAA", ...]: of a source that the registry does not know yet, with source.ministry
 *
 * How a style starts, goes on and ends:
 *   page    ?page_param=first..&size_param=size; ends at a page with fewer than `size` records. Cursor "page=N".
 *   offset  ?offset_param=0..&size_param=size; ends as above. Cursor "offset=N".
 *   cursor  ?cursor_param=... (absent on the first page)&size_param=size; ends where `next` is absent, null or empty.
 *   since   ?since_param=TIME&after_param=ID&size_param=size (both absent at the very first); records come ordered by
 *           (since_field, after_field); ends at a page with fewer than `size` records; the position is kept for the
 *           next run, which begins `overlap` seconds before it. Cursor "since=TIME&after=ID", both percent-encoded.
 *   link    ?size_param=size at first; then the address in the header Link with rel="next", of the same host; ends
 *           where there is none. Cursor "link=..." with that address's path and query, percent-encoded.
 *   whole   one answer holds all records.
 *   search  an SP-DCI registry is asked by POST for page 1, 2, ... of a search (source/search.h); ends where as many
 *           records were seen as the answers announce. Cursor "search=PAGE&total=N".
 *   file    files of a folder in the order of their names, each in pages of at most `size` records. Cursor
 *           "file=SHA-256&def=MARK&rows=N", with "&end" once all its records are committed. MARK is the
 *           definition's: under another one the file is read from its start.
 */
#ifndef ETL_CONFIG_SOURCE_DEF_H
#define ETL_CONFIG_SOURCE_DEF_H

#include <stdint.h>

#include "base/cron.h"
#include "base/failure.h"
#include "base/span.h"
#include "row/target.h"

enum {
    SOURCE_TEXT = 256,
    SECRET_NAME = 64, /* bytes of a secret's name, NUL included */
    CONTRACT_FIELDS_MAX = 128,
    MAP_RULES_MAX = 64,
    MAP_PATHS_MAX = 4,
    VALUE_MAPS_MAX = 128,
    COLUMNS_MAX = 64,
    HEADER_ROWS_MAX = 4,
    FILE_PAGE_MAX = 20000, /* records of a page of a file */
    SOURCE_FILE_MAX = 65536
};

/* What is spoken with the source. verification: it answers questions on one person and lists nobody. */
typedef enum { CONNECT_HTTPS, CONNECT_FOLDER, CONNECT_VERIFICATION } connector_kind;
typedef enum {
    PAGING_PAGE,
    PAGING_OFFSET,
    PAGING_CURSOR,
    PAGING_SINCE,
    PAGING_FILE,
    PAGING_LINK,   /* the next address stands in the header Link, rel="next" */
    PAGING_WHOLE,  /* one answer holds all */
    PAGING_SEARCH, /* SP-DCI: the page is asked for by a message of its own */
    PAGING_NONE    /* verification */
} paging_style;
/* What a record is: an enrolment, or a member of a surveyed household, with the household's score. */
typedef enum { RECORDS_ENROLMENTS, RECORDS_MEMBERS } record_kind;
/* How the daemon proves who it is; mutual TLS is spoken beside each of them. */
typedef enum {
    AUTH_MTLS,   /* by its certificate alone */
    AUTH_OAUTH2, /* client credentials (RFC 6749, 4.4): a bearer token */
    AUTH_GRANT,  /* user and password and application key and secret for a token with refresh, as bKash */
    AUTH_KEY,    /* a static key in a header */
    AUTH_HMAC,   /* each request signed by HMAC-SHA-256 */
    AUTH_JWS     /* each request signed as a JWS, detached, with our private key */
} auth_kind;
typedef enum { FIELD_TEXT, FIELD_NUMBER, FIELD_BOOLEAN, FIELD_OBJECT, FIELD_ARRAY, FIELD_ANY } field_type;
typedef enum { UNKNOWN_ALLOWED, UNKNOWN_HELD } unknown_fields;
typedef enum { FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMAT_XLSX, FORMAT_SPDCI } source_format;
typedef enum { READY_SETTLE, READY_MARKER } file_ready;
typedef enum { AFTER_MOVE, AFTER_KEEP, AFTER_DELETE } file_after;
typedef enum {
    DELIMITER_AUTO,
    DELIMITER_COMMA,
    DELIMITER_SEMICOLON,
    DELIMITER_TAB,
    DELIMITER_PIPE
} table_delimiter;
typedef enum { ENCODING_UTF8, ENCODING_WINDOWS_1252 } table_encoding;

/* A declared column: what its header says, or its number from 1. */
typedef struct {
    char field[64];
    char header[SOURCE_TEXT]; /* blanks at the ends and runs of blanks do not count */
    int number;               /* 0: by header */
} source_column;

typedef struct {
    int title_rows, header_rows;
    table_delimiter delimiter;
    table_encoding encoding;
    char sheet[SOURCE_TEXT]; /* empty: the first that is not hidden */
    source_column column[COLUMNS_MAX];
    size_t columns; /* 0: each column is named by its header */
} source_table;

typedef struct {
    target to;
    int paths; /* 0: `literal` is the value */
    char path[MAP_PATHS_MAX][SOURCE_TEXT];
    char when_path[SOURCE_TEXT]; /* empty: always */
    char when_value[64];
    char literal[64];
    bool bijoy; /* the text is typed for SutonnyMJ */
} map_rule;

typedef struct {
    target to;
    char from[64];
    char value[64];
} value_map;

/* Names of secrets, never secrets: each is a file of mode 0600 in [secrets] directory of the daemon's configuration. */
typedef struct {
    auth_kind kind;
    char token_url[SOURCE_TEXT], refresh_url[SOURCE_TEXT]; /* oauth2, grant */
    char scope[128];                                       /* oauth2; empty: none is asked for */
    char header[64];              /* key: what carries the key; hmac, jws: what carries the signature */
    char id[SECRET_NAME];         /* secret that holds the client id, the user, or the name of the key */
    char secret[SECRET_NAME];     /* client secret, password, key, HMAC key, or private key in PEM */
    char app_id[SECRET_NAME];     /* grant: application key */
    char app_secret[SECRET_NAME]; /* grant: application secret */
    int grants_per_hour;          /* new tokens asked for within any hour; a refresh does not count */
} source_auth;

/* What an SP-DCI registry is asked: the records whose attribute stands so to the value, ordered by `sort`. */
typedef enum { SEARCH_GT, SEARCH_LT, SEARCH_EQ, SEARCH_GE, SEARCH_LE } search_operator;
typedef struct {
    char sender[100], receiver[100];      /* our id at the registry, and its own */
    char secret[SECRET_NAME], key_id[64]; /* the private key that signs our messages; empty: not signed */
    char type[128], event[128],
        record_type[128]; /* reg_type, reg_event_type, reg_record_type; empty: not said */
    char attribute[64], value[128], sort[64];
    search_operator compare;
} source_search;

typedef struct {
    char cron[128]; /* minute hour day month weekday, in Asia/Dhaka; empty: the daemon's own interval */
    cron_hours hours;
    int freshness_seconds; /* what is older breaks the promise; 0: none is given */
} source_schedule;

typedef struct {
    int per_second, per_minute; /* requests, 0: no limit */
    long daily_quota;           /* requests from midnight to midnight in Dhaka, 0: no limit */
    int largest_drop;           /* permille of the last whole generation that may vanish; more is held */
    int breaker_tries;          /* failed fetches in a row that open the circuit breaker */
    int breaker_seconds,
        breaker_longest_seconds; /* it stays open, doubled at each failed probe up to the longest */
} source_limits;

typedef struct {
    int connect_seconds, first_byte_seconds, page_seconds;
    int retries, first_delay_ms, longest_delay_ms, longest_asked_seconds; /* asked: by Retry-After */
} source_deadlines;

/* A field that the source promised: what it is when it is there. */
typedef struct {
    char path[160];
    field_type type;
    bool required; /* stands in every record, and is not null */
} contract_field;

typedef struct {
    char name[32]; /* [a-z0-9_]+ */
    char title[SOURCE_TEXT];
    char ministry[32]; /* of a source that the registry does not know yet */
    connector_kind connector;
    source_format format;
    record_kind records;
    char url[SOURCE_TEXT]; /* https only; empty for style file */
    char signer
        [SOURCE_TEXT]; /* path of the public key that must have signed; empty: signatures are not asked for */
    char rows[SOURCE_TEXT];
    size_t page_bytes, row_bytes;
    source_auth auth;
    source_schedule schedule;
    source_limits limits;
    source_deadlines deadlines;

    paging_style style;
    char size_param[32], page_param[32], offset_param[32], cursor_param[32], since_param[32], after_param[32];
    char next[SOURCE_TEXT], total[SOURCE_TEXT], since_field[SOURCE_TEXT], after_field[SOURCE_TEXT];
    int size, first, overlap_seconds;
    source_search search; /* style search */

    char folder[SOURCE_TEXT], names[SOURCE_TEXT]; /* style file */
    file_ready ready;
    file_after after;
    int settle_seconds;
    size_t file_bytes;
    source_table table;

    map_rule rule[MAP_RULES_MAX];
    size_t rules;
    value_map value[VALUE_MAPS_MAX];
    size_t values;
    bool has_values[TARGET_COUNT];
    char birth_date_format[32], enrolled_on_format[32], surveyed_on_format[32];
    bool amount_in_paisa;

    contract_field field[CONTRACT_FIELDS_MAX];
    size_t fields;
    unknown_fields unknown; /* what a field outside the contract means */

    char *text; /* the file as read: its hash is the contract's version; freed by source_def_free */
    size_t text_size;
} source_def;

/* Reads and checks a definition; f.text is "FILE: /section/key: problem; accepted: ...". Code EXIT_CONFIG. */
MUST_CHECK bool source_def_read(const char *path, source_def *out, failure *f);
/* The same of a text; origin: what a person calls it. */
MUST_CHECK bool source_def_parse(const char *origin, const char *text, source_def *out, failure *f);
void source_def_free(source_def *def);

/* Must a record of such a source have the field? */
bool source_def_wants(const source_def *def, target field);

#endif
