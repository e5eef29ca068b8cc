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
    IF to_regclass(name) IS NOT NULL THEN
        EXECUTE format('DROP TABLE %s', name);
    END IF;
    -- CREATE TABLE AS may use parallel workers; INSERT ... SELECT may not.
    EXECUTE format('CREATE UNLOGGED TABLE %s AS %s', name, query);
    GET DIAGNOSTICS made = ROW_COUNT;
    EXECUTE format('ANALYZE %s', name);
    EXECUTE format('ALTER TABLE %s INHERIT %s', name, parent);
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.make_part(regclass, int, text) IS 'Makes the table of one part of a step in schema sweep, as a child of its parent; one that stands is made anew. Returns its rows.';

-- The one place that sweeps an index. One statement, one snapshot: the TIDs are good only as long as it lasts.
CREATE OR REPLACE FUNCTION registry.number_pairs_query() RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
    RETURN $query$
        WITH dip AS MATERIALIZED (
            SELECT d.evidence_key, d.rows FROM ekok.double_dips('registry.evidence_key_idx'::regclass, 2) d
        ), within_one AS (
            SELECT v.key FROM registry.evidence v GROUP BY v.key HAVING count(*) BETWEEN 2 AND 1000
        ), sharing AS (
            SELECT d.evidence_key, v.enrolment_id, v.kind
            FROM dip d CROSS JOIN LATERAL unnest(d.rows) AS r(at) JOIN registry.evidence v ON v.ctid = r.at
            WHERE cardinality(d.rows) <= 1000
            UNION ALL
            SELECT ekok.evidence_key(v.key), v.enrolment_id, v.kind
            FROM within_one w JOIN registry.evidence v ON v.key OPERATOR(ekok.=) w.key
            WHERE NOT EXISTS (SELECT FROM dip d WHERE d.evidence_key = ekok.evidence_key(w.key))
        ), holding AS (
            SELECT s.kind, array_agg(s.enrolment_id) AS ids FROM sharing s GROUP BY s.evidence_key, s.kind)
        SELECT DISTINCT x.id AS a, y.id AS b, c.number AS kind
        FROM holding h JOIN registry.evidence_kind c ON c.code = h.kind AND cardinality(h.ids) BETWEEN 2 AND c.most
        CROSS JOIN LATERAL unnest(h.ids) AS x(id) CROSS JOIN LATERAL unnest(h.ids) AS y(id) WHERE x.id < y.id$query$;
COMMENT ON FUNCTION registry.number_pairs_query() IS 'The query that pairs the enrolments sharing a number, in one programme or in two, unless more hold it than its kind allows.';

-- Half of the sounding keys have one holder, and every group fits into an array: measured, one hash aggregate over the
-- table takes half the time of a sweep of the index and of the rows it names.
CREATE OR REPLACE FUNCTION registry.sound_pairs_query(part int, parts int) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
    RETURN format($query$
        SELECT DISTINCT x.id AS a, y.id AS b, 0::smallint AS kind
        FROM (SELECT v.kind, array_agg(v.enrolment_id) AS ids FROM registry.blocking v WHERE v.kind = ANY (%L)
              GROUP BY ekok.evidence_key(v.key), v.kind HAVING count(*) BETWEEN 2 AND 1000) h
        JOIN registry.evidence_kind c ON c.number = h.kind AND cardinality(h.ids) <= c.most
        CROSS JOIN LATERAL unnest(h.ids) AS x(id) CROSS JOIN LATERAL unnest(h.ids) AS y(id) WHERE x.id < y.id$query$,
        ARRAY(SELECT k.number FROM (SELECT c.number, row_number() OVER (ORDER BY c.number) AS n
                                    FROM registry.evidence_kind c WHERE c.class = 'sound') k WHERE k.n % parts = part - 1));
COMMENT ON FUNCTION registry.sound_pairs_query(int, int) IS 'The query that pairs the enrolments sharing a sounding key of one part of the kinds, unless more hold it than its kind allows.';
