-- Revert ekok:key_versions from pg

BEGIN;

DROP VIEW IF EXISTS keyring.rotation_progress;
DROP TABLE keyring.progress;
DROP TABLE keyring.rotation;
DO $$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT t.tgname, t.tgrelid::regclass AS audited FROM pg_trigger t
                WHERE t.tgrelid = 'keyring.key'::regclass AND t.tgname LIKE 'audit\_%' LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', kind.tgname, kind.audited);
    END LOOP;
END $$;
ALTER TABLE keyring.key DROP COLUMN changed_at;
-- The trace keeps its entries of rotations: the word stays allowed.

COMMIT;
