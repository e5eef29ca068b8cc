-- Deploy ekok:audit_in_c to pg
-- Promises that the trace of changed rows is written by ekok.record_change, at the speed of a bulk load, on every
-- table that was audited before; entries mean what they meant, but images leave out columns that are null.

BEGIN;

ALTER EXTENSION ekok UPDATE;
GRANT EXECUTE ON FUNCTION ekok.record_change() TO ekok_owner;
SET LOCAL ROLE ekok_owner;

CREATE OR REPLACE FUNCTION audit.attach(audited regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key_columns text := (SELECT string_agg(quote_literal(a.attname), ', ' ORDER BY array_position(x.indkey, a.attnum))
                         FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
                         WHERE x.indrelid = audited AND x.indisprimary);
    kind record;
BEGIN
    IF key_columns IS NULL THEN
        RAISE 'table % has no primary key', audited
            USING ERRCODE = 'invalid_table_definition', HINT = 'An audit entry names its row by the primary key.';
    END IF;
    FOR kind IN SELECT * FROM (VALUES ('insert', 'NEW TABLE AS new_rows'), ('delete', 'OLD TABLE AS old_rows'),
                                      ('update', 'OLD TABLE AS old_rows NEW TABLE AS new_rows')) k(op, tables) LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_%s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION ekok.record_change(''audit.entry'', %s)', kind.op, kind.op, audited, kind.tables,
                       key_columns);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_%s', audited, kind.op);
    END LOOP;
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                   'EXECUTE FUNCTION audit.refuse_change()', audited);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_truncate', audited);
END $$;
COMMENT ON COLUMN audit.entry.old IS 'The row before, without columns that were null; null for INSERT. Identifiers stand in it sealed, as in the table.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, without columns that are null; null for DELETE.';
COMMENT ON COLUMN audit.entry.at IS 'When the statement''s trigger ran, by the server''s clock: the same for all rows of a statement.';

DO $$
DECLARE
    audited regclass;
BEGIN
    FOR audited IN SELECT DISTINCT t.tgrelid FROM pg_trigger t
                   WHERE t.tgfoid = 'audit.record_change()'::regprocedure ORDER BY 1 LOOP
        PERFORM audit.attach(audited);
    END LOOP;
END $$;

COMMENT ON FUNCTION audit.record_change() IS 'The plain twin of ekok.record_change, in no use but to be compared with it: the same entries, with nulls written out.';

COMMIT;
