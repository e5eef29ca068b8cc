
-- The trace of changed rows.
CREATE FUNCTION record_change() RETURNS trigger AS 'MODULE_PATHNAME', 'record_change' LANGUAGE C;
COMMENT ON FUNCTION record_change() IS
    'Trigger AFTER INSERT, UPDATE or DELETE, FOR EACH STATEMENT, with transition tables: one audit entry for each row. Arguments: the table of entries (columns as audit.entry), then the columns of the primary key. An image is what to_jsonb gives, without columns that are null. An UPDATE that changes the key leaves two entries. Who may run it may write entries: granted to nobody.';
REVOKE EXECUTE ON FUNCTION record_change() FROM PUBLIC;
