-- ext_double_dips_pages.sql - keys that lie across leaf pages in every way: pages of one entry, of a few, of many; posting lists; a second
-- column that is NULL; entries marked dead between living ones. Always the rows of the plain query. Vacuums, so nothing is rolled back.
SET search_path = ekok, public, pg_catalog;
SET client_min_messages = warning;
SELECT plan(41);
DO $$ BEGIN PERFORM setseed(0.5); END $$;

CREATE TEMP TABLE held (id int, e evidence, wide text, note text) WITH (autovacuum_enabled = off);
-- Keys that one programme holds, that several do, and a few that many rows do: at a page's end any may be cut.
INSERT INTO held SELECT i, evidence('nid', (CASE WHEN i % 9 = 0 THEN i % 36 ELSE random() * 900 END)::int::text, (random() * random() * 7)::int),
    repeat(chr(97 + i % 26), 200 + i % 300), CASE WHEN i % 3 = 0 THEN 'x' END FROM generate_series(1, 3000) i;
INSERT INTO held SELECT i FROM generate_series(1, 50) i;

CREATE FUNCTION pg_temp.agree(what text, fewest int) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
    plain text := format('SELECT * FROM ekok.double_dips_plain(''held_e'', %s)', fewest);
BEGIN
    RETURN NEXT public.results_eq(format('SELECT * FROM ekok.double_dips(''held_e'', %s)', fewest), plain, what || ', ' || fewest);
    RETURN NEXT public.results_eq(format('SELECT * FROM ekok.double_dip_counts(''held_e'', %s)', fewest), format(
        'SELECT evidence_key, cardinality(programmes), cardinality(rows)::bigint FROM (%s) p', plain), '  numbers');
END $f$;

CREATE INDEX held_e ON held (e, wide) WITH (fillfactor = 10, deduplicate_items = off);
SELECT pg_temp.agree('one entry a page', fewest) FROM generate_series(1, 4) fewest;
DROP INDEX held_e;
CREATE INDEX held_e ON held (e, note, wide) WITH (fillfactor = 90, deduplicate_items = off);
SELECT pg_temp.agree('a score a page, some with a NULL behind the evidence', fewest) FROM generate_series(1, 4) fewest;
DROP INDEX held_e;
CREATE INDEX held_e ON held (e NULLS FIRST);
SELECT pg_temp.agree('posting lists', fewest) FROM generate_series(1, 4) fewest;

-- Entries marked dead, found so by a scan: two programmes side by side of which one is dead, and three of which the middle one is.
DELETE FROM held WHERE id % 2 = 0;
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) FROM held WHERE e > '0000000000000/0' \g /dev/null
SELECT pg_temp.agree('marked dead', fewest) FROM generate_series(1, 4) fewest;
DROP INDEX held_e;
CREATE INDEX held_e ON held (e, wide) WITH (deduplicate_items = off);
DELETE FROM held WHERE id % 5 = 0;
SELECT count(*) FROM held WHERE e > '0000000000000/0' \g /dev/null
SELECT pg_temp.agree('marked dead, few a page', fewest) FROM generate_series(1, 4) fewest;

SELECT cmp_ok((SELECT count(*) FROM double_dips('held_e', 3)), '>', 20::bigint, 'there is something to find');
SELECT * FROM finish();
