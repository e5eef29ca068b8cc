-- page_content.sql - pages taken by what they came to before: what is remembered, what a taken page writes, and each reason
-- for which a page is to be read anew.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/rule.psql
SELECT plan(73);
-- Where it is counted how many rows are looked at: going through all of a table of a hundred rows can be the cheapest.
SET LOCAL enable_seqscan = off;

CREATE FUNCTION pg_temp.whole() RETURNS bigint LANGUAGE sql AS $$
    SELECT run_id FROM etl.open_run('dme', sha256('contract'), 'contract', '{"whole": true}');
$$;
CREATE FUNCTION pg_temp.next(run bigint) RETURNS int LANGUAGE sql AS $$ SELECT pages + 1 FROM etl.run WHERE id = $1 $$;
-- What is staged, as a page of these bytes: "inserted updated unchanged quarantined refused".
CREATE FUNCTION pg_temp.read(run bigint, bytes text, reading text DEFAULT 'reading') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text := (SELECT concat_ws(' ', m.inserted, m.updated, m.unchanged, m.quarantined, m.refused)
                  FROM etl.merge_page(run, pg_temp.next(run), 'after ' || bytes, sha256(bytes::bytea), 1000,
                      ((SELECT count(*) FROM stage) + (SELECT count(*) FROM stage_bad))::int, sha256(reading::bytea), 77, 'then') m);
BEGIN
    DELETE FROM stage;
    DELETE FROM stage_bad;
    RETURN told;
END $$;
-- The page of these bytes taken by what it came to: "accepted unchanged quarantined", and refused where there are some.
CREATE FUNCTION pg_temp.take(run bigint, bytes text, reading text DEFAULT 'reading') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', a.accepted, a.unchanged, a.quarantined, nullif(a.refused, 0))
    FROM etl.accept_pages(run, pg_temp.next(run), 'after ' || bytes, ARRAY[sha256(bytes::bytea)], ARRAY[1000], sha256(reading::bytea)) a $$;
CREATE FUNCTION pg_temp.list(VARIADIC numbers int[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.give('dme', n::text, 'SGT') FROM unnest(numbers) n;
$$;
CREATE FUNCTION pg_temp.finish(run bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE etl.cursor SET value = NULL WHERE run_id = run;
    RETURN etl.close_run(run, 'finished', NULL);
END $$;
CREATE FUNCTION pg_temp.books(run bigint) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', pages, fetched, inserted, updated, unchanged, quarantined, refused) FROM etl.run WHERE id = $1 $$;

-- Two pages; the second with records set aside, one of them twice and one without an id.
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.list(3, 1, 2) \g /dev/null
SELECT is(pg_temp.read(:run, 'one'), '3 0 0 0 0', 'a first page');
SELECT pg_temp.list(4, 5), pg_temp.give_bad('9'), pg_temp.give_bad('9'), pg_temp.give_bad('1'), pg_temp.give_bad('x') \g /dev/null
UPDATE stage_bad SET record_id = NULL WHERE record_id = 'x';
SELECT is(pg_temp.read(:run, 'two'), '2 0 0 4 0', 'a second');
SELECT is(pg_temp.finish(:run), 'finished', 'the listing ends');
SELECT results_eq($$ SELECT cardinality(ids), octet_length(macs), cardinality(set_aside), named, quarantined, total, next FROM etl.page_content
                     WHERE sha256 = sha256('two') $$,
                  $$ VALUES (2, 32, 3, ARRAY['9', '9', '1'], 4, 77::bigint, 'then') $$, 'what it came to is remembered');
SELECT results_eq(format($$ SELECT r.records, r.total, r.next FROM etl.recall_page(%s, sha256('two'), sha256('reading')) r $$, :run),
                  $$ VALUES (6::bigint, 77::bigint, 'then') $$, 'and recalled');
SELECT is_empty(format($$ SELECT * FROM etl.recall_page(%s, sha256('two'), sha256('another')) $$, :run), 'not for another reading');
SELECT is_empty(format($$ SELECT * FROM etl.recall_page(%s, sha256('three'), sha256('reading')) $$, :run), 'nor for other bytes');
SELECT is_empty(format($$ SELECT * FROM etl.recall_page(%s, sha256('two'), sha256('reading')) $$,
                       (SELECT run_id FROM etl.open_run('hsp', sha256('c'), 'c'))), 'nor for another source');

-- The same listing again, in another order of pages.
SELECT pg_temp.whole() AS run \gset
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT is(pg_temp.take(:run, 'two'), 't 2 4', 'the second page is taken first');
SELECT is((SELECT value FROM etl.cursor WHERE source = 'dme'), 'after two', 'the cursor moves');
SELECT is(pg_temp.take(:run, 'one'), 't 3 0', 'then the first');
SELECT bag_eq('SELECT * FROM pg_temp.versions()', 'SELECT * FROM before', 'no row has a new version, nothing is audited');
SELECT is(pg_temp.books(:run), '2 9 0 0 5 4 0', 'the books balance');
SELECT results_eq(format('SELECT number, rows, bytes::int, state, known FROM etl.page WHERE run_id = %s ORDER BY 1', :run),
                  $$ VALUES (1, 6, 1000, 'loaded', true), (2, 3, 1000, 'loaded', true) $$, 'the pages are booked as known');
SELECT bag_eq(format('SELECT x FROM etl.listed l, unnest(l.ids) x WHERE l.run_id = %s', :run),
              $$ SELECT pg_temp.id_of('dme', n::text) FROM unnest(ARRAY[1, 2, 3, 4, 5, 1]) n $$,
              'all of it is listed, also what was set aside with the id of an enrolment');
SELECT is((SELECT sum(unnamed) FROM etl.listed WHERE run_id = :run), 1::bigint, 'and what has no id is counted');
SELECT throws_ok(format($$ SELECT * FROM etl.accept_pages(%s, 7, NULL, ARRAY[sha256('one')], ARRAY[1], sha256('reading')) $$, :run), '55000', NULL,
                 'a page out of order is refused');
SELECT is(pg_temp.finish(:run), 'finished', 'the listing ends');
SELECT is((SELECT concat_ws(' ', known, listed, vanished, unnamed) FROM etl.generation WHERE source = 'dme' ORDER BY number DESC LIMIT 1),
          '5 5 0 1', 'and holds what it held');

-- A page that is not listed: its records have vanished, and it is forgotten.
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(100, 199))), pg_temp.whole() AS run \gset
SELECT is(pg_temp.read(:run, 'many'), '100 0 0 0 0', 'a page of a hundred');
SELECT pg_temp.take(:run, 'two'), pg_temp.finish(:run) \g /dev/null
SELECT set_eq($$ SELECT record_id FROM registry.enrolment WHERE source = 'dme' AND status = 'absent' $$, ARRAY['2', '3'],
              'what stood on a page that came no more is absent, but for the one that another page names');
SELECT is_empty($$ SELECT FROM etl.page_content WHERE sha256 = sha256('one') $$, 'the page is forgotten');

-- A record that moved to another page: the page that has it now is read, and where it stood before too.
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.list(1, 2, 3), pg_temp.read(:run, 'one') \g /dev/null
SELECT is(pg_temp.take(:run, 'many'), 't 100 0', 'a page that stands is taken');
SELECT pg_temp.list(2, 4, 5) \g /dev/null
SELECT is(pg_temp.read(:run, 'two and a half'), '0 0 3 0 0', 'a record on two pages');
SELECT pg_temp.finish(:run), pg_temp.whole() AS run \gset
SELECT is(pg_temp.take(:run, 'one') || ', ' || pg_temp.take(:run, 'two and a half'), 't 3 0, t 3 0', 'both are taken: it is the same on both');
SELECT pg_temp.give('dme', '2', 'SGT', '{"amount_paisa": 5}'), pg_temp.list(4, 5) \g /dev/null
SELECT is(pg_temp.read(:run, 'otherwise'), '0 1 2 0 0', 'changed on one of them');
SELECT is(pg_temp.take(:run, 'one'), 'f', 'the other is to be read, since it would change it back');
SELECT is(pg_temp.take(:run, 'two and a half'), 'f', 'as every page that held it');
SELECT is(pg_temp.take(:run, 'otherwise'), 't 3 0', 'but the one that says what stands');
SELECT pg_temp.list(1, 2, 3) \g /dev/null
SELECT is(pg_temp.read(:run, 'one'), '0 1 2 0 0', 'and reading changes it back');
SELECT is(pg_temp.take(:run, 'one') || ', ' || pg_temp.take(:run, 'otherwise'), 't 3 0, f', 'now it is the other way round');
SELECT is(pg_temp.books(:run), '6 18 0 2 16 0 0', 'what was not taken is in no book');

-- What a page costs does not grow with the source, though its plans were made when there was nothing.
SAVEPOINT whole;
CREATE FUNCTION pg_temp.looked_at() RETURNS bigint LANGUAGE sql AS $$
    SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'registry.enrolment'::regclass $$;
SELECT pg_temp.list(4), pg_temp.give_bad('9'), pg_temp.give_bad('1'), pg_temp.looked_at() AS before \gset
SELECT is(pg_temp.read(:run, 'few'), '0 0 1 2 0', 'a page of three records');
SELECT cmp_ok(pg_temp.looked_at() - :before, '<=', 10::bigint, 'looks at few enrolments to be read');
SELECT pg_temp.looked_at() AS before \gset
SELECT is(pg_temp.take(:run, 'few'), 't 1 2', 'the same again');
SELECT cmp_ok(pg_temp.looked_at() - :before, '<=', 10::bigint, 'and to be taken');
ROLLBACK TO whole;

-- What was done to an enrolment behind the pages.
SAVEPOINT whole;
UPDATE registry.enrolment SET status = 'absent', row_mac = decode(repeat('00', 16), 'hex') WHERE id = pg_temp.id_of('dme', '150');
SELECT is(pg_temp.take(:run, 'many'), 'f', 'an enrolment that was marked absent');
ROLLBACK TO whole;
DELETE FROM registry.evidence WHERE enrolment_id = pg_temp.id_of('dme', '150');
DELETE FROM registry.enrolment WHERE id = pg_temp.id_of('dme', '150');
SELECT is(pg_temp.take(:run, 'many'), 'f', 'one that was deleted');
ROLLBACK TO whole;
SELECT is(pg_temp.take(:run, 'many'), 't 100 0', 'as it was, it is taken');

-- Pages that are taken together: all of them or none.
CREATE FUNCTION pg_temp.take_all(run bigint, VARIADIC bytes text[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', a.accepted, a.unchanged, a.quarantined)
    FROM etl.accept_pages(run, pg_temp.next(run), 'after all', ARRAY(SELECT sha256(b::bytea) FROM unnest(bytes) b),
                          array_fill(1000::bigint, ARRAY[cardinality(bytes)]), sha256('reading')) a $$;
SELECT pg_temp.list(4, 5), pg_temp.give_bad('9') \g /dev/null
SELECT is(pg_temp.read(:run, 'two'), '0 0 2 1 0', 'a page to go with another');
SELECT pg_temp.next(:run) AS first \gset
SELECT is(pg_temp.take_all(:run, 'many', 'two', 'many'), 't 202 1', 'three pages at once, one of them twice');
SELECT results_eq(format('SELECT number, rows, known FROM etl.page WHERE run_id = %s AND number >= %s ORDER BY 1', :run, :first),
                  format($$ VALUES (%s, 100, true), (%s, 3, true), (%s, 100, true) $$, :first, :first + 1, :first + 2), 'each has its book');
SELECT results_eq(format('SELECT page, cardinality(ids), unnamed FROM etl.listed WHERE run_id = %s AND page >= %s ORDER BY 1', :run, :first),
                  format('VALUES (%s, 100, 0), (%s, 2, 0), (%s, 100, 0)', :first, :first + 1, :first + 2), 'and its place in the listing');
SELECT is((SELECT concat_ws(' ', value, page = :first + 2) FROM etl.cursor WHERE source = 'dme'), 'after all t', 'the cursor stands behind the last');
SELECT is((SELECT pages FROM etl.run WHERE id = :run), :first + 2, 'the run counts them all');
UPDATE registry.enrolment SET row_mac = decode(repeat('00', 16), 'hex') WHERE id = pg_temp.id_of('dme', '5');
SELECT pg_temp.books(:run) AS books \gset
SELECT is(pg_temp.take_all(:run, 'many', 'two'), 'f', 'where one of them is to be read');
SELECT is(pg_temp.books(:run) || ' ' || (SELECT max(number) FROM etl.page WHERE run_id = :run), :'books' || ' ' || (:first + 2), 'none is taken');
ROLLBACK TO whole;

-- Where its enrolments lie is a hint and no more.
CREATE FUNCTION pg_temp.noted() RETURNS boolean LANGUAGE sql AS $$
    SELECT c.places @> k.places AND k.places @> c.places
    FROM etl.page_content c CROSS JOIN LATERAL (SELECT array_agg(e.ctid) FROM registry.enrolment e WHERE e.id = ANY (c.ids)) k(places)
    WHERE c.sha256 = sha256('many') $$;
SELECT ok(pg_temp.noted(), 'it is noted where they lie');
UPDATE registry.enrolment SET changed_at = changed_at WHERE id = pg_temp.id_of('dme', '150');
SELECT is(pg_temp.noted() || ' ' || pg_temp.take(:run, 'many'), 'false t 100 0', 'one that was written anew with the same content is found');
SELECT ok(pg_temp.noted(), 'and noted where it lies now');
UPDATE etl.page_content SET places = '{}' WHERE sha256 = sha256('many');
SELECT is(pg_temp.take(:run, 'many'), 't 100 0', 'places that are wrong are mended');
UPDATE etl.page_content SET macs = decode(repeat(md5('another'), 100), 'hex') WHERE sha256 = sha256('many');
SELECT is(pg_temp.take(:run, 'many'), 'f', 'an enrolment that lies where it lay has another content: places are used again');
UPDATE registry.enrolment SET row_mac = decode(md5('same'), 'hex') WHERE source = 'dme' AND record_id IN ('2', '3', '150');
UPDATE etl.page_content SET macs = decode(repeat(md5('same'), 3), 'hex'),
    places = ARRAY(SELECT e.ctid FROM registry.enrolment e WHERE e.source = 'dme' AND e.record_id IN ('2', '3', '150'))
WHERE sha256 = sha256('one');
SELECT is(pg_temp.take(:run, 'one'), 'f', 'another enrolment that lies there is another, whatever its content');
ROLLBACK TO whole;

-- What depends on neither bytes nor enrolments.
INSERT INTO etl.source_programme (source, programme, basis) VALUES ('dme', 'OAA', 'test');
SELECT is(pg_temp.take(:run, 'many'), 'f', 'a source that may report more');
ROLLBACK TO whole;
DELETE FROM etl.source_programme WHERE source = 'dme' AND programme = 'SGT';
SELECT is(pg_temp.take(:run, 'many'), 'f', 'or no longer what it reports');
ROLLBACK TO whole;
UPDATE etl.page_content SET read_at = now() - interval '15 days' WHERE sha256 = sha256('many');
SELECT is(pg_temp.take(:run, 'many'), 'f', 'a reading of 15 days ago');
UPDATE etl.page_content SET read_at = now() - interval '7 days' WHERE sha256 = sha256('many');
SELECT is(pg_temp.take(:run, 'many'), 't 100 0', 'one of 7 days ago still stands');
SELECT is(pg_temp.take(:run, 'many', 'another'), 'f', 'another reading');
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(100, 199))) \g /dev/null
SELECT is(pg_temp.read(:run, 'many', 'another'), '0 0 100 0 0', 'read so');
SELECT is(pg_temp.take(:run, 'many', 'another') || ', ' || pg_temp.take(:run, 'many'), 't 100 0, f', 'it is remembered so');

-- What was set aside, and is no longer.
SELECT pg_temp.list(4), pg_temp.give_bad('9') \g /dev/null
SELECT is(pg_temp.read(:run, 'bad'), '0 0 1 1 0', 'a page with a record that was set aside before');
SELECT is(pg_temp.take(:run, 'bad'), 't 1 1', 'is taken');
UPDATE etl.quarantine SET resolved_run = :run, resolution = 'superseded' WHERE source = 'dme' AND record_id = '9';
SELECT is(pg_temp.take(:run, 'bad'), 'f', 'not when a replay has taken it out');
ROLLBACK TO whole;

-- Refused records: for their programme, which stands with the source; for a rule, which is judged each time. A page without a
-- reading is not remembered, nor one of a replay.
SELECT pg_temp.list(4), pg_temp.give('dme', '7', 'OAA'), pg_temp.give('dme', '5', 'OAA') \g /dev/null
SELECT is(pg_temp.read(:run, 'refused'), '0 0 1 0 2', 'a page with records of a programme that is not the source''s');
SELECT is(pg_temp.take(:run, 'refused'), 't 1 0 2', 'is taken');
SELECT bag_eq(format('SELECT x FROM etl.listed l, unnest(l.ids) x WHERE l.run_id = %s AND page = pg_temp.next(%s) - 1', :run, :run),
              $$ SELECT pg_temp.id_of('dme', n::text) FROM unnest(ARRAY[4, 5, 7]) n $$, 'and lists them');
UPDATE etl.quarantine SET resolved_run = :run, resolution = 'superseded' WHERE source = 'dme' AND record_id = '7';
SELECT is(pg_temp.take(:run, 'refused'), 'f', 'not when one was taken out of quarantine');
SELECT pg_temp.rule('none', '{"kind": "max programmes", "benefit": "any", "limit": 0, "mode": "refuse"}') \g /dev/null
SELECT pg_temp.list(4), pg_temp.give('dme', '8', 'SGT', '{"nid": "n"}') \g /dev/null
SELECT is(pg_temp.read(:run, 'ruled'), '0 0 1 0 1', 'a page with a record that a rule refuses');
SELECT is(pg_temp.take(:run, 'ruled'), 'f', 'is read each time');
SELECT pg_temp.give('dme', '8', 'SGT', '{"nid": "n2", "raw_mac": null, "raw_sealed": null}') \g /dev/null
SELECT throws_ok(format($$ SELECT pg_temp.read(%s, 'ruled') $$, :run), 'EK003', NULL, 'its bytes are asked for');
DELETE FROM stage;
SELECT pg_temp.give('dme', '7', 'OAA', '{"raw_mac": null, "raw_sealed": null}') \g /dev/null
SELECT throws_ok(format($$ SELECT pg_temp.read(%s, 'refused') $$, :run), 'EK003', NULL, 'as are those of another programme');
DELETE FROM stage;
SELECT pg_temp.list(4), pg_temp.merge(:run) \g /dev/null
SELECT is_empty($$ SELECT FROM etl.page_content WHERE sha256 = sha256('page') $$, 'nor is a page without a reading');
SELECT etl.open_replay('dme', sha256('contract'), 'contract', '{}') AS run \gset
SELECT pg_temp.list(4), pg_temp.read(:run, 'replayed') \g /dev/null
SELECT is_empty($$ SELECT FROM etl.page_content WHERE sha256 = sha256('replayed') $$, 'nor one of a replay');

SELECT * FROM finish();
ROLLBACK;
