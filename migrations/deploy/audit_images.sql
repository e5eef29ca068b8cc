-- Deploy ekok:audit_images to pg
-- Promises entries whose images are json, that is text: what is hashed, signed and shown is what is stored. The text of
-- every image stays what it was to the byte, so checkpoints that were signed before still hold. Rewrites the trace.

BEGIN;

GRANT EXECUTE ON FUNCTION ekok.table_digest(regclass, bytea) TO ekok_owner;
SET LOCAL ROLE ekok_owner;

DROP FUNCTION IF EXISTS audit.watched();
ALTER TABLE audit.entry ALTER COLUMN old TYPE json USING old::text::json, ALTER COLUMN new TYPE json USING new::text::json;

CREATE OR REPLACE FUNCTION audit.adopt(audited regclass) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET bytea_output = 'hex' SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
    adopted bigint;
BEGIN
    EXECUTE format($query$
        INSERT INTO audit.entry (purpose, table_name, op, row_id, new)
        SELECT 'stood before it was audited', $1, 'INSERT', r.k, r.image::text::json
        FROM (SELECT %s AS k, jsonb_strip_nulls(to_jsonb(r)) AS image FROM %s r) r
        WHERE NOT EXISTS (SELECT FROM audit.entry e WHERE e.table_name = $1 AND e.row_id = r.k)$query$, audit.key_of(audited, 'r'), audited)
        USING (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = audited);
    GET DIAGNOSTICS adopted = ROW_COUNT;
    RETURN adopted;
END $$;

COMMENT ON COLUMN audit.entry.old IS 'The row before, without columns that were null, as text in the form and order of jsonb; null for INSERT. Identifiers stand in it sealed, as in the table.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, without columns that are null, as text in the form and order of jsonb; null for DELETE.';

COMMIT;
