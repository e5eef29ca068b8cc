-- ext_evidence_search.sql - ~ as one index range in custom and generic plans and in joins, by either side; its estimates;
-- holders(); what is leakproof.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT plan(46);

\ir helper/error.psql
CREATE FUNCTION pg_temp.shown(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END $$;
CREATE FUNCTION pg_temp.rows_of(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE shown json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO shown;
    RETURN shown -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;

CREATE FUNCTION pg_temp.cost_of(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE shown json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO shown;
    RETURN shown -> 0 -> 'Plan' ->> 'Total Cost';
END $$;
CREATE FUNCTION pg_temp.run(query text) RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE query; END$$;

-- The ends of a key
SELECT is(evidence_first('0123456789abc/17')::text, '0123456789abc/0', 'the least of a key');
SELECT is(evidence_last('0123456789abc/17')::text, '0123456789abc/4095', 'the greatest');
SELECT is(evidence_last('fffffffffffff/0')::text, 'fffffffffffff/4095', 'of the greatest key');
SELECT is(evidence_of_key(evidence_key('0123456789abc/17'), 17)::text, '0123456789abc/17', 'from its parts');
SELECT is(evidence_of_key((1::bigint << 52) - 1)::text, 'fffffffffffff/0', 'programme 0 is the default');
SELECT is(pg_temp.error_of('SELECT evidence_of_key(-1)'), E'22003\nevidence key is out of range\nA key has 52 bits.\n'
    'Use a key as ekok.evidence_key() or ekok.double_dips() gives it.', 'a negative key');
SELECT is(pg_temp.error_of('SELECT evidence_of_key(1::bigint << 52)'), E'22003\nevidence key is out of range\nA key has 52 bits.\n'
    'Use a key as ekok.evidence_key() or ekok.double_dips() gives it.', 'a key of 53 bits');
SELECT matches(pg_temp.error_of('SELECT evidence_of_key(1, 4096)'), '^22003\nprogramme number 4096 is out of range', 'programme 4096');
SELECT is(NULL::evidence ~ '0123456789abc/17'::evidence, NULL, 'NULL is like nothing');

CREATE TEMP TABLE held (id int, e evidence) ON COMMIT DROP;
INSERT INTO held SELECT i, evidence('nid', (i / 3)::text, i % 7) FROM generate_series(3, 30002) i;
INSERT INTO held SELECT -i, NULL FROM generate_series(1, 10) i;
CREATE INDEX held_e ON held (e);
ANALYZE held;
CREATE TEMP TABLE asked (e evidence) ON COMMIT DROP;
INSERT INTO asked SELECT evidence('nid', i::text, 4000) FROM generate_series(100, 104) i;
ANALYZE asked;

-- One range, nothing rechecked, by either side
SELECT matches(pg_temp.shown($$SELECT * FROM held WHERE e ~ evidence('nid', '77', 3)$$),
    'Index Cond: \(\(e >= ''[0-9a-f]{13}/0''::evidence\) AND \(e <= ''[0-9a-f]{13}/4095''::evidence\)\)\s*$', 'a constant is one range');
SELECT matches(pg_temp.shown($$SELECT * FROM held WHERE evidence('nid', '77', 3) ~ e$$),
    'Index Cond: \(\(e >= ''[0-9a-f]{13}/0''::evidence\) AND \(e <= ''[0-9a-f]{13}/4095''::evidence\)\)\s*$', 'on either side');
SELECT matches(pg_temp.shown($$SELECT * FROM held WHERE same_evidence(e, evidence('nid', '77', 3))$$),
    'Index Cond: \(\(e >= .*/0''::evidence\) AND \(e <= .*/4095''::evidence\)\)\s*$', 'called as a function too');
PREPARE like_one (evidence) AS SELECT count(*) FROM held WHERE e ~ $1;
PREPARE like_other (evidence) AS SELECT count(*) FROM held WHERE $1 ~ e;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT matches(pg_temp.shown($$EXECUTE like_one (evidence('nid', '77', 3))$$),
    'Index Cond: \(\(e >= evidence_first_bound\(\$1\)\) AND \(e <= evidence_last_bound\(\$1\)\)\)', 'a parameter in a generic plan is one range');
SELECT matches(pg_temp.shown($$EXECUTE like_other (evidence('nid', '77', 3))$$),
    'Index Cond: \(\(e >= evidence_first_bound\(\$1\)\) AND \(e <= evidence_last_bound\(\$1\)\)\)', 'on either side');
SELECT results_eq($$EXECUTE like_one (evidence('nid', '77', 3))$$, 'VALUES (3::bigint)', '  which finds the three');
SELECT results_eq($$EXECUTE like_one (evidence('nid', '0', 3))$$, 'VALUES (0::bigint)', '  and none where there is none');
SELECT results_eq('EXECUTE like_one (NULL)', 'VALUES (0::bigint)', '  nor for NULL');
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT matches(pg_temp.shown($$EXECUTE like_one (evidence('nid', '77', 3))$$), 'Index Cond: \(\(e >= .*/0''::evidence', 'custom plan');
SELECT results_eq($$EXECUTE like_other (evidence('nid', '77', 3))$$, 'VALUES (3::bigint)', '  finds the three');
-- A generic plan costs what a custom one does, so PostgreSQL takes it by itself, and scans the index
PREPARE row_like (evidence) AS SELECT * FROM held WHERE e ~ $1;
CREATE TEMP TABLE cost AS SELECT pg_temp.cost_of($$EXECUTE row_like (evidence('nid', '77', 3))$$) AS custom, 0::float8 AS generic;
SET LOCAL plan_cache_mode = force_generic_plan;
UPDATE cost SET generic = pg_temp.cost_of($$EXECUTE row_like (evidence('nid', '77', 3))$$);
SELECT matches(pg_temp.shown($$EXECUTE row_like (evidence('nid', '77', 3))$$), '^Index Scan using held_e on held', 'a generic plan scans the index');
SELECT cmp_ok((SELECT generic / custom FROM cost), '<', 1.5::float8, '  and costs what a custom plan costs');
SELECT is(pg_temp.rows_of($$EXECUTE row_like (evidence('nid', '77', 3))$$), 1::bigint, '  for the rows of one key');
DEALLOCATE row_like;
SET LOCAL plan_cache_mode = auto;
PREPARE row_like (evidence) AS SELECT * FROM held WHERE e ~ $1;
SELECT pg_temp.run($$EXECUTE row_like (evidence('nid', '77', 3))$$) FROM generate_series(1, 8);
SELECT cmp_ok((SELECT generic_plans FROM pg_prepared_statements WHERE name = 'row_like'), '>=', 1::bigint, '  so it is kept after some custom plans');
SET LOCAL enable_seqscan = off;
SET LOCAL enable_material = off;
SELECT matches(pg_temp.shown('SELECT * FROM asked a JOIN held h ON h.e ~ a.e'),
    'Nested Loop.*Index Cond: \(\(e >= evidence_first_bound\(a.e\)\) AND \(e <= evidence_last_bound\(a.e\)\)\)', 'a join takes one range a row');
SELECT is((SELECT count(*) FROM asked a JOIN held h ON h.e ~ a.e), 15::bigint, '  and finds all');
SELECT is((SELECT count(*) FROM asked a JOIN held h ON a.e ~ h.e), 15::bigint, '  from either side');
SELECT is((SELECT count(*) FROM asked a WHERE EXISTS (SELECT FROM held h WHERE h.e ~ a.e)), 5::bigint, '  as a semi-join');
RESET enable_seqscan;
DROP INDEX held_e;
CREATE INDEX held_hash ON held USING hash (e);
SELECT doesnt_match(pg_temp.shown($$SELECT * FROM held WHERE e ~ evidence('nid', '77', 3)$$), 'Index', 'a hash index has no ranges');
SELECT is((SELECT count(*) FROM held WHERE e ~ evidence('nid', '77', 3)), 3::bigint, '  the answer is the same');
SELECT is((SELECT id FROM held WHERE e = evidence('nid', '77', 0)), 231, 'the hash operator class finds the one');
DROP INDEX held_hash;
CREATE INDEX held_e ON held (e DESC);
SELECT is((SELECT count(*) FROM held WHERE e ~ evidence('nid', '77', 3)), 3::bigint, 'a descending index serves');

-- Estimates are of the order of equality's
SELECT cmp_ok(pg_temp.rows_of($$SELECT * FROM held WHERE e ~ evidence('nid', '77', 3)$$), '<=', 10::bigint, 'a key is few rows');
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT cmp_ok(pg_temp.rows_of('SELECT * FROM asked a JOIN held h ON h.e ~ a.e'), '<=', 50::bigint, 'a join of five keys too');
INSERT INTO held SELECT i, evidence('mobile', 'shared', 5) FROM generate_series(1, 10000) i;
ANALYZE held;
SELECT cmp_ok(pg_temp.rows_of($$SELECT * FROM held WHERE e ~ evidence('mobile', 'shared', 9)$$), '>', 5000::bigint,
    'unless it is known to be common');

-- Flags
SELECT is((SELECT count(*) FROM pg_proc WHERE pronamespace = 'ekok'::regnamespace AND proname IN ('evidence_key', 'programme',
    'same_evidence', 'evidence_first', 'evidence_last', 'evidence_lt', 'evidence_le', 'evidence_eq', 'evidence_ne', 'evidence_ge',
    'evidence_gt', 'evidence_cmp', 'evidence_hash') AND proleakproof AND provolatile = 'i' AND proparallel = 's'), 13::bigint,
    'comparison and parts are leakproof, immutable and parallel safe');
SELECT is((SELECT count(*) FROM pg_proc WHERE pronamespace = 'ekok'::regnamespace AND proname = 'evidence' AND provolatile = 'i'
    AND proisstrict AND proparallel = 's'), 9::bigint, 'constructors are immutable and strict');

-- holders
SELECT results_eq($$SELECT h.evidence_key, h.programme, held.id FROM holders('held_e', ARRAY[evidence('nid', '77', 9), NULL,
        evidence('nid', '5', 1), evidence('nid', '77', 0), evidence('nid', 'nobody', 0)]) h JOIN held ON held.ctid = h."row"$$,
    $$SELECT evidence_key(e), programme(e), id FROM held WHERE e ~ evidence('nid', '77', 0) OR e ~ evidence('nid', '5', 0) ORDER BY e$$,
    'holders: all rows of each different key, in order, whatever the index''s direction');
SELECT is_empty($$SELECT * FROM holders('held_e', '{}')$$, 'no keys, no rows');
SELECT is_empty($$SELECT * FROM holders('held_e', NULL)$$, 'NULL, no rows');
DELETE FROM held WHERE e = evidence('nid', '77', 0);
UPDATE held SET id = -id WHERE e = evidence('nid', '77', 1);
SELECT results_eq($$SELECT h.programme, held.id FROM holders('held_e', ARRAY[evidence('nid', '77', 0)]) h JOIN held ON held.ctid = h."row"$$,
    'VALUES (1, -232), (2, 233)', 'neither deleted rows nor old versions');
SELECT is((SELECT count(*) FROM holders('held_e', (SELECT array_agg(e) FROM held WHERE id <> 0))), (SELECT count(*) FROM held
    WHERE e IS NOT NULL), 'many keys');
SELECT is(pg_temp.error_of($$SELECT * FROM holders('held', '{}')$$),
    E'42809\n"held" is not an index\nName a btree index whose first column is of type ekok.evidence.', 'a table');
SELECT is(pg_temp.error_of($$SELECT * FROM holders('held_e', array_fill('0000000000001/1'::evidence, '{1048577}'))$$),
    E'54000\n1048577 keys to look up\nAt most 1048576 are looked up in one call.\nJoin the table with the keys by the operator ~ instead.',
    'too many keys');
CREATE ROLE ekok_test_clerk;
GRANT USAGE ON SCHEMA ekok TO ekok_test_clerk;
CREATE FUNCTION pg_temp.as_clerk() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_temp AS $$
BEGIN
    RETURN pg_temp.error_of('SELECT count(*) FROM ekok.holders(''pg_temp.held_e'', ''{0000000000001/1}'')');
END $$;
ALTER FUNCTION pg_temp.as_clerk() OWNER TO ekok_test_clerk;
SELECT matches(pg_temp.as_clerk(), '^42501\npermission denied for table held\n', 'without SELECT on the table');
GRANT SELECT ON held TO ekok_test_clerk;
SELECT is(pg_temp.as_clerk(), 'no error', 'with it');
ALTER TABLE held ENABLE ROW LEVEL SECURITY;
SELECT matches(pg_temp.as_clerk(), '^42501\nrow-level security of table held applies to the caller\n', 'policies are not passed over');

SELECT * FROM finish();
ROLLBACK;
