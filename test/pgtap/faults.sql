-- faults.sql - fenced leases, circuit breakers kept in the database, and what a whole listing no longer holds.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(61);

CREATE FUNCTION pg_temp.whole(source text, terms jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT run_id FROM etl.open_run(source, sha256('contract'), 'contract', '{"whole": true}' || terms);
$$;
CREATE FUNCTION pg_temp.list(VARIADIC numbers int[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.give('dme', n::text, 'SGT') FROM unnest(numbers) n;
$$;
CREATE FUNCTION pg_temp.last(run bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.merge(run);
    UPDATE etl.cursor SET value = NULL WHERE run_id = run;
    RETURN etl.close_run(run, 'finished', NULL);
END $$;
CREATE FUNCTION pg_temp.absent() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(record_id, ' ' ORDER BY record_id::int), '') FROM registry.enrolment WHERE source = 'dme' AND status = 'absent' $$;

-- Leases.
SELECT run_id AS old FROM etl.open_run('hsp', sha256('c'), 'c', '{"lease": 7}') \gset
SELECT is((SELECT fence FROM etl.run WHERE id = :old), (SELECT fence FROM etl.lease WHERE name = 'hsp'), 'a run carries the fence of its lease');
SELECT cmp_ok((SELECT expires_at - clock_timestamp() FROM etl.lease WHERE name = 'hsp'), '<=', interval '7 s', 'which stands as long as was agreed');
SELECT pg_temp.give('hsp', '1', 'SHM');
UPDATE etl.lease SET expires_at = clock_timestamp() - interval '1 s' WHERE name = 'hsp';
SELECT is(pg_temp.merge(:old), '1 0 0 0 0', 'an expired lease that nobody took still lets a page in');
SELECT cmp_ok((SELECT expires_at FROM etl.lease WHERE name = 'hsp'), '>', clock_timestamp(), 'and is renewed by it');
SELECT lives_ok(format('SELECT etl.renew_lease(%s, 30)', :old), 'a waiting run renews it');
UPDATE etl.lease SET fence = fence + 1 WHERE name = 'hsp';
SELECT pg_temp.give('hsp', '2', 'SHM');
SELECT throws_ok(format('SELECT pg_temp.merge(%s)', :old), '55P03', 'the lease of source "hsp" was taken by another session', 'an older fence writes no page');
SELECT throws_ok(format($$ SELECT etl.keep_page(%s, 2, NULL, sha256('p'), 1, '\x01', 'broken') $$, :old), '55P03', NULL, 'keeps none');
SELECT throws_ok(format($$ SELECT etl.close_run(%s, 'finished', NULL) $$, :old), '55P03', NULL, 'closes no run');
SELECT throws_ok(format('SELECT etl.renew_lease(%s, 30)', :old), '55P03', NULL, 'and renews nothing');
DELETE FROM stage;
SELECT ok(etl.keep_seat(30), 'the seat of the schedule is taken');
SELECT ok(etl.keep_seat(30), 'and kept');
SELECT is((SELECT held FROM etl.lease WHERE name = '*'), true, 'as a lease');

-- Breakers.
CREATE FUNCTION pg_temp.fail(source text, retry_after int, terms jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    run bigint := (SELECT run_id FROM etl.open_run(source, sha256('c'), 'c', terms));
BEGIN
    PERFORM etl.close_run(run, 'failed', 'connection refused', retry_after);
    RETURN coalesce((SELECT concat_ws(' ', b.state, b.failures, b.pause_seconds) FROM etl.breaker b WHERE b.source = fail.source), 'none');
END $$;
\set terms '{"breaker_tries": 3, "breaker_seconds": 40, "breaker_longest": 100}'
SELECT is(etl.ask_breaker('dol', false), 0, 'a source that never failed is pulled');
SELECT is(pg_temp.fail('dol', NULL, :'terms'), 'none', 'what was not the source''s fault is not counted');
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'closed 1 0', 'the first failure is noted');
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'closed 2 0', 'the second');
SELECT is(etl.ask_breaker('dol', false), 0, 'and it is still pulled');
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'open 3 40', 'the third opens the breaker');
SELECT cmp_ok(etl.ask_breaker('dol', false), '>', 0, 'it is left alone');
SELECT is((SELECT condition FROM report.ingestion WHERE source = 'dol'), 'left alone', 'which the report says');
SELECT is(etl.ask_breaker('dol', true), 0, 'unless a human asks');
SELECT is((SELECT state FROM etl.breaker WHERE source = 'dol'), 'half-open', 'then one run tries it');
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'open 4 80', 'a failed trial doubles the pause');
SELECT etl.ask_breaker('dol', true) \g /dev/null
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'open 5 100', 'up to the longest');
UPDATE etl.breaker SET retry_at = now() - interval '1 s' WHERE source = 'dol';
SELECT is(etl.ask_breaker('dol', false), 0, 'its time over, it is tried by itself');
SELECT etl.close_run(pg_temp.open('dol'), 'finished', NULL) \g /dev/null
SELECT is((SELECT concat_ws(' ', state, failures) FROM etl.breaker WHERE source = 'dol'), 'closed 0', 'a finished run closes it');
SELECT is(pg_temp.fail('dol', 70, :'terms'), 'open 1 70', 'a source that asks for a pause gets it at once');
SELECT etl.ask_breaker('dol', true) \g /dev/null
SELECT is(pg_temp.fail('dol', 86400, :'terms'), 'open 2 86400', 'however long it asks for, up to a day');
SELECT etl.ask_breaker('dol', true) \g /dev/null
SELECT is(pg_temp.fail('dol', 0, :'terms'), 'open 3 100', 'its own pauses stay within the longest');

-- A whole listing of forty, over two pages and a run that was stopped between them.
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 20))), pg_temp.merge(:run), etl.close_run(:run, 'stopped', NULL) \g /dev/null
SELECT is((SELECT state FROM etl.generation WHERE source = 'dme'), 'open', 'a listing that stopped is open');
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(21, 40))) \g /dev/null
SELECT is(pg_temp.last(:run), 'finished', 'the next run ends it');
SELECT is((SELECT concat_ws(' ', number, state, known, listed, vanished, unnamed) FROM etl.generation WHERE source = 'dme'), '1 whole 40 40 0 0',
          'both runs'' pages count');
SELECT is((SELECT count(*) FROM etl.listed), 0::bigint, 'and are forgotten');

-- One of forty is gone: plausible.
SELECT pg_temp.whole('dme') AS run \gset
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions() v WHERE v ~ '^registry.enrolment ';
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 39))) \g /dev/null
SELECT is(pg_temp.last(:run), 'finished', 'a small loss is plausible');
SELECT is(pg_temp.absent(), '40', 'the record that vanished is absent');
SELECT is((SELECT count(*) FROM (TABLE before EXCEPT SELECT * FROM pg_temp.versions()) x), 1::bigint, 'and no other row has a new version');
SELECT is((SELECT vanished FROM etl.run WHERE id = :run), 1::bigint, 'the run''s books say so');
SELECT is((SELECT concat_ws(' ', op, old ->> 'status', new ->> 'status', purpose, run_id = :run) FROM audit.entry WHERE table_name = 'registry.enrolment' ORDER BY id DESC LIMIT 1),
          'UPDATE active absent end of a whole listing t', 'and so does the audit');
SELECT ok(NOT registry.draws(e), 'an absent enrolment draws nothing') FROM registry.enrolment e WHERE e.source = 'dme' AND e.record_id = '40';

-- It comes again.
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 40))) \g /dev/null
SELECT is(pg_temp.merge(:run), '0 1 39 0 0', 'a record that comes again is a changed one');
SELECT is(pg_temp.absent(), '', 'and no more absent');
SELECT is(pg_temp.last(:run), 'finished', 'nothing vanished');

-- Ten of forty: not plausible.
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 30))) \g /dev/null
SELECT is(pg_temp.last(:run), 'held', 'a large loss holds the run');
SELECT is(pg_temp.absent(), '', 'and nothing is marked');
SELECT is((SELECT concat_ws(' ', state, known, listed, vanished) FROM etl.generation WHERE source = 'dme' ORDER BY number DESC LIMIT 1), 'held 40 30 10', 'the books balance');
SELECT throws_matching($$ UPDATE etl.generation SET listed = listed - 1 WHERE state = 'held' $$, 'generation_books_balance', 'by a constraint');
SELECT is((SELECT concat_ws(' ', condition, held_run = :run, vanished) FROM report.ingestion WHERE source = 'dme'), 'held t 10', 'the report says so');
SELECT throws_ok(format('SELECT etl.release_run(%s, ''  '')', :run), '22023', NULL, 'it is not released without a reason');
SELECT throws_ok('SELECT etl.release_run(-1, ''because'')', '55000', 'run -1 is not known', 'nor a run that is none');

-- A page read since shows one of the ten: only nine are lost.
SELECT pg_temp.whole('dme') AS next \gset
SELECT pg_temp.list(35), pg_temp.merge(:next) \g /dev/null
SELECT is(etl.release_run(:run, 'confirmed by letter of the ministry'), 9::bigint, 'a human releases it');
SELECT is(pg_temp.absent(), '31 32 33 34 36 37 38 39 40', 'and what vanished is absent');
SELECT is((SELECT concat_ws(' ', released_by, reason, vanished) FROM etl.release WHERE run_id = :run), session_user || ' confirmed by letter of the ministry 9', 'with who and why');
SELECT is((SELECT purpose FROM audit.entry WHERE table_name = 'registry.enrolment' ORDER BY id DESC LIMIT 1), 'release of a held run', 'in the audit too');
SELECT throws_ok(format('SELECT etl.release_run(%s, ''again'')', :run), '55000', NULL, 'once');
SELECT is((SELECT state FROM etl.run WHERE id = :run), 'finished', 'the run counts as finished');

-- What cannot be read.
SELECT etl.close_run(:next, 'failed', 'x', 0), etl.keep_cursor('dme', NULL, :next, 1) \g /dev/null
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 30))), pg_temp.give_bad('unreadable') \g /dev/null
UPDATE stage_bad SET record_id = NULL;
SELECT is(pg_temp.last(:run), 'finished', 'a listing with one record that has no readable id');
SELECT is((SELECT concat_ws(' ', state, vanished, unnamed) FROM etl.generation WHERE source = 'dme' ORDER BY number DESC LIMIT 1), 'uncertain 1 1', 'says nothing about one that vanished');
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 30))), pg_temp.give_bad('35') \g /dev/null
SELECT is(pg_temp.last(:run), 'finished', 'one whose record is set aside with its id');
SELECT is((SELECT concat_ws(' ', state, vanished) FROM etl.generation WHERE source = 'dme' ORDER BY number DESC LIMIT 1), 'whole 0', 'is listed all the same');

-- A hold that a later listing overtakes.
SELECT pg_temp.whole('dme') AS held \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 5))) \g /dev/null
SELECT is(pg_temp.last(:held), 'held', 'a run that is held');
SELECT pg_temp.whole('dme') AS run \gset
SELECT pg_temp.list(VARIADIC ARRAY(SELECT generate_series(1, 31)) || 35), pg_temp.last(:run) \g /dev/null
SELECT is((SELECT state || ' ' || problem FROM etl.run WHERE id = :held) ~ 'finished .*overtaken', true, 'is overtaken by a listing that is well');

SELECT * FROM finish();
ROLLBACK;
