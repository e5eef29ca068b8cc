
-- The trace of changed rows.
CREATE FUNCTION record_change() RETURNS trigger AS 'MODULE_PATHNAME', 'record_change' LANGUAGE C;
COMMENT ON FUNCTION record_change() IS
    'Trigger AFTER INSERT, UPDATE or DELETE, FOR EACH STATEMENT, with transition tables: one audit entry for each row. Arguments: the table of entries (columns as audit.entry), then the columns of the primary key. An image is what to_jsonb gives, without columns that are null. An UPDATE that changes the key leaves two entries. Who may run it may write entries: granted to nobody.';
REVOKE EXECUTE ON FUNCTION record_change() FROM PUBLIC;

CREATE FUNCTION table_digest(audited regclass, secret bytea, OUT rows bigint, OUT digest bytea) AS 'MODULE_PATHNAME', 'table_digest'
    LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION table_digest(regclass, bytea) IS
    'All rows of a table as one number of 16 bytes that does not depend on their order, and how many there are: the sum, modulo 2^128, of the SipHash-2-4 of 128 bits, low byte first, of each row: under the secret, of the length of its name in 8 bytes, low first, the name, zeros up to a multiple of 8 bytes, and the image, name and image being those of its audit entry. The secret: 16 random bytes, new ones each time, which nobody could know when the rows were written. Reads every row. Errors: 22023 another secret, 42501 rows that the caller may not read, 42809 no plain table, 42P16 no primary key.';
REVOKE EXECUTE ON FUNCTION table_digest(regclass, bytea) FROM PUBLIC;

-- The trace, for who seals and verifies it.
CREATE FUNCTION trace_rows(trace regclass, after_xact xid8, after_id bigint, upto_xact xid8, upto_id bigint, below xid8, most bigint,
    images boolean) RETURNS SETOF bytea AS 'MODULE_PATHNAME', 'trace_rows' LANGUAGE C STABLE ROWS 100000;
COMMENT ON FUNCTION trace_rows(regclass, xid8, bigint, xid8, bigint, xid8, bigint, boolean) IS
    'The entries of a table like audit.entry in the order (xact, id), as COPY in binary form writes the columns xact, id, at, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, commitment, salt, old, new of each, many whole rows in one value of some 3 KB. Those behind (after_xact, after_id), up to and with (upto_xact, upto_id), of transactions below another, at most so many; null for no bound. Without images salt and images are null, but for images of an entry that has no commitment. Gives nothing that SELECT would not. Errors: 22023 no table, or a negative number, 42501 rows that the caller may not read, 42809 no table of entries with the primary key of audit.entry.';
