-- Deploy ekok:audit_images to pg
-- Promises entries whose images are json, that is text: what is hashed, signed and shown is what is stored. The text of
-- every image stays what it was to the byte, so checkpoints that were signed before still hold. Rewrites the trace.

BEGIN;

GRANT EXECUTE ON FUNCTION ekok.table_digest(regclass, bytea) TO ekok_owner;
SET LOCAL ROLE ekok_owner;

DROP FUNCTION IF EXISTS audit.watched();
ALTER TABLE audit.entry ALTER COLUMN old TYPE json USING old::text::json, ALTER COLUMN new TYPE json USING new::text::json;

COMMENT ON COLUMN audit.entry.old IS 'The row before, without columns that were null, as text in the form and order of jsonb; null for INSERT. Identifiers stand in it sealed, as in the table.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, without columns that are null, as text in the form and order of jsonb; null for DELETE.';

COMMIT;
