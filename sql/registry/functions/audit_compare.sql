-- audit_compare.sql - are the tables what their trace says? What the tree cannot show: a row that was changed while the
-- triggers were off has no entry at all.

CREATE OR REPLACE FUNCTION audit.watched(named text[] DEFAULT NULL) RETURNS TABLE (audited regclass, whole boolean) LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass, count(t.oid) FILTER (WHERE t.tgenabled = 'A' AND CASE t.tgname WHEN 'audit_truncate'
               THEN t.tgfoid = 'audit.refuse_change()'::regprocedure ELSE t.tgfoid = 'ekok.record_change()'::regprocedure END) = 4
    FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
        AND t.tgname IN ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate')
    WHERE c.relkind IN ('r', 'p') AND (t.oid IS NOT NULL
        OR c.oid IN (SELECT to_regclass(n) FROM unnest(named) n)
        OR named IS NULL AND c.oid IN (SELECT to_regclass(e.table_name) FROM (SELECT DISTINCT table_name FROM audit.entry) e))
    GROUP BY c.oid ORDER BY c.oid::regclass::text;
$$;
COMMENT ON FUNCTION audit.watched(text[]) IS 'Every table that has audit triggers or entries, and whether all four triggers of audit.attach stand on it, enabled whatever session_replication_role says. named: the tables that have entries, where the caller knows them (schema.table); null, the standard: they are looked for in the whole trace.';

CREATE OR REPLACE FUNCTION audit.balance(secret bytea, named text[]) RETURNS TABLE (audited regclass, whole boolean, table_name text,
    row_count bigint, digest bytea) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    able boolean;
BEGIN
    FOR audited, whole, table_name, able IN
        SELECT w.audited, w.whole, format('%s.%s', n.nspname, c.relname),
            c.relkind = 'r' AND EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)
        FROM audit.watched(named) w JOIN pg_class c ON c.oid = w.audited JOIN pg_namespace n ON n.oid = c.relnamespace LOOP
        row_count := NULL;
        digest := NULL;
        IF able THEN
            SELECT d.rows, d.digest INTO row_count, digest FROM ekok.table_digest(audited, secret) d;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION audit.balance(bytea, text[]) IS 'Of every watched table (audit.watched) how many rows it holds and their sum (ekok.table_digest), to be held against those of its entries; null for a table that cannot be summed. secret: 16 random bytes, drawn anew each time. Reads every row of every audited table. Error 22023 for another secret.';

CREATE OR REPLACE FUNCTION audit.is_key_made(column_name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN column_name ~ '(_sealed|_token)$' OR column_name IN ('row_mac', 'basis', 'fingerprint');
COMMENT ON FUNCTION audit.is_key_made(text) IS 'Whether a column (of type bytea) holds what keys make of a value, or a hash of that: a rotation changes it while the value stays.';

CREATE OR REPLACE FUNCTION audit.key_made_digest(row_id text, image jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(substring(sha256(convert_to(row_id || chr(10) || (SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}')::text
        FROM jsonb_each(image) c WHERE audit.is_key_made(c.key)), 'UTF8')) FROM 1 FOR 16), 'hex');
COMMENT ON FUNCTION audit.key_made_digest(text, jsonb) IS 'Digest of the key-made columns in a row''s image, as entries of op REKEY hold it: 16 bytes in hex.';

CREATE OR REPLACE FUNCTION audit.without_key_made(image jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN image - ARRAY(SELECT k FROM jsonb_object_keys(image) k WHERE audit.is_key_made(k));
COMMENT ON FUNCTION audit.without_key_made(jsonb) IS 'A row''s image without its key-made columns.';

CREATE OR REPLACE FUNCTION audit.unaccounted(audited regclass DEFAULT NULL) RETURNS TABLE (table_name text, row_id text, problem text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET "TimeZone" = 'UTC'
    SET "DateStyle" = 'ISO, YMD' SET work_mem = '64MB' AS $$
DECLARE
    tables text[];
    stands text;
BEGIN
    -- Of each table its rows, named as entries name them, and which of its columns were added with a default later.
    SELECT array_agg(format('%s.%s', n.nspname, c.relname)),
           string_agg(format('SELECT %L AS t, %s AS k, jsonb_strip_nulls(to_jsonb(r)) AS image, %L::text[] AS later FROM %s r',
                             format('%s.%s', n.nspname, c.relname), audit.key_of(c.oid, 'r'),
                             (SELECT coalesce(array_agg(attname), '{}') FROM pg_attribute a
                              WHERE a.attrelid = c.oid AND a.atthasmissing AND NOT a.attisdropped), c.oid::regclass), ' UNION ALL ')
        INTO tables, stands
        FROM audit.watched() w JOIN pg_class c ON c.oid = w.audited JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE unaccounted.audited IS NULL OR w.audited = unaccounted.audited;
    IF stands IS NULL THEN
        RAISE 'table % is not audited', audited USING ERRCODE = 'wrong_object_type', HINT = 'See audit.watched() for those that are.';
    END IF;
    RETURN QUERY EXECUTE format($query$
        WITH last AS (
            SELECT n.table_name, n.row_id, max(n.id) AS id FROM audit.entry n WHERE n.table_name = ANY ($1) AND n.op <> 'REKEY' GROUP BY 1, 2
        ), rekeyed AS (
            SELECT DISTINCT ON (n.table_name, d.key) n.table_name, d.key AS row_id, n.id, d.value AS digest
            FROM audit.entry n CROSS JOIN LATERAL jsonb_each_text(n.new::jsonb -> 'digests') d
            WHERE n.table_name = ANY ($1) AND n.op = 'REKEY' ORDER BY n.table_name, d.key, n.id DESC
        ), said AS (
            SELECT l.table_name, l.row_id, jsonb_strip_nulls(e.new::jsonb) AS image, r.digest
            FROM last l JOIN audit.entry e ON e.id = l.id AND e.op <> 'REKEY'
            LEFT JOIN rekeyed r ON r.table_name = l.table_name AND r.row_id = l.row_id AND r.id > l.id
        )
        SELECT coalesce(s.t, e.table_name), coalesce(s.k, e.row_id), CASE WHEN e.row_id IS NULL THEN 'has no entry'
            WHEN s.k IS NULL THEN 'is gone, and no entry says so' ELSE 'differs from its last entry' END
        FROM (%s) s FULL JOIN said e ON e.table_name = s.t AND e.row_id = s.k
        WHERE CASE WHEN s.k IS NULL THEN e.image IS NOT NULL
                   WHEN e.row_id IS NULL OR e.image IS NULL THEN true
                   WHEN e.digest IS NOT NULL THEN e.digest <> audit.key_made_digest(s.k, s.image)
                       OR audit.without_key_made(e.image) <> audit.without_key_made(s.image)
                          AND audit.without_key_made(e.image) <> audit.without_key_made(s.image) - ARRAY(SELECT c FROM unnest(s.later) c WHERE NOT e.image ? c)
                   ELSE e.image <> s.image AND e.image <> s.image - ARRAY(SELECT c FROM unnest(s.later) c WHERE NOT e.image ? c) END
        $query$, stands) USING tables;
END $$;
COMMENT ON FUNCTION audit.unaccounted(regclass) IS 'Rows of an audited table (null, the standard: of all) that are not what their last entry says: without entry, different, or gone. None, where nothing was done behind the triggers. What keys made is held against the last rotation of the row, where there is one. A column that was added with a default after the entry is passed over. Reads the trace twice and every row once. Error 42809 for a table that is not audited.';
