-- run.sql - opening, resuming and closing runs; the lease; pages that cannot be decoded.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(43);

SELECT throws_ok($$ SELECT etl.open_run('nobody', sha256('c'), 'c') $$, 'P0002', 'source "nobody" is not known', 'an unknown source');
UPDATE etl.source SET state = 'held' WHERE code = 'dol';
SELECT throws_ok($$ SELECT etl.open_run('dol', sha256('c'), 'c') $$, '55000', NULL, 'a source that is held');
SELECT throws_ok($$ SELECT etl.open_run('dme', '\x00', 'c') $$, '23514', NULL, 'a contract hash of the wrong size');

SELECT run_id AS run, cursor IS NULL AS at_start, resumed FROM etl.open_run('dme', sha256('c'), 'c') \gset
SELECT ok(:'at_start', 'the first run begins at the start');
SELECT ok(NOT :'resumed', 'and resumes nothing');
SELECT is((SELECT definition FROM etl.contract WHERE source = 'dme' AND sha256 = sha256('c')), 'c', 'the contract is kept');
SELECT ok(etl.holds_lease('dme'), 'the session holds the lease');
SELECT ok(NOT etl.holds_lease('hsp'), 'and no other');

-- Another session.
CREATE EXTENSION IF NOT EXISTS dblink;
SELECT dblink_connect('other', format('dbname=%s host=%s port=%s user=%s', current_database(),
    split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), session_user)) \g /dev/null
SELECT ok(NOT t.got, 'another session cannot take it')
FROM dblink('other', format('SELECT pg_try_advisory_lock(1701539691, %s)', etl.lease_key('dme', 1))) t(got boolean);
SELECT fence AS theirs FROM dblink('other', $$ SELECT etl.take_lease('pesp', 60) $$) t(fence bigint) \gset
SELECT cmp_ok(:theirs, '>=', 1, 'but takes another source''s');
SELECT throws_ok($$ SELECT etl.open_run('pesp', sha256('c'), 'c') $$, '55P03', 'source "pesp" is being pulled by another session', 'which is refused here');
SELECT dblink_disconnect('other') \g /dev/null
DO $$
BEGIN
    FOR i IN 1..200 LOOP
        EXIT WHEN etl.lease_session('pesp', (SELECT fence FROM etl.lease WHERE name = 'pesp')) IS NULL;
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$;
SELECT lives_ok($$ SELECT etl.open_run('pesp', sha256('c'), 'c') $$, 'a session that ends gives its lease back');

-- A crash: the run stays open, the lease is gone with its session.
SELECT pg_temp.give('dme', '1', 'SGT', '{"nid": "a"}');
SELECT is(pg_temp.merge(:run), '1 0 0 0 0', 'a page before the crash');
SELECT pg_advisory_unlock(1701539691, etl.lease_key('dme', 1)) \g /dev/null
SELECT run_id AS again, cursor, resumed FROM etl.open_run('dme', sha256('c'), 'c') \gset
SELECT is((SELECT state FROM etl.run WHERE id = :run), 'aborted', 'the run that was left open is marked');
SELECT isnt((SELECT ended_at FROM etl.run WHERE id = :run), NULL, 'with an end');
SELECT is(:'cursor'::text, 'page=2', 'the next one goes on after the last page committed');
SELECT ok(:'resumed', 'and says so');
SELECT is((SELECT resumed_from FROM etl.run WHERE id = :again), 'page=2', 'in the books too');
SELECT throws_ok(format('SELECT etl.merge_page(%s, 2, NULL, sha256(''p''), 0, 0)', :run), '55000', NULL, 'the old run takes no page');

-- A page that cannot be decoded.
SELECT lives_ok(format($$ SELECT etl.keep_page(%s, 1, 'page=3', sha256('page'), 77, '\x99', 'not JSON') $$, :again), 'is kept');
SELECT results_eq(format('SELECT number, state, rows, bytes::int, kept, problem FROM etl.page WHERE run_id = %s', :again),
                  $$ VALUES (1, 'broken', 0, 77, '\x99'::bytea, 'not JSON') $$, 'whole, with the reason');
SELECT is((SELECT concat_ws(' ', pages, broken_pages, fetched) FROM etl.run WHERE id = :again), '1 1 0', 'counted');
SELECT is((SELECT value FROM etl.cursor WHERE source = 'dme'), 'page=3', 'and passed');
SELECT throws_ok(format($$ SELECT etl.keep_page(%s, 1, 'page=3', sha256('page'), 77, '\x99', 'not JSON') $$, :again), '55000', NULL, 'once');
SELECT throws_ok(format($$ SELECT etl.keep_page(%s, 2, 'page=3', sha256('page'), 77, '\x99', NULL) $$, :again), '23514', NULL, 'with a reason');

SELECT throws_ok(format('SELECT etl.close_run(%s, ''running'', NULL)', :again), '22023', NULL, 'a run is not closed as running');
SELECT lives_ok(format('SELECT etl.close_run(%s, ''stopped'', NULL)', :again), 'a run is closed');
SELECT ok(NOT etl.holds_lease('dme'), 'and gives the lease back');
SELECT throws_ok(format('SELECT etl.close_run(%s, ''finished'', NULL)', :again), '55000', NULL, 'it is closed once');

-- All that are due, in one call: as one after the other, and each for itself.
CREATE FUNCTION pg_temp.wanted(VARIADIC sources text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('source', s, 'sha256', encode(sha256('c'), 'hex'), 'terms', '{"whole": true, "lease": 7}'::jsonb)) FROM unnest(sources) s $$;
CREATE FUNCTION pg_temp.books(of_source text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT to_jsonb(r) - '{id,started_at,fence,generation}'::text[] || to_jsonb(g) - '{first_run,last_run,number}'::text[]
           || jsonb_build_object('new', g.first_run = r.id, 'fenced', r.fence = (SELECT l.fence FROM etl.lease l WHERE l.name = r.source AND l.held))
    FROM etl.run r JOIN etl.generation g ON g.source = r.source AND g.number = r.generation WHERE r.source = of_source AND r.state = 'running' $$;
SELECT run_id AS single FROM etl.open_run('dshe', sha256('c'), 'c', '{"whole": true, "lease": 7}') \gset
SELECT pg_temp.books('dshe') AS single_books \gset
SELECT etl.close_run(:single, 'stopped', NULL) \g /dev/null
INSERT INTO etl.contract (source, sha256, definition) VALUES ('dte', sha256('c'), 'c');
SELECT dblink_connect('other', format('dbname=%s host=%s port=%s user=%s', current_database(),
    split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), session_user)) \g /dev/null
SELECT fence AS theirs FROM dblink('other', $$ SELECT etl.take_lease('hsp', 60) $$) t(fence bigint) \gset
UPDATE etl.source SET state = 'active' WHERE code = 'molwa';
INSERT INTO etl.breaker (source, state, failures, pause_seconds, retry_at) VALUES ('molwa', 'open', 5, 60, now() + interval '50 seconds');
CREATE TEMP TABLE begun AS SELECT * FROM etl.open_runs(pg_temp.wanted('nobody', 'molwa', 'hsp', 'dshe', 'dol', 'dte'));
SELECT dblink_disconnect('other') \g /dev/null
SELECT is((SELECT string_agg(source, ' ') FROM begun), 'dol dshe dte hsp molwa nobody', 'a row for each of many, in one call');
SELECT is((SELECT string_agg(source, ' ') FROM begun WHERE run_id IS NOT NULL), 'dshe dte', 'those that can be are opened');
SELECT is(pg_temp.books('dshe'), :'single_books'::jsonb, 'with the books of a run that was opened alone');
SELECT is((SELECT b.run_id FROM begun b WHERE source = 'dshe'), (SELECT id FROM etl.run WHERE source = 'dshe' AND state = 'running'), 'and its number');
SELECT ok((SELECT bool_and(etl.holds_lease(source)) FROM begun WHERE run_id IS NOT NULL), 'the session holds their leases');
SELECT is((SELECT state FROM begun WHERE source = 'hsp'), '55P03', 'one that another session pulls is not opened');
SELECT is((SELECT wait BETWEEN 1 AND 50 AND run_id IS NULL AND state IS NULL FROM begun WHERE source = 'molwa'), true, 'nor one that is left alone: it says for how long');
SELECT is((SELECT state FROM begun WHERE source = 'dol'), '55000', 'nor one that is held');
SELECT matches((SELECT problem FROM begun WHERE source = 'nobody'), '^source "nobody" is not known; Known sources: .*dme', 'nor one that is not known; each says why');
SELECT is((SELECT count(*) FROM etl.run WHERE source IN ('hsp', 'molwa', 'dol', 'nobody') AND state = 'running'), 0::bigint, 'nothing is left of those');
SELECT is((SELECT count(*) FROM etl.open_runs('[]')), 0::bigint, 'none is wanted: none is opened');

-- A run that waits for a connection.
SELECT run_id AS waits FROM begun WHERE source = 'dte' \gset
SELECT etl.wait_for_connection(:waits, 60, true) \g /dev/null
SELECT is((SELECT condition FROM report.ingestion WHERE source = 'dte'), 'waits for connection', 'says that it waits for a connection');
SELECT is((SELECT condition FROM report.ingestion WHERE source = 'dshe'), 'pulling', 'another is being pulled');
SELECT etl.wait_for_connection(:waits, 60, false) \g /dev/null
SELECT is((SELECT condition FROM report.ingestion WHERE source = 'dte'), 'pulling', 'until it has one');

SELECT * FROM finish();
ROLLBACK;
