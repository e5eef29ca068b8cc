-- merge.sql - etl.merge_page: what is new, changed, unchanged, set aside; replay; counts; nothing written for nothing.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(43);

SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a", "mobile": "m", "household": "h1", "geo": "10040913"}');
SELECT pg_temp.give('dss', '2', 'WDA', '{"brn": "b", "wallet": "w", "account": "c", "household": "h1", "geo": "10040915"}');
SELECT pg_temp.give('dss', '3', 'PES', '{"nid": "z"}');
SELECT pg_temp.give_bad('4');
SELECT is(pg_temp.merge(:run), '2 0 0 1 1', 'two new, one quarantined, one of a programme that dss may not report');
SELECT is((SELECT concat_ws(' ', pages, fetched, inserted, updated, unchanged, quarantined, refused) FROM etl.run WHERE id = :run),
          '1 4 2 0 0 1 1', 'the run counts them');
SELECT results_eq($$ SELECT record_id, programme, first_run = last_run FROM registry.enrolment WHERE source = 'dss' ORDER BY 1 $$,
                  $$ VALUES ('1', 'OAA', true), ('2', 'WDA', true) $$, 'the enrolments');
SELECT results_eq($$ SELECT e.record_id, v.kind, ekok.programme(v.key) FROM registry.evidence v JOIN registry.enrolment e ON e.id = v.enrolment_id
                     WHERE e.source = 'dss' ORDER BY 1, 2 $$,
                  $$ VALUES ('1', 'mobile', 1), ('1', 'nid', 1), ('2', 'account', 2), ('2', 'brn', 2), ('2', 'wallet', 2) $$, 'their evidence');
SELECT is((SELECT key::text FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '1') AND kind = 'nid'),
          ekok.evidence('nid', decode(md5('nida'), 'hex'), 1)::text, 'a key is made of kind, token and programme');
SELECT results_eq($$ SELECT household_key, geo FROM registry.household WHERE source = 'dss' $$, $$ VALUES ('h1', '10040915') $$,
                  'one household, placed by its highest record');
SELECT is((SELECT id FROM registry.household WHERE source = 'dss'), registry.household_id('dss', 'h1'), 'with an id that is always the same');
SELECT results_eq($$ SELECT record_id, disposition, reasons -> 0 ->> 'reason', sealed FROM etl.quarantine WHERE source = 'dss' ORDER BY 1 $$,
                  $$ VALUES ('3', 'refused', 'programme_not_permitted', '\x0101'::bytea), ('4', 'quarantined', 'impossible_date', '\x0202') $$,
                  'set aside with reasons and sealed bytes');
SELECT is((SELECT row_mac FROM etl.quarantine WHERE record_id = '3' AND source = 'dss'), decode(md5('raw3'), 'hex'), 'a refused row is known by its raw bytes');
SELECT results_eq(format('SELECT number, rows, bytes::int, state FROM etl.page WHERE run_id = %s', :run), $$ VALUES (1, 4, 1000, 'loaded') $$, 'the page');
SELECT results_eq($$ SELECT value, page FROM etl.cursor WHERE source = 'dss' $$, $$ VALUES ('page=2', 1) $$, 'the cursor');

-- The same again.
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a", "mobile": "m", "household": "h1", "geo": "10040913"}');
SELECT pg_temp.give('dss', '2', 'WDA', '{"brn": "b", "wallet": "w", "account": "c", "household": "h1", "geo": "10040915"}');
SELECT pg_temp.give('dss', '3', 'PES', '{"nid": "z"}');
SELECT pg_temp.give_bad('4');
SELECT is(pg_temp.merge(:run), '0 0 2 1 1', 'all seen before');
SELECT bag_eq('SELECT * FROM pg_temp.versions()', 'SELECT * FROM before', 'unchanged records write no row version and take no lock');

-- Changes.
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a2", "amount_paisa": 65000, "household": "h1", "geo": "10040913"}');
SELECT pg_temp.give('dss', '2', 'OAA', '{"brn": "b", "wallet": "w", "account": "c", "household": "h1"}');
SELECT pg_temp.give('dss', '5', 'TEA', '{"nid": "e"}');
SELECT is(pg_temp.merge(:run), '1 2 0 0 0', 'one new, two changed');
SELECT is((SELECT amount_paisa FROM registry.enrolment WHERE id = pg_temp.id_of('dss', '1')), 65000::bigint, 'the change is there');
SELECT results_eq($$ SELECT kind, ekok.programme(key) FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '1') ORDER BY 1 $$,
                  $$ VALUES ('nid', 1) $$, 'a mobile that is gone leaves no evidence');
SELECT is((SELECT key::text FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '1')), ekok.evidence('nid', decode(md5('nida2'), 'hex'), 1)::text,
          'a new NID gives new evidence');
SELECT results_eq($$ SELECT DISTINCT ekok.programme(key) FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '2') $$, 'VALUES (1)',
                  'another programme moves all evidence');
SELECT is((SELECT geo FROM registry.household WHERE source = 'dss'), '10040913', 'a household moves with the last that gives a place');
SELECT is((SELECT last_run > 0 AND first_run = last_run FROM registry.enrolment WHERE id = pg_temp.id_of('dss', '1')), true, 'runs are noted');
SELECT pg_temp.give('dss', '5', 'TEA', '{"nid": "e", "amount_paisa": 1}');
CREATE TEMP TABLE evidence_5 AS SELECT concat_ws(' ', ctid, xmin, xmax) FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '5');
SELECT is(pg_temp.merge(:run), '0 1 0 0 0', 'only the amount changed');
SELECT bag_eq($$ SELECT concat_ws(' ', ctid, xmin, xmax) FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dss', '5') $$, 'SELECT * FROM evidence_5',
              'evidence that stays as it was is not touched');
SELECT pg_temp.give('dss', '5', NULL, '{"nid": "e"}');
SELECT is(pg_temp.merge(:run), '0 0 0 0 1', 'a record without a programme is refused');
SELECT is(pg_temp.merge(:run), '0 0 0 0 0', 'an empty page is a page');
SELECT is((SELECT concat_ws(' ', pages, fetched, inserted, updated, unchanged, quarantined, refused) FROM etl.run WHERE id = :run),
          '6 13 3 3 2 2 3', 'counts add up over pages');
SELECT is((SELECT count(*) FROM etl.run WHERE fetched <> inserted + updated + unchanged + quarantined + refused)::int, 0, 'the books balance');

-- Refusals.
SELECT pg_temp.give('dss', '9', 'OAA');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 6, NULL, sha256(''p''), 1, 1)', :run), '55000', NULL, 'a page that was merged is not merged again');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 8, NULL, sha256(''p''), 1, 1)', :run), '55000', NULL, 'no page is left out');
SELECT throws_ok(format('SELECT etl.merge_page(%s, NULL, NULL, sha256(''p''), 1, 1)', :run), '55000', NULL, 'a page has a number');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 7, NULL, sha256(''p''), 1, 2)', :run), '22000', NULL, 'every record of a page is staged');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 7, NULL, sha256(''p''), 1, NULL)', :run), '22000', NULL, 'the count is given');
SELECT throws_ok('SELECT etl.merge_page(-1, 1, NULL, sha256(''p''), 1, 1)', 'P0002', NULL, 'the run exists');
UPDATE stage SET id = pg_temp.id_of('dss', '1');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 7, NULL, sha256(''p''), 1, 1)', :run), '22000', NULL, 'an id belongs to one record');
UPDATE stage SET id = pg_temp.id_of('dss', '9'), birth_date = NULL;
SELECT throws_ok(format('SELECT etl.merge_page(%s, 7, NULL, sha256(''p''), 1, 1)', :run), '23502', NULL, 'a row that breaks a law stops the page');
SELECT is((SELECT pages FROM etl.run WHERE id = :run), 6, 'and nothing of that page stands');
UPDATE stage SET birth_date = '1960-01-01';
SELECT lives_ok(format('SELECT etl.merge_page(%s, 7, NULL, sha256(''p''), 1, 1)', :run), 'mended, it is merged');
SELECT is((SELECT value FROM etl.cursor WHERE source = 'dss'), NULL, 'the last page leaves the cursor at the start');
SELECT etl.close_run(:run, 'finished', NULL);
SELECT throws_ok(format('SELECT etl.merge_page(%s, 8, NULL, sha256(''p''), 1, 1)', :run), '55000', NULL, 'a closed run takes no page');

-- A page that is new from first to last comes to the same, though one of its records was pending before it was deleted.
SELECT pg_temp.open('dss') AS run \gset
DELETE FROM stage;
INSERT INTO registry.pending (enrolment_id) VALUES (pg_temp.id_of('dss', '21'));
SELECT pg_temp.give('dss', '20', 'OAA', '{"nid": "p", "mobile": "q", "household": "h2", "geo": "1004"}');
SELECT pg_temp.give('dss', '22', 'OAA', '{"household": "h2"}');
SELECT pg_temp.give('dss', '21', 'WDA', '{"brn": "r", "household": "h2", "geo": "100409"}');
SELECT is(pg_temp.merge(:run), '3 0 0 0 0', 'all new');
SELECT results_eq($$ SELECT household_key, geo FROM registry.household WHERE source = 'dss' AND household_key = 'h2' $$, $$ VALUES ('h2', '100409') $$,
                  'their household, placed by its highest record that gives a place');
SELECT bag_eq($$ SELECT enrolment_id, kind, key::text FROM registry.evidence WHERE enrolment_id IN (SELECT pg_temp.id_of('dss', n::text) FROM generate_series(20, 22) n) $$,
              $$ SELECT v.enrolment_id, v.kind, v.key::text FROM registry.evidence_of(ARRAY(SELECT pg_temp.id_of('dss', n::text) FROM generate_series(20, 22) n)) v $$,
              'their evidence is what their tokens tell');
SELECT is((SELECT count(*) FROM registry.pending WHERE enrolment_id IN (SELECT pg_temp.id_of('dss', n::text) FROM generate_series(20, 22) n))::int, 3,
          'each is to be linked, once');

CREATE FUNCTION pg_temp.is_place(given text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry.household (id, source, household_key, geo) VALUES (gen_random_uuid(), 'dss', 'place', given);
    RAISE 'a place' USING ERRCODE = 'ZZ999';
EXCEPTION
    WHEN SQLSTATE 'ZZ999' THEN RETURN true;
    WHEN check_violation THEN RETURN false;
END $$;
SELECT is((SELECT string_agg(g, ' ' ORDER BY g) FROM unnest(ARRAY['', '1', '12', '123', '1234', '123456', '12345678', '1234567890', '12a4', ' 12', '১২']) g
           WHERE pg_temp.is_place(g)), '12 1234 123456 12345678', 'a place code is one to four pairs of digits');

SELECT * FROM finish();
ROLLBACK;
