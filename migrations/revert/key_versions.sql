-- Revert ekok:key_versions from pg

BEGIN;

DROP VIEW IF EXISTS keyring.rotation_progress;
DROP INDEX registry.pending_with_keys;
CREATE OR REPLACE TRIGGER keeps_identity BEFORE UPDATE ON registry.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_new_identity();
ALTER TABLE registry.evidence ENABLE ALWAYS TRIGGER keeps_identity;
DROP TABLE keyring.turned;
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
