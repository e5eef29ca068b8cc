-- Revert ekok:source_definitions from pg

BEGIN;

DROP INDEX etl.quarantine_resolved;
ALTER TABLE etl.quarantine DROP CONSTRAINT quarantine_resolved_whole, DROP COLUMN resolution, DROP COLUMN resolved_run;
ALTER TABLE etl.run DROP COLUMN kind;
DO $$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT t.tgname, t.tgrelid::regclass AS audited FROM pg_trigger t
                WHERE t.tgrelid IN ('etl.source'::regclass, 'etl.source_programme'::regclass) AND t.tgname LIKE 'audit\_%' LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', kind.tgname, kind.audited);
    END LOOP;
END $$;
DROP VIEW IF EXISTS etl.definition_in_force;
DROP TABLE etl.source_definition;

COMMIT;
