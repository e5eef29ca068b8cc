-- Revert ekok:audit_images from pg
-- Keeps every entry; its images are jsonb again, of the same text.

BEGIN;

SET LOCAL ROLE ekok_owner;

DROP FUNCTION IF EXISTS audit.watched(text[]);
DROP FUNCTION IF EXISTS audit.balance(bytea, text[]);
ALTER TABLE audit.entry ALTER COLUMN old TYPE jsonb USING old::text::jsonb, ALTER COLUMN new TYPE jsonb USING new::text::jsonb;
COMMENT ON COLUMN audit.entry.old IS 'The row before, without columns that were null; null for INSERT. Identifiers stand in it sealed, as in the table.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, without columns that are null; null for DELETE.';

RESET ROLE;
REVOKE EXECUTE ON FUNCTION ekok.table_digest(regclass, bytea) FROM ekok_owner;

COMMIT;
