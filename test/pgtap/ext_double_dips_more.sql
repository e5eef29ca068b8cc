-- ext_double_dips_more.sql - the sweep in parts, over several indexes, as numbers, streaming; trees of one page and of three
-- levels, emptied leaves; the plain twin; everything refused. Vacuums, so its tables are temporary and nothing is rolled back.
SET search_path = ekok, public, pg_catalog;
SET client_min_messages = warning;
SELECT plan(53);
DO $$ BEGIN PERFORM setseed(0.75); END $$;

\ir helper/error.psql

-- Whether all forms of the sweep give the plain query's rows, in its order. The number of rows must be above `more`.
CREATE FUNCTION pg_temp.agree(index regclass, fewest int, more bigint, what text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE plain text := format('SELECT * FROM ekok.double_dips_plain(%L, %s)', index, fewest);
BEGIN
    RETURN NEXT public.results_eq(format('SELECT * FROM ekok.double_dips(%L, %s)', index, fewest), plain, what || ': rows');
    RETURN NEXT public.results_eq(format('SELECT * FROM ekok.double_dip_counts(%L, %s)', index, fewest), format(
        'SELECT evidence_key, cardinality(programmes), cardinality(rows)::bigint FROM (%s) p', plain), what || ': numbers');
    RETURN NEXT public.results_eq(format('SELECT (d).* FROM (SELECT ekok.double_dips(%L, %s) AS d OFFSET 0) s', index, fewest), plain,
        what || ': streamed');
    RETURN NEXT public.results_eq(format('SELECT d.* FROM generate_series(1, 7) p, LATERAL ekok.double_dips(%L, %s, p, 7) d', index,
        fewest), plain, what || ': in seven parts');
    RETURN NEXT public.cmp_ok((SELECT count(*) FROM ekok.double_dips(index, fewest)), '>', more, what || ': something is found');
END $f$;

CREATE TEMP TABLE held (id int, e evidence, note text DEFAULT 'x');
CREATE INDEX held_e ON held (e);
SELECT is((SELECT count(*) FROM double_dip_counts('held_e', 1)), 0::bigint, 'an empty index');
SELECT is((SELECT count(*) FROM double_dips('held_e', 1, 2, 2)), 0::bigint, 'a part of it');
INSERT INTO held SELECT i, evidence('nid', (i / 2)::text, i % 3) FROM generate_series(1, 20) i;
SELECT pg_temp.agree('held_e', 2, 5, 'one page');
INSERT INTO held SELECT i, CASE WHEN i % 10 > 0 THEN evidence('nid', (random() * 30000)::int::text, (random() * 11)::int) END
    FROM generate_series(1, 60000) i;
UPDATE held SET note = 'y' WHERE id % 5 = 0;
DELETE FROM held WHERE id % 7 = 0;
SELECT pg_temp.agree('held_e', 2, 5000, 'inserted at random, updated, deleted');
VACUUM held;
UPDATE held SET e = evidence('nid', (id % 3000)::text, id % 13) WHERE id % 11 = 0;
SELECT pg_temp.agree('held_e', 3, 1000, 'vacuumed and changed again');
DELETE FROM held WHERE e > '4000000000000/0' AND e < 'c000000000000/0';
VACUUM held;
SELECT pg_temp.agree('held_e', 1, 5000, 'half of the leaves emptied');
DROP INDEX held_e;
CREATE INDEX held_e ON held (e NULLS FIRST) WITH (fillfactor = 10);
SELECT pg_temp.agree('held_e', 2, 2000, 'NULLs before all');
DROP INDEX held_e;
-- A column of 800 bytes behind the evidence: few entries a page, and a tree of more levels
CREATE INDEX held_e ON held (e, (repeat('x', 800) || id), note) WITH (deduplicate_items = off, fillfactor = 10);
SELECT pg_temp.agree('held_e', 2, 2000, 'a tree of more levels');

-- Several indexes are one key space
CREATE TEMP TABLE more (id int, e evidence, o evidence);
INSERT INTO more SELECT i, evidence('nid', (random() * 30000)::int::text, 20 + i % 2), evidence('nid', (random() * 30000)::int::text, 21)
    FROM generate_series(1, 20000) i;
CREATE INDEX more_e ON more (e);
CREATE INDEX more_o ON more (o DESC);
DELETE FROM more WHERE id % 6 = 0;
CREATE FUNCTION pg_temp.joined() RETURNS TABLE (key bigint, programmes int[], rows tid[], indexes regclass[], tables regclass[])
LANGUAGE sql AS $$
    WITH a (e, n, i, t, at) AS (SELECT e, 1, 'held_e'::regclass, 'held'::regclass, ctid FROM held
        UNION ALL SELECT e, 2, 'more_e', 'more', ctid FROM more UNION ALL SELECT o, 3, 'more_o', 'more', ctid FROM more)
    SELECT ekok.evidence_key(e), array_agg(DISTINCT ekok.programme(e) ORDER BY ekok.programme(e)),
        array_agg(at ORDER BY e, n, at), array_agg(i ORDER BY e, n, at), array_agg(t ORDER BY e, n, at)
    FROM a WHERE e IS NOT NULL GROUP BY 1 HAVING count(DISTINCT ekok.programme(e)) >= 2 ORDER BY 1
$$;
SELECT results_eq($$SELECT * FROM double_dips_across('{held_e,more_e,more_o}')$$, 'SELECT * FROM pg_temp.joined()',
    'three indexes of two tables, one of them descending');
SELECT results_eq($$SELECT (d).* FROM (SELECT double_dips_across('{held_e,more_e,more_o}') AS d OFFSET 0) s$$,
    'SELECT * FROM pg_temp.joined()', '  streamed');
SELECT results_eq($$SELECT d.* FROM generate_series(1, 3) p, LATERAL double_dips_across('{held_e,more_e,more_o}', 2, p, 3) d$$,
    'SELECT * FROM pg_temp.joined()', '  in parts');
SELECT cmp_ok((SELECT count(*) FROM pg_temp.joined()), '>', (SELECT count(*) FROM double_dips('held_e')) + 1000,
    '  they find what no one of them does');
SELECT results_eq($$SELECT evidence_key, programmes, rows FROM double_dips_across('{held_e}', 3)$$,
    $$SELECT * FROM double_dips('held_e', 3)$$, 'one index is a list of one');
CREATE TEMP TABLE parted (e evidence, p int) PARTITION BY LIST (p);
CREATE TEMP TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TEMP TABLE parted_2 PARTITION OF parted FOR VALUES IN (2);
CREATE INDEX parted_e ON parted (e);
INSERT INTO parted SELECT evidence('nid', '5', p), p FROM generate_series(1, 2) p;
SELECT results_eq($$SELECT programmes, tables_of FROM double_dips_across((SELECT array_agg(inhrelid::regclass) FROM pg_inherits
    WHERE inhparent = 'parted_e'::regclass))$$, $$VALUES ('{1,2}'::int[], '{parted_1,parted_2}'::regclass[])$$,
    'a person spread over partitions');

-- The plain twin knows partial and expression indexes
CREATE INDEX more_x ON more ((evidence(evidence_key(e)::text, 'k', programme(o)))) WHERE id < 5000;
SELECT results_eq($$SELECT * FROM double_dips('more_x', 1)$$, $$SELECT * FROM double_dips_plain('more_x', 1)$$,
    'an expression index with a predicate');
SELECT is(pg_temp.error_of($$SELECT * FROM double_dips_plain('more')$$),
    E'42809\nnot an index: more\nName a btree index whose first column is of type ekok.evidence.', 'the twin of a table');

-- Left off in the middle, and begun again
SELECT is((SELECT count(*) FROM (SELECT double_dips('held_e') LIMIT 7) s), 7::bigint, 'a limit ends the sweep');
BEGIN;
DECLARE c CURSOR FOR SELECT double_dips('held_e', 1);
MOVE 10 IN c;
DELETE FROM held;
SELECT is((SELECT count(*) FROM double_dips('held_e', 1)), 0::bigint, 'all rows are gone');
SAVEPOINT s;
MOVE 10 IN c;
ROLLBACK TO s;
CREATE TEMP TABLE rest ON COMMIT DROP AS SELECT 1 AS n;
MOVE ALL IN c;
ROLLBACK;
SELECT cmp_ok((SELECT count(*) FROM double_dips('held_e', 1)), '>', 5000::bigint, 'and are back');

-- Refusals
SELECT is(pg_temp.error_of(format('SELECT double_dips(''held_e'', 2, %s, %s)', part, parts)),
    format(E'22023\npart is %s of %s parts\nThere may be 1 to 1024 parts, numbered from 1.\n'
    'Sweep each part in a session of its own; together they give the whole.', part, parts), format('part %s of %s', part, parts))
    FROM (VALUES (0, 1), (2, 1), (1, 0), (1, 1025)) v (part, parts);
SELECT is(pg_temp.error_of($$SELECT double_dips_across('{}')$$), E'22023\n0 indexes to sweep\n'
    'From 1 to 256 indexes are swept together.\nName each btree index whose first column is of type ekok.evidence.', 'no index');
SELECT is(pg_temp.error_of($$SELECT double_dips_across('{held_e,NULL}')$$), E'22023\nindex number 2 is NULL\nName each index once.', 'NULL');
SELECT is(pg_temp.error_of($$SELECT double_dips_across('{held_e,more_e,held_e}')$$),
    E'22023\nindex number 3 is named before\nName each index once.', 'twice');
SELECT matches(pg_temp.error_of($$SELECT double_dips_across('{held_e,more}')$$), '^42809\n"more" is not an index', 'a table among them');
SELECT matches(pg_temp.error_of($$SELECT double_dip_counts('held_e', 0)$$), '^22023\nmin_programmes is 0', 'no programmes');
SELECT is_empty('SELECT * FROM double_dip_progress', 'no sweep is under way');

SELECT * FROM finish();
