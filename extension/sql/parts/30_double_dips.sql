-- The sweep over an ordinary btree index.
CREATE FUNCTION double_dips(index regclass, min_programmes integer DEFAULT 2)
    RETURNS TABLE (evidence_key bigint, programmes integer[], rows tid[]) AS 'MODULE_PATHNAME', 'double_dips'
    LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1000000 ROWS 100000;
COMMENT ON FUNCTION double_dips(regclass, integer) IS
    'every evidence key held by min_programmes or more programmes, with all its rows, in order of key';
