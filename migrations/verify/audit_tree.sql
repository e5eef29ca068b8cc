-- Verify ekok:audit_tree on pg

BEGIN;

SELECT level, number, hashes, first_xact, first_id FROM audit.tile WHERE false;
SELECT size, root, signature, at, note, last_xact, last_id FROM audit.checkpoint WHERE false;
DO $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = 'audit.entry'::regclass) <> 'p' THEN
        RAISE 'audit.entry is not divided into months';
    ELSIF EXISTS (SELECT FROM pg_inherits i WHERE inhparent = 'audit.entry'::regclass
                  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = i.inhrelid AND t.tgname = 'insert_only'
                                  AND t.tgenabled = 'A')) THEN
        RAISE 'a month of audit.entry can be changed';
    ELSIF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'audit.tile'::regclass AND tgname = 'insert_only') THEN
        RAISE 'audit.tile can be changed';
    END IF;
END $$;

ROLLBACK;
