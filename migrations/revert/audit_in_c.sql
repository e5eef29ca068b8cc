-- Revert ekok:audit_in_c from pg
-- Entries written since keep their images without nulls.

BEGIN;

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
                       'EXECUTE FUNCTION audit.record_change(%s)', kind.op, kind.op, audited, kind.tables, key_columns);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_%s', audited, kind.op);
    END LOOP;
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                   'EXECUTE FUNCTION audit.refuse_change()', audited);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_truncate', audited);
END $$;
COMMENT ON FUNCTION audit.record_change() IS 'Statement trigger: one audit.entry for each row of the transition tables. Arguments: the columns of the primary key. An UPDATE that changes the key leaves two entries, each with one image.';

DO $$
DECLARE
    audited regclass;
BEGIN
    FOR audited IN SELECT DISTINCT t.tgrelid FROM pg_trigger t
                   WHERE t.tgfoid = 'ekok.record_change()'::regprocedure ORDER BY 1 LOOP
        PERFORM audit.attach(audited);
    END LOOP;
END $$;

COMMIT;
