-- ext_double_dips.sql - ekok.double_dips against a naive query that must give the same rows, and everything it refuses.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SET LOCAL client_min_messages = warning;
SELECT plan(46);
DO $$ BEGIN PERFORM setseed(0.25); END $$;

\ir helper/error.psql

CREATE TYPE pg_temp.dip AS (key bigint, programmes int[], rows tid[]);

-- The sweep, rows of a key in order of TID.
CREATE FUNCTION pg_temp.swept(index regclass, fewest int) RETURNS SETOF pg_temp.dip LANGUAGE sql AS $$
    SELECT d.evidence_key, d.programmes, (SELECT array_agg(r ORDER BY r) FROM unnest(d.rows) r)
    FROM ekok.double_dips(index, fewest) d
$$;

-- Its naive twin: what the sweep must return for column e of table held, in order.
CREATE FUNCTION pg_temp.naive(fewest int) RETURNS SETOF pg_temp.dip LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT ekok.evidence_key(e), array_agg(DISTINCT ekok.programme(e) ORDER BY ekok.programme(e)),
        array_agg(ctid ORDER BY ctid)
    FROM held WHERE e IS NOT NULL
    GROUP BY 1 HAVING count(DISTINCT ekok.programme(e)) >= fewest ORDER BY 1;
    IF NOT FOUND THEN
        RAISE 'the naive query finds nothing: nothing is compared';
    END IF;
END $$;

CREATE FUNCTION pg_temp.agree(fewest int, what text) RETURNS text LANGUAGE sql AS $$
    SELECT public.results_eq(format('SELECT * FROM pg_temp.swept(''held_e'', %s)', fewest),
        format('SELECT * FROM pg_temp.naive(%s)', fewest), what)
$$;

CREATE TEMP TABLE held (id int, e evidence, note text DEFAULT 'x') ON COMMIT DROP;
CREATE INDEX held_e ON held (e);
SELECT is_empty($$SELECT * FROM double_dips('held_e')$$, 'an empty index has no groups');
INSERT INTO held SELECT i FROM generate_series(1, 500) i;
SELECT is_empty($$SELECT * FROM double_dips('held_e', 1)$$, 'NULLs make no group');

-- Random data: about 12 000 keys, 12 programmes, some keys held by many
INSERT INTO held SELECT i, evidence('nid', (random() * 12000)::int::text, (random() * 11)::int + 1)
    FROM generate_series(1, 20000) i;
SELECT pg_temp.agree(fewest, format('random data, %s programmes or more', fewest)) FROM generate_series(1, 5) fewest;
SELECT is_empty($$SELECT * FROM double_dips('held_e', 4096)$$, 'nothing is held by 4096 programmes');
SELECT cmp_ok((SELECT count(*) FROM double_dips('held_e')), '>', 3000::bigint, 'there is something to compare');
SELECT is((SELECT count(*) FROM double_dips('held_e')), (SELECT count(*) FROM double_dips('held_e', 2)),
    'two programmes are the default');

-- Rows that came and went
DELETE FROM held WHERE id % 3 = 0;
SELECT pg_temp.agree(2, 'after deletes');
UPDATE held SET note = 'y' WHERE id % 5 = 0;
SELECT pg_temp.agree(2, 'after updates of another column (HOT chains)');
UPDATE held SET e = evidence('nid', (id % 1000)::text, id % 4096) WHERE id % 7 = 0;
SELECT pg_temp.agree(2, 'after updates of the evidence');
UPDATE held SET e = NULL WHERE id % 11 = 0;
SELECT pg_temp.agree(1, 'after evidence was withdrawn');
SAVEPOINT before;
INSERT INTO held SELECT i, evidence('nid', i::text, 4000) FROM generate_series(1, 12000) i;
ROLLBACK TO before;
SELECT pg_temp.agree(2, 'after a rolled back insert');
SELECT is((SELECT count(*) FROM double_dips('held_e') d, held WHERE ctid = ANY (d.rows)),
    (SELECT sum(cardinality(rows)) FROM double_dips('held_e'))::bigint, 'every TID leads to its row');
SELECT is_empty($$SELECT 1 FROM double_dips('held_e') d, held WHERE ctid = ANY (d.rows)
    AND (evidence_key(e) <> d.evidence_key OR programme(e) <> ALL (d.programmes))$$,
    'of that key and those programmes');

-- A group that falls to one programme by a delete is gone
CREATE TEMP TABLE few (e evidence) ON COMMIT DROP;
CREATE INDEX few_e ON few (e);
INSERT INTO few VALUES ('0000000000001/1'), ('0000000000001/2'), ('fffffffffffff/7'), ('fffffffffffff/4095'),
    ('fffffffffffff/0'), ('8000000000000/3'), ('8000000000000/3');
SELECT results_eq($$SELECT * FROM double_dips('few_e')$$,
    $$VALUES (1::bigint, '{1,2}'::int[], '{"(0,1)","(0,2)"}'::tid[]),
             ((1::bigint << 52) - 1, '{0,7,4095}', '{"(0,5)","(0,3)","(0,4)"}')$$,
    'two programmes count, two rows of one programme do not; unsigned order; rows by programme');
DELETE FROM few WHERE e = '0000000000001/2';
SELECT results_eq($$SELECT evidence_key FROM double_dips('few_e')$$, $$VALUES ((1::bigint << 52) - 1)$$,
    'a deleted row is no programme');

-- The snapshot of the query counts, not the present
DECLARE earlier CURSOR FOR SELECT count(*) FROM double_dips('few_e', 1);
DELETE FROM few;
SELECT is_empty($$SELECT * FROM double_dips('few_e', 1)$$, 'all rows are gone');
SELECT results_eq('FETCH ALL FROM earlier', 'VALUES (3::bigint)', 'but not for a cursor opened before');
CLOSE earlier;

-- Many duplicates: posting lists
TRUNCATE held;
INSERT INTO held SELECT i, evidence('mobile', (i % 50)::text, i % 5 * (i % 3)) FROM generate_series(1, 30000) i;
REINDEX INDEX held_e;
SELECT cmp_ok(pg_relation_size('held_e'), '<', 400000::bigint, 'the index keeps duplicates in posting lists');
SELECT pg_temp.agree(2, 'posting lists');
DELETE FROM held WHERE random() < 0.5;
SELECT pg_temp.agree(2, 'posting lists with half of their rows deleted');
SELECT is((SELECT sum(cardinality(rows)) FROM double_dips('held_e', 1)), (SELECT count(*) FROM held),
    'min_programmes 1 returns every row once');

-- Pages known to be all-visible: COPY with FREEZE into a new table sets the visibility map
TRUNCATE held;
COPY held (id, e) FROM PROGRAM
    'awk ''BEGIN { for (i = 1; i <= 20000; i++) printf "%d %013x/%d\n", i, (i * 7919) % 2000, i % 7 }'''
    WITH (FREEZE, FORMAT text, DELIMITER ' ');
SELECT pg_temp.agree(2, 'all-visible pages');
DELETE FROM held WHERE id % 4 = 0;
UPDATE held SET note = 'y' WHERE id % 6 = 0;
SELECT pg_temp.agree(2, 'some pages no longer all-visible');

-- Other shapes of index that hold the same
DROP INDEX held_e;
CREATE INDEX held_e ON held (e DESC NULLS FIRST);
SELECT pg_temp.agree(2, 'a descending index gives rising keys');
DROP INDEX held_e;
CREATE INDEX held_e ON held (e, id) INCLUDE (note);
SELECT pg_temp.agree(2, 'an index of more columns');
DROP INDEX held_e;
CREATE INDEX held_e ON held ((evidence(evidence_key(e)::text, 'k', programme(e)))) WHERE id < 5000;
SELECT results_eq($$SELECT programmes, rows FROM pg_temp.swept('held_e', 2) ORDER BY 2$$,
    $$SELECT array_agg(DISTINCT programme(e) ORDER BY programme(e)), array_agg(ctid ORDER BY ctid) AS r
      FROM held WHERE id < 5000 GROUP BY evidence_key(e) HAVING count(DISTINCT programme(e)) >= 2 ORDER BY 2$$,
    'an expression index with a predicate');
SELECT cmp_ok((SELECT count(*) FROM double_dips('held_e')), '>', 1000::bigint, 'which finds something');

-- Refusals, whole
CREATE TEMP TABLE other (e evidence, n bigint, p int) ON COMMIT DROP;
CREATE INDEX other_n ON other (n);
CREATE INDEX other_n_e ON other (n, e);
CREATE INDEX other_hash ON other USING hash (e);
CREATE INDEX other_e ON other (e);
SELECT is(pg_temp.error_of($$SELECT double_dips('other')$$),
    E'42809\n"other" is not an index\nName a btree index whose first column is of type ekok.evidence.', 'a table');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_n')$$),
    E'42809\nthe first column of index "other_n" is not of type ekok.evidence\n'
    'Name a btree index whose first column is of type ekok.evidence.', 'another type');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_n_e')$$),
    E'42809\nthe first column of index "other_n_e" is not of type ekok.evidence\n'
    'Name a btree index whose first column is of type ekok.evidence.', 'evidence in the second column');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_hash')$$),
    E'42809\nindex "other_hash" is not a btree\nName a btree index whose first column is of type ekok.evidence.',
    'a hash index');
SELECT is(pg_temp.error_of($$SELECT double_dips(4294967294::oid::regclass)$$),
    E'42704\nno relation has OID 4294967294\nName a btree index whose first column is of type ekok.evidence.',
    'no such relation');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_e', 0)$$),
    E'22023\nmin_programmes is 0\nIt must lie between 1 and 4096.\n2 finds whoever is in two programmes or more.', '0');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_e', 4097)$$),
    E'22023\nmin_programmes is 4097\nIt must lie between 1 and 4096.\n2 finds whoever is in two programmes or more.',
    '4097');
SELECT is_empty($$SELECT * FROM double_dips(NULL, 2)$$, 'NULL in, nothing out');
CREATE TEMP TABLE parted (e evidence, p int) PARTITION BY LIST (p) ON COMMIT DROP;
CREATE INDEX parted_e ON parted (e);
SELECT is(pg_temp.error_of($$SELECT double_dips('parted_e')$$),
    E'42809\n"parted_e" is a partitioned index\n'
    'Sweep the index of each partition; a person spread over partitions is not found that way.', 'a partitioned index');
CREATE OPERATOR CLASS pg_temp.by_hash FOR TYPE evidence USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =,
    OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 evidence_cmp(evidence, evidence);
CREATE INDEX other_own ON other (e pg_temp.by_hash);
SELECT is(pg_temp.error_of($$SELECT double_dips('other_own')$$),
    E'42809\nindex "other_own" uses an operator class of its own\n'
    'Build it with the default operator class, ekok.evidence_ops.', 'an operator class of its own');
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'other_e'::regclass;
SELECT is(pg_temp.error_of($$SELECT double_dips('other_e')$$),
    E'55000\nindex "other_e" is not valid\nRebuild it with REINDEX INDEX.', 'an index that is not valid');
UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'other_e'::regclass;

-- Who may: SELECT on the whole table, and no policy in the way
CREATE ROLE ekok_test_clerk;
GRANT USAGE ON SCHEMA ekok TO ekok_test_clerk;
CREATE FUNCTION pg_temp.as_clerk() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_temp AS $$
BEGIN
    RETURN pg_temp.error_of('SELECT count(*) FROM ekok.double_dips(''pg_temp.other_e'')');
END $$;
ALTER FUNCTION pg_temp.as_clerk() OWNER TO ekok_test_clerk;
GRANT SELECT (e) ON other TO ekok_test_clerk;
SELECT is(pg_temp.as_clerk(), E'42501\npermission denied for table other\n'
    'A sweep returns every row of the table that shares evidence: it needs SELECT on the table.',
    'SELECT on a column is not enough');
GRANT SELECT ON other TO ekok_test_clerk;
SELECT is(pg_temp.as_clerk(), 'no error', 'SELECT on the table is');
ALTER TABLE other ENABLE ROW LEVEL SECURITY;
SELECT is(pg_temp.as_clerk(), E'42501\nrow-level security of table other applies to the caller\n'
    'An index knows no policies: sweep as a role that sees every row.', 'row-level security is never passed over');
SELECT is(pg_temp.error_of($$SELECT double_dips('other_e')$$), 'no error', 'whoever sees every row may');

SELECT * FROM finish();
ROLLBACK;
