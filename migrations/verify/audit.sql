-- Verify ekok:audit on pg

BEGIN;

SELECT id, at, xact, actor, source, run_id, page_sha256, purpose, table_name, op, row_id, old, new FROM audit.entry WHERE false;
SELECT size, root, signature, at FROM audit.checkpoint WHERE false;
SELECT id, at, actor, table_name, column_name, row_id, purpose FROM audit.reading WHERE false;
SELECT 'audit.attach(regclass)'::regprocedure, 'audit.record_change()'::regprocedure;
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_trigger WHERE tgname = 'insert_only' AND tgenabled = 'A'
        AND tgrelid IN ('audit.entry'::regclass, 'audit.checkpoint'::regclass, 'audit.reading'::regclass)) <> 3 THEN
        RAISE 'an audit table is not insert-only';
    END IF;
END $$;

ROLLBACK;
