-- sweep_pairs.sql - which enrolments meet under one key. The pairs of the whole registry come from the double-dipping
-- indexes of registry.evidence and registry.blocking; what a pair means is registry.assess's business, for the sweep and for
-- one new enrolment alike.

CREATE OR REPLACE FUNCTION registry.token_of(e registry.enrolment, kind text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'nid' THEN e.nid_token WHEN 'brn' THEN e.brn_token WHEN 'mobile' THEN e.mobile_token
                     WHEN 'wallet' THEN e.wallet_token WHEN 'account' THEN e.account_token END;
COMMENT ON FUNCTION registry.token_of(registry.enrolment, text) IS 'The token of an enrolment for a kind of evidence, 16 bytes; null when it gives none.';

CREATE OR REPLACE FUNCTION registry.make_part(parent regclass, part int, query text) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
    name text := format('%s_%s', parent, part);
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %s', name);
    -- CREATE TABLE AS may use parallel workers; INSERT ... SELECT may not.
    EXECUTE format('CREATE UNLOGGED TABLE %s AS %s', name, query);
    GET DIAGNOSTICS made = ROW_COUNT;
    EXECUTE format('ANALYZE %s', name);
    EXECUTE format('ALTER TABLE %s INHERIT %s', name, parent);
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.make_part(regclass, int, text) IS 'Makes the table of one part of a step in schema sweep, as a child of its parent; one that stands is made anew. Returns its rows.';

-- The one place that sweeps an index. One statement, one snapshot: the TIDs are good only as long as it lasts.
CREATE OR REPLACE FUNCTION registry.pairs_query(held regclass, keys regclass) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
    RETURN format($query$
        WITH dip AS MATERIALIZED (
            SELECT d.evidence_key, d.rows FROM ekok.double_dips(%2$L::regclass, 2) d
        ), within_one AS (
            SELECT v.key FROM %1$s v GROUP BY v.key HAVING count(*) BETWEEN 2 AND 1000
        ), sharing AS (
            SELECT d.evidence_key, v.enrolment_id, v.kind
            FROM dip d CROSS JOIN LATERAL unnest(d.rows) AS r(at) JOIN %1$s v ON v.ctid = r.at
            WHERE cardinality(d.rows) <= 1000
            UNION ALL
            SELECT ekok.evidence_key(v.key), v.enrolment_id, v.kind
            FROM within_one w JOIN %1$s v ON v.key OPERATOR(ekok.=) w.key
            WHERE NOT EXISTS (SELECT FROM dip d WHERE d.evidence_key = ekok.evidence_key(w.key))
        ), paired AS MATERIALIZED (
            SELECT s.evidence_key, s.enrolment_id, c.number, c.most, count(*) OVER (PARTITION BY s.evidence_key) AS holders
            FROM sharing s JOIN registry.evidence_kind c ON c.%3$I = s.kind)
        SELECT DISTINCT x.enrolment_id AS a, y.enrolment_id AS b, %4$s AS kind
        FROM paired x JOIN paired y ON y.evidence_key = x.evidence_key AND y.number = x.number AND x.enrolment_id < y.enrolment_id
        WHERE x.holders <= x.most$query$,
        held, keys, CASE held WHEN 'registry.evidence'::regclass THEN 'code' ELSE 'number' END,
        CASE held WHEN 'registry.evidence'::regclass THEN 'x.number' ELSE '0::smallint' END);
COMMENT ON FUNCTION registry.pairs_query(regclass, regclass) IS 'The query that pairs the enrolments sharing a key of a table and its index, in one programme or in two, unless more hold the key than its kind allows. kind of the pair: the evidence''s number, 0 for sounding keys.';
