-- Deploy ekok:audit_tree to pg
-- Promises a trace in months, in the order in which it is sealed, and a place for the hashes of its Merkle tree and
-- for the checkpoints that a sealer outside the server signs. Entries keep their numbers. Refuses changes as before,
-- of each month too.

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ekok_sealer') THEN
        CREATE ROLE ekok_sealer NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS;
        COMMENT ON ROLE ekok_sealer IS 'The sealer: reads the trace, adds hashes and signed checkpoints, changes nothing.';
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ekok_sealer', current_database());
END $$;

SET LOCAL ROLE ekok_owner;

ALTER TABLE audit.entry RENAME TO entry_before;
ALTER TABLE audit.entry_before RENAME CONSTRAINT entry_pkey TO entry_before_pkey;
ALTER TABLE audit.entry_before DROP CONSTRAINT entry_before_pkey;
ALTER TABLE audit.entry_before ALTER COLUMN id DROP IDENTITY;

CREATE TABLE audit.entry (LIKE audit.entry_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    PRIMARY KEY (xact, id, at)) PARTITION BY RANGE (at);
COMMENT ON TABLE audit.entry IS 'One changed row of an audited table; insert-only, a partition a month (UTC). Ids are not in the order of commits: a reader that must miss nothing goes by xact. The tree''s leaves are the entries in the order (xact, id).';
DO $$
BEGIN
    EXECUTE format('ALTER TABLE audit.entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH %s)',
                   (SELECT coalesce(max(id), 0) + 1 FROM audit.entry_before));
    EXECUTE format('ALTER TABLE audit.entry ATTACH PARTITION audit.entry_before FOR VALUES FROM (MINVALUE) TO (%L)',
                   date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 month');
END $$;
CREATE INDEX entry_id ON audit.entry USING brin (id) WITH (pages_per_range = 16, autosummarize = on);
COMMENT ON TABLE audit.entry_before IS 'Entries of the months up to that in which the trace was divided.';

CREATE FUNCTION audit.guard(guarded regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT '
                   'EXECUTE FUNCTION audit.refuse_change()', guarded);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER insert_only', guarded);
END $$;
COMMENT ON FUNCTION audit.guard(regclass) IS 'Makes a table insert-only, whatever session_replication_role says. May be repeated.';

CREATE TABLE audit.entry_rest PARTITION OF audit.entry DEFAULT;
COMMENT ON TABLE audit.entry_rest IS 'Entries for whose month no partition was made: nothing is lost, but a month that has entries here gets none.';

CREATE FUNCTION audit.prepare_months(ahead int DEFAULT 3) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', now());
    made int := 0;
    name text;
BEGIN
    IF ahead IS NULL OR ahead NOT BETWEEN 0 AND 120 THEN
        RAISE 'months ahead are not a number from 0 to 120' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('ekok audit months', 0));
    FOR step IN 1..ahead LOOP
        month := month + interval '1 month';
        name := 'entry_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('audit.' || name) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT FROM audit.entry_rest WHERE at >= month AND at < month + interval '1 month');
        EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L)', name, month,
                       month + interval '1 month');
        EXECUTE format('COMMENT ON TABLE audit.%I IS %L', name, 'Entries of ' || to_char(month, 'YYYY-MM') || ', UTC.');
        PERFORM audit.guard(format('audit.%I', name)::regclass);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION audit.prepare_months(int) IS 'Makes the partitions of the months to come (0 to 120, standard 3); returns how many were missing. The sealer calls it once a day. Error 22023 for another number.';

CREATE FUNCTION audit.key_of(audited regclass, alias text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'concat_ws('' '', ' || string_agg(format('%s.%I', alias, a.attname), ', ' ORDER BY array_position(x.indkey, a.attnum)) || ')'
    FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
    WHERE x.indrelid = audited AND x.indisprimary;
$$;
COMMENT ON FUNCTION audit.key_of(regclass, text) IS 'The SQL expression that names a row as audit.entry.row_id does; null for a table without primary key.';

CREATE FUNCTION audit.adopt(audited regclass) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET bytea_output = 'hex' SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
    adopted bigint;
BEGIN
    EXECUTE format($query$
        INSERT INTO audit.entry (purpose, table_name, op, row_id, new)
        SELECT 'stood before it was audited', $1, 'INSERT', r.k, r.image
        FROM (SELECT %s AS k, jsonb_strip_nulls(to_jsonb(r)) AS image FROM %s r) r
        WHERE NOT EXISTS (SELECT FROM audit.entry e WHERE e.table_name = $1 AND e.row_id = r.k)$query$, audit.key_of(audited, 'r'), audited)
        USING (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = audited);
    GET DIAGNOSTICS adopted = ROW_COUNT;
    RETURN adopted;
END $$;
COMMENT ON FUNCTION audit.adopt(regclass) IS 'Writes an entry for each row of a table that has none, so that every row has a beginning in the trace; returns how many. For rows that stood before the table was audited.';

DO $$
DECLARE
    audited regclass;
BEGIN
    PERFORM audit.guard(t) FROM unnest(ARRAY['audit.entry', 'audit.entry_before', 'audit.entry_rest']::regclass[]) t;
    PERFORM audit.prepare_months(12);
    PERFORM audit.attach('audit.reading');
    FOR audited IN SELECT DISTINCT t.tgrelid FROM pg_trigger t WHERE t.tgfoid = 'ekok.record_change()'::regprocedure ORDER BY 1 LOOP
        PERFORM audit.adopt(audited);
    END LOOP;
END $$;

CREATE TABLE audit.tile (
    level smallint NOT NULL CONSTRAINT tile_level_known CHECK (level BETWEEN 0 AND 7),
    number bigint NOT NULL CONSTRAINT tile_number_not_negative CHECK (number >= 0),
    hashes bytea NOT NULL CONSTRAINT tile_hashes_size CHECK (octet_length(hashes) = 8192),
    first_xact xid8,
    first_id bigint,
    PRIMARY KEY (level, number),
    CONSTRAINT tile_first_entry_at_level_0 CHECK ((level = 0) = (first_xact IS NOT NULL)
                                              AND (level = 0) = (first_id IS NOT NULL))
);
COMMENT ON TABLE audit.tile IS 'Hashes of the tree, 256 a tile, full tiles only (after C2SP tlog-tiles); insert-only. A tile of level L holds the roots of the subtrees of 256^L leaves.';
COMMENT ON COLUMN audit.tile.level IS '0: hashes of leaves; above: each hash covers a whole tile of the level below.';
COMMENT ON COLUMN audit.tile.number IS 'Which tile of its level, from 0.';
COMMENT ON COLUMN audit.tile.hashes IS '256 SHA-256 hashes, 32 bytes each.';
COMMENT ON COLUMN audit.tile.first_xact IS 'Transaction of the tile''s first entry; of level 0 only. Tells which leaf an entry is.';
COMMENT ON COLUMN audit.tile.first_id IS 'Number of the tile''s first entry; of level 0 only.';
CREATE UNIQUE INDEX tile_first_entry ON audit.tile (first_xact, first_id) WHERE level = 0;
SELECT audit.guard('audit.tile');

CREATE TABLE audit.edge (
    level smallint PRIMARY KEY CONSTRAINT edge_level_known CHECK (level BETWEEN 0 AND 7),
    hashes bytea NOT NULL CONSTRAINT edge_hashes_size CHECK (octet_length(hashes) < 8192 AND octet_length(hashes) % 32 = 0)
);
COMMENT ON TABLE audit.edge IS 'The tiles that are not full, as of the newest checkpoint: what proofs of its tree need beside the full ones. Written over with each checkpoint; follows from the entries.';
COMMENT ON COLUMN audit.edge.level IS 'Level of the tile, as in audit.tile.';
COMMENT ON COLUMN audit.edge.hashes IS 'Up to 255 SHA-256 hashes, 32 bytes each.';

ALTER TABLE audit.checkpoint ADD COLUMN note text NOT NULL, ADD COLUMN last_xact xid8 NOT NULL, ADD COLUMN last_id bigint NOT NULL;
COMMENT ON TABLE audit.checkpoint IS 'Signed heads of the Merkle tree over the entries; insert-only. What witnesses keep is what counts: this is the sealer''s own memory.';
COMMENT ON COLUMN audit.checkpoint.note IS 'The checkpoint as signed text (C2SP tlog-checkpoint), as witnesses have it.';
COMMENT ON COLUMN audit.checkpoint.last_xact IS 'Transaction of the last entry under the root.';
COMMENT ON COLUMN audit.checkpoint.last_id IS 'Number of the last entry under the root.';
COMMENT ON COLUMN audit.checkpoint.signature IS 'Ed25519 signature of the note''s text, 64 bytes, by the key that the note names first.';

COMMIT;
