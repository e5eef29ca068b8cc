-- audit_compare.sql - are the tables what their trace says? What the tree cannot show: a row that was changed while the
-- triggers were off has no entry at all.

CREATE OR REPLACE FUNCTION audit.watched() RETURNS TABLE (audited regclass, whole boolean) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid::regclass, count(t.oid) FILTER (WHERE t.tgenabled = 'A' AND CASE t.tgname WHEN 'audit_truncate'
               THEN t.tgfoid = 'audit.refuse_change()'::regprocedure ELSE t.tgfoid = 'ekok.record_change()'::regprocedure END) = 4
    FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
        AND t.tgname IN ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate')
    WHERE c.relkind IN ('r', 'p') AND (t.oid IS NOT NULL
        OR c.oid IN (SELECT to_regclass(e.table_name) FROM (SELECT DISTINCT table_name FROM audit.entry) e))
    GROUP BY c.oid ORDER BY c.oid::regclass::text;
$$;
COMMENT ON FUNCTION audit.watched() IS 'Every table that has audit triggers or entries, and whether all four triggers of audit.attach stand on it, enabled whatever session_replication_role says.';

CREATE OR REPLACE FUNCTION audit.unaccounted(audited regclass) RETURNS TABLE (row_id text, problem text) LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
    added_later text[] := (SELECT coalesce(array_agg(attname), '{}') FROM pg_attribute
                           WHERE attrelid = audited AND atthasmissing AND NOT attisdropped);
BEGIN
    IF NOT EXISTS (SELECT FROM audit.watched() w WHERE w.audited = unaccounted.audited) THEN
        RAISE 'table % is not audited', audited USING ERRCODE = 'wrong_object_type', HINT = 'See audit.watched() for those that are.';
    END IF;
    RETURN QUERY EXECUTE format($query$
        SELECT coalesce(t.k, e.row_id), CASE WHEN e.row_id IS NULL THEN 'has no entry'
                                             WHEN t.k IS NULL THEN 'is gone, and no entry says so'
                                             ELSE 'differs from its last entry' END
        FROM (SELECT %s AS k, jsonb_strip_nulls(to_jsonb(r)) AS image FROM %s r) t
        FULL JOIN (SELECT DISTINCT ON (n.row_id) n.row_id, jsonb_strip_nulls(n.new) AS image FROM audit.entry n
                   WHERE n.table_name = %L ORDER BY n.row_id, n.id DESC) e ON e.row_id = t.k
        WHERE CASE WHEN t.k IS NULL THEN e.image IS NOT NULL
                   WHEN e.row_id IS NULL OR e.image IS NULL THEN true
                   ELSE e.image <> t.image AND e.image <> t.image - ARRAY(SELECT c FROM unnest($1) c WHERE NOT e.image ? c) END
        $query$, audit.key_of(audited, 'r'), audited, (SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE c.oid = audited))
        USING added_later;
END $$;
COMMENT ON FUNCTION audit.unaccounted(regclass) IS 'Rows of an audited table that are not what their last entry says: without entry, different, or gone. None, where nothing was done behind the triggers. A column that was added with a default after the entry is passed over. Takes a sort of all entries of the table. Error 42809 for a table that is not audited.';
