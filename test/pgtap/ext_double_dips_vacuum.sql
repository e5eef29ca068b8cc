-- ext_double_dips_vacuum.sql - ekok.double_dips on vacuumed pages: the visibility map answers for the heap, and
-- the index points to redirected line pointers. VACUUM allows no transaction around it, so tables are temporary.
SET search_path = ekok, public, pg_catalog;
SET client_min_messages = warning;
SELECT plan(9);
DO $$ BEGIN PERFORM setseed(0.5); END $$;

CREATE TEMP TABLE held (id int, e evidence, note text DEFAULT 'x') WITH (fillfactor = 40);
CREATE INDEX held_e ON held (e);

CREATE FUNCTION pg_temp.agree(what text) RETURNS text LANGUAGE sql AS $f$
    SELECT public.results_eq($$SELECT evidence_key, programmes, (SELECT array_agg(r ORDER BY r) FROM unnest(rows) r)
            FROM ekok.double_dips('held_e')$$,
        $$SELECT ekok.evidence_key(e), array_agg(DISTINCT ekok.programme(e) ORDER BY ekok.programme(e)),
            array_agg(ctid ORDER BY ctid)
            FROM held WHERE e IS NOT NULL GROUP BY 1 HAVING count(DISTINCT ekok.programme(e)) >= 2 ORDER BY 1$$, what)
$f$;
CREATE FUNCTION pg_temp.all_visible() RETURNS boolean LANGUAGE sql AS $$
    SELECT relallvisible = relpages AND relpages > 0 FROM pg_class WHERE oid = 'held'::regclass
$$;

INSERT INTO held SELECT i, evidence('nid', (random() * 6000)::int::text, (random() * 11)::int)
    FROM generate_series(1, 10000) i;
VACUUM held;
SELECT ok(pg_temp.all_visible(), 'every page is all-visible');
SELECT pg_temp.agree('all-visible pages');

-- Every row gets a HOT successor; VACUUM then leaves redirects, which a TID scan does not follow
UPDATE held SET note = 'y';
VACUUM held;
SELECT ok(pg_temp.all_visible(), 'every page is all-visible again');
SELECT pg_temp.agree('redirected line pointers');
SELECT cmp_ok((SELECT count(*) FROM double_dips('held_e')), '>', 1000::bigint, 'there is something to compare');
SELECT is((SELECT count(*) FROM double_dips('held_e') d, held WHERE ctid = ANY (d.rows) AND note = 'y'),
    (SELECT sum(cardinality(rows)) FROM double_dips('held_e'))::bigint, 'every TID leads to its row');

-- Entries removed by VACUUM, their line pointers used again
DELETE FROM held WHERE id % 2 = 0;
VACUUM held;
INSERT INTO held SELECT i, evidence('nid', (random() * 6000)::int::text, (random() * 11)::int)
    FROM generate_series(1, 4000) i;
SELECT pg_temp.agree('line pointers used again');
DELETE FROM held WHERE id % 3 = 0;
SELECT pg_temp.agree('dead rows on pages that were all-visible');
DELETE FROM held;
VACUUM held;
SELECT is_empty($$SELECT * FROM double_dips('held_e')$$, 'an emptied index has no groups');

SELECT * FROM finish();
