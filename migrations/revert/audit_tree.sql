-- Revert ekok:audit_tree from pg
-- Keeps every entry with its number, in one table again; hashes and checkpoints go, witnesses keep theirs.

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE audit.checkpoint DROP COLUMN note, DROP COLUMN last_xact, DROP COLUMN last_id;
COMMENT ON TABLE audit.checkpoint IS 'Signed heads of the Merkle tree over the entries; insert-only; empty until entries are sealed.';
COMMENT ON COLUMN audit.checkpoint.signature IS 'Ed25519 signature of the checkpoint, 64 bytes.';
DROP TABLE audit.tile, audit.edge;
DROP TRIGGER audit_insert ON audit.reading;
DROP TRIGGER audit_update ON audit.reading;
DROP TRIGGER audit_delete ON audit.reading;
DROP TRIGGER audit_truncate ON audit.reading;

CREATE TABLE audit.entry_whole (LIKE audit.entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS);
INSERT INTO audit.entry_whole SELECT * FROM audit.entry;
DROP TABLE audit.entry;
ALTER TABLE audit.entry_whole RENAME TO entry;
ALTER TABLE audit.entry ADD CONSTRAINT entry_pkey PRIMARY KEY (id);
COMMENT ON TABLE audit.entry IS 'One changed row of an audited table; insert-only. Ids are not in the order of commits: a reader that must miss nothing goes by xact.';
DO $$
BEGIN
    EXECUTE format('ALTER TABLE audit.entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)',
                   (SELECT coalesce(max(id), 0) + 1 FROM audit.entry));
    PERFORM audit.guard('audit.entry');
END $$;
DROP FUNCTION audit.prepare_months(int);
DROP FUNCTION audit.guard(regclass);
DROP FUNCTION audit.adopt(regclass);
DROP FUNCTION audit.key_of(regclass, text);

REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM ekok_sealer;
REVOKE ALL ON SCHEMA audit FROM ekok_sealer;

RESET ROLE;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM ekok_sealer', current_database());
    IF EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = 'ekok_sealer') THEN
        RAISE NOTICE 'role ekok_sealer stays: it has members';
        RETURN;
    END IF;
    DROP ROLE ekok_sealer;
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE NOTICE 'role ekok_sealer stays: something depends on it';
END $$;

COMMIT;
