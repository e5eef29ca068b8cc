
-- The sweep of leaf pages: in parts, over several indexes, as numbers only; its plain twin; its progress. double_dips() of
-- two arguments is as it was.
CREATE FUNCTION double_dips(index regclass, min_programmes integer, part integer, parts integer)
    RETURNS TABLE (evidence_key bigint, programmes integer[], rows tid[]) AS 'MODULE_PATHNAME', 'double_dips'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 100000;
COMMENT ON FUNCTION double_dips(regclass, integer, integer, integer) IS
    'one part, numbered from 1, of so many equal parts (1 to 1024) of all keys: sessions that sweep one part each together give what double_dips(index, min_programmes) gives';

CREATE FUNCTION double_dips_across(indexes regclass[], min_programmes integer DEFAULT 2, part integer DEFAULT 1,
    parts integer DEFAULT 1)
    RETURNS TABLE (evidence_key bigint, programmes integer[], rows tid[], indexes_of regclass[], tables_of regclass[])
    AS 'MODULE_PATHNAME', 'double_dips_across'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 100000;
COMMENT ON FUNCTION double_dips_across(regclass[], integer, integer, integer) IS
    'double_dips() over 1 to 256 indexes of one table or of several: keys held by min_programmes or more programmes in all of them together, in order of key; beside each row the index that led to it and that index''s table; a row found by two indexes under one key stands twice';

CREATE FUNCTION double_dip_counts(index regclass, min_programmes integer DEFAULT 2, part integer DEFAULT 1,
    parts integer DEFAULT 1)
    RETURNS TABLE (evidence_key bigint, programmes integer, entries bigint) AS 'MODULE_PATHNAME', 'double_dip_counts'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100000;
COMMENT ON FUNCTION double_dip_counts(regclass, integer, integer, integer) IS
    'the keys of double_dips() with the number of their programmes and of their rows; quicker, as the table is not read where it is vacuumed';

-- The same rows by ordinary SQL, for whoever doubts the sweep, and for our tests.
CREATE FUNCTION double_dips_plain(index regclass, min_programmes integer DEFAULT 2)
    RETURNS TABLE (evidence_key bigint, programmes integer[], rows tid[])
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog ROWS 100000 AS $$
DECLARE
    -- Null too when the index is dropped meanwhile: its definition is not read in the statement's snapshot.
    source text := (SELECT 'SELECT ' || pg_get_indexdef(i.indexrelid, 1, true) || format(' AS e, ctid AS at FROM ONLY %s WHERE %s',
        i.indrelid::regclass, coalesce(pg_get_expr(i.indpred, i.indrelid), 'true')) FROM pg_index i WHERE i.indexrelid = index);
BEGIN
    IF source IS NULL THEN
        RAISE 'not an index: %', index USING ERRCODE = 'wrong_object_type',
            HINT = 'Name a btree index whose first column is of type ekok.evidence.';
    END IF;
    RETURN QUERY EXECUTE format('SELECT @extschema@.evidence_key(e),
        array_agg(DISTINCT @extschema@.programme(e) ORDER BY @extschema@.programme(e)),
        array_agg(at ORDER BY @extschema@.programme(e), at)
        FROM (%s) held WHERE e IS NOT NULL GROUP BY 1
        HAVING count(DISTINCT @extschema@.programme(e)) >= $1 ORDER BY 1', source) USING min_programmes;
END $$;
COMMENT ON FUNCTION double_dips_plain(regclass, integer) IS
    'the rows that double_dips() gives, by a scan of the table, sorting and grouping: slow, plain, and the judge of the other; subject to the caller''s policies instead of refusing them';

CREATE FUNCTION double_dip_progress_info(OUT pid integer, OUT index oid, OUT pages_done bigint, OUT pages_total bigint,
    OUT candidates bigint, OUT indexes bigint, OUT part bigint, OUT parts bigint) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'double_dip_progress_info'
    LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION double_dip_progress_info() IS 'what double_dip_progress shows';
CREATE VIEW double_dip_progress AS
    SELECT pid, index::regclass AS index, indexes, part, parts, pages_done, pages_total, candidates
    FROM double_dip_progress_info();
COMMENT ON VIEW double_dip_progress IS
    'the sweeps under way in this database, one row a backend: the first index swept and how many there are, the part of how many, pages of the indexes read so far (every 256 pages) of how many there are at most, keys judged so far; all but pid NULL to whom pg_stat_activity hides the query';
GRANT SELECT ON double_dip_progress TO PUBLIC;
