-- Deploy ekok:audit to pg
-- Promises a trace that grows and never changes: one entry for each row inserted, updated or deleted in an audited
-- table, written in the same transaction, and one row for each opening of a sealed value. Refuses UPDATE, DELETE and
-- TRUNCATE to everybody, the owner included; whoever may alter tables can still take the trigger away, which the
-- signed checkpoints are there to show.

BEGIN;

CREATE SCHEMA audit AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA audit IS 'What happened to the registry: changes, readings of sealed values, signed checkpoints.';
SET LOCAL ROLE ekok_owner;

CREATE TABLE audit.entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    actor name NOT NULL DEFAULT session_user,
    source text,
    run_id bigint,
    page_sha256 bytea CONSTRAINT entry_page_sha256_size CHECK (octet_length(page_sha256) = 32),
    purpose text,
    table_name text NOT NULL,
    op text NOT NULL CONSTRAINT entry_op_known CHECK (op IN ('INSERT', 'UPDATE', 'DELETE')),
    row_id text,
    old jsonb,
    new jsonb,
    CONSTRAINT entry_images_fit_op CHECK ((op <> 'INSERT' OR old IS NULL AND new IS NOT NULL)
                                      AND (op <> 'DELETE' OR new IS NULL AND old IS NOT NULL))
);
COMMENT ON TABLE audit.entry IS 'One changed row of an audited table; insert-only. Ids are not in the order of commits: a reader that must miss nothing goes by xact.';
COMMENT ON COLUMN audit.entry.id IS 'Running number, with gaps.';
COMMENT ON COLUMN audit.entry.at IS 'When the entry was written, by the server''s clock.';
COMMENT ON COLUMN audit.entry.xact IS 'Transaction that made the change.';
COMMENT ON COLUMN audit.entry.actor IS 'Role that logged in (session_user), whatever role it had taken on.';
COMMENT ON COLUMN audit.entry.source IS 'System whose page caused the change; null when none did. From the setting ekok.source.';
COMMENT ON COLUMN audit.entry.run_id IS 'Run that caused the change (etl.run); null when none did. From the setting ekok.run.';
COMMENT ON COLUMN audit.entry.page_sha256 IS 'SHA-256 of the page as received, 32 bytes. From the setting ekok.page_sha256 (hex).';
COMMENT ON COLUMN audit.entry.purpose IS 'Why, in words. From the setting ekok.purpose.';
COMMENT ON COLUMN audit.entry.table_name IS 'Schema and table, for example registry.enrolment.';
COMMENT ON COLUMN audit.entry.op IS 'INSERT, UPDATE or DELETE.';
COMMENT ON COLUMN audit.entry.row_id IS 'Primary key of the row, its columns joined by a space.';
COMMENT ON COLUMN audit.entry.old IS 'The row before, all columns; null for INSERT. Identifiers stand in it sealed, as in the table.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, all columns; null for DELETE.';

CREATE TABLE audit.checkpoint (
    size bigint PRIMARY KEY CONSTRAINT checkpoint_size_not_negative CHECK (size >= 0),
    root bytea NOT NULL CONSTRAINT checkpoint_root_size CHECK (octet_length(root) = 32),
    signature bytea NOT NULL CONSTRAINT checkpoint_signature_size CHECK (octet_length(signature) = 64),
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE audit.checkpoint IS 'Signed heads of the Merkle tree over the entries; insert-only; empty until entries are sealed.';
COMMENT ON COLUMN audit.checkpoint.size IS 'Number of entries under the root.';
COMMENT ON COLUMN audit.checkpoint.root IS 'RFC 9162 tree hash, SHA-256, 32 bytes.';
COMMENT ON COLUMN audit.checkpoint.signature IS 'Ed25519 signature of the checkpoint, 64 bytes.';
COMMENT ON COLUMN audit.checkpoint.at IS 'When it was signed.';

CREATE TABLE audit.reading (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor name NOT NULL DEFAULT session_user,
    table_name text NOT NULL,
    column_name text NOT NULL,
    row_id text NOT NULL,
    purpose text NOT NULL CONSTRAINT reading_purpose_given CHECK (btrim(purpose) <> '')
);
COMMENT ON TABLE audit.reading IS 'One opening of one sealed value; insert-only.';
COMMENT ON COLUMN audit.reading.id IS 'Running number, with gaps.';
COMMENT ON COLUMN audit.reading.at IS 'When it was opened, by the server''s clock.';
COMMENT ON COLUMN audit.reading.actor IS 'Role that logged in (session_user).';
COMMENT ON COLUMN audit.reading.table_name IS 'Schema and table of the sealed value.';
COMMENT ON COLUMN audit.reading.column_name IS 'Column of the sealed value, for example nid_sealed.';
COMMENT ON COLUMN audit.reading.row_id IS 'Primary key of the row, its columns joined by a space.';
COMMENT ON COLUMN audit.reading.purpose IS 'Why it was opened, in words; never empty.';

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE 'table %.% refuses %', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', DETAIL = 'The audit only grows, and an audited table is not emptied unseen.';
END $$;
COMMENT ON FUNCTION audit.refuse_change() IS 'Statement trigger that refuses the statement with error 42501.';

CREATE FUNCTION audit.record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET "TimeZone" = 'UTC'
    SET enable_hashjoin = on SET enable_mergejoin = on AS $$
DECLARE
    key_of text := (SELECT string_agg(format('%%1$s.%I::text', k), ' || '' '' || ' ORDER BY i)
                    FROM unnest(TG_ARGV) WITH ORDINALITY a(k, i));
    same_key text := (SELECT string_agg(format('o.%1$I = n.%1$I', k), ' AND ') FROM unnest(TG_ARGV) a(k));
    rows_of text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM new_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    rows_of := CASE TG_OP
        WHEN 'INSERT' THEN format('SELECT %s, NULL::jsonb, to_jsonb(n) FROM new_rows n', format(key_of, 'n'))
        WHEN 'DELETE' THEN format('SELECT %s, to_jsonb(o), NULL::jsonb FROM old_rows o', format(key_of, 'o'))
        ELSE format('SELECT coalesce(%s, %s), to_jsonb(o), to_jsonb(n) FROM old_rows o FULL JOIN new_rows n ON %s',
                    format(key_of, 'n'), format(key_of, 'o'), same_key) END;
    EXECUTE 'INSERT INTO audit.entry (source, run_id, page_sha256, purpose, table_name, op, row_id, old, new) '
            'SELECT $1, $2, $3, $4, $5, $6, c.* FROM (' || rows_of || ') c'
        USING nullif(current_setting('ekok.source', true), ''),
              nullif(current_setting('ekok.run', true), '')::bigint,
              decode(nullif(current_setting('ekok.page_sha256', true), ''), 'hex'),
              nullif(current_setting('ekok.purpose', true), ''),
              TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION audit.record_change() IS 'Statement trigger: one audit.entry for each row of the transition tables. Arguments: the columns of the primary key. An UPDATE that changes the key leaves two entries, each with one image.';

CREATE FUNCTION audit.attach(audited regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
COMMENT ON FUNCTION audit.attach(regclass) IS 'Makes a table audited: every INSERT, UPDATE and DELETE leaves entries, TRUNCATE is refused, whatever session_replication_role says. May be repeated. Error 42P16 when the table has no primary key.';

DO $$
DECLARE
    guarded regclass;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['audit.entry', 'audit.checkpoint', 'audit.reading']::regclass[] LOOP
        EXECUTE format('CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION audit.refuse_change()', guarded);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER insert_only', guarded);
    END LOOP;
END $$;

COMMIT;
