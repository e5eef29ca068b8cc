-- limit.sql - requests a second, a minute and a day, tokens an hour, by a clock that this test sets; runs that wait, runs that
-- are held for drift.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(45);

CREATE TABLE pg_temp.hand (at timestamptz);
GRANT ALL ON pg_temp.hand TO PUBLIC;
INSERT INTO pg_temp.hand VALUES ('2027-03-01 23:59:50+06');
CREATE OR REPLACE FUNCTION etl.clock() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$ BEGIN
    RETURN (SELECT h.at FROM pg_temp.hand h); END $$;
CREATE FUNCTION pg_temp.later(step interval) RETURNS void LANGUAGE sql AS $$ UPDATE pg_temp.hand SET at = at + step $$;

SELECT is(etl.wall_clock('1970-01-02 00:00+06'), 86400000::bigint, 'the clock on a wall in Dhaka');
SELECT is(etl.wall_clock('2009-08-01 00:00Z') - etl.wall_clock('2009-08-01 00:00Z'::timestamptz - interval '100 days'), (100 * 86400 + 3600) * 1000::bigint,
          'knows of the summer time of 2009');
SELECT is(etl.today(), '2027-03-01'::date, 'today is that of Dhaka');

-- The rate: spread evenly, whoever asks.
SELECT is(etl.take_request('dol', 0, 0, 0), 0, 'without limits a request is sent at once');
SELECT is(ARRAY(SELECT etl.take_request('hsp', 4, 0, 0) FROM generate_series(1, 4)), '{0,250,500,750}', 'four a second are a quarter of a second apart');
SELECT pg_temp.later('1 second') \g /dev/null
SELECT is(ARRAY(SELECT etl.take_request('hsp', 4, 0, 0) FROM generate_series(1, 2)), '{0,250}', 'a second later the next ones go');
SELECT pg_temp.later('1 minute') \g /dev/null
SELECT is(ARRAY(SELECT etl.take_request('hsp', 4, 0, 0) FROM generate_series(1, 3)), '{0,250,500}', 'what was not used is not made up for');
SELECT is(ARRAY(SELECT etl.take_request('dwa', 4, 6, 0) FROM generate_series(1, 3)), '{0,10000,20000}', 'six a minute are ten seconds apart, though four a second were allowed');
SELECT pg_temp.later('-1 hour') \g /dev/null
SELECT cmp_ok(etl.take_request('dwa', 0, 6, 0), '<=', 200000, 'a clock that was set back holds nobody for the hour');
SELECT is(etl.take_request('nobody', 1, 1, 1), 0, 'a source that is not known has no books');

-- The quota.
UPDATE pg_temp.hand SET at = '2027-03-01 23:59:50+06';
SELECT is(ARRAY(SELECT etl.take_request('dme', 0, 0, 2) FROM generate_series(1, 3)), '{0,0,-1}', 'two a day, and no third');
SELECT is((SELECT requests FROM etl.allowance WHERE source = 'dme'), 2::bigint, 'a refused one is not counted');
SELECT is(etl.take_request('dme', 0, 0, 3), 0, 'a larger quota lets one more go');
SELECT pg_temp.later('9 seconds') \g /dev/null
SELECT is(etl.take_request('dme', 0, 0, 2), -1, 'none until midnight');
SELECT pg_temp.later('1 second') \g /dev/null
SELECT is(ARRAY(SELECT etl.take_request('dme', 0, 0, 2) FROM generate_series(1, 3)), '{0,0,-1}', 'the day ends at midnight in Dhaka');

-- Tokens.
SELECT is(ARRAY(SELECT etl.take_grant('pesp', 2) FROM generate_series(1, 3)), '{0,0,3600}', 'two tokens an hour');
SELECT pg_temp.later('59 minutes') \g /dev/null
SELECT is(etl.take_grant('pesp', 2), 60, 'the third in a minute');
SELECT pg_temp.later('1 minute') \g /dev/null
SELECT is(ARRAY(SELECT etl.take_grant('pesp', 2) FROM generate_series(1, 3)), '{0,0,3600}', 'in any hour');

-- A run that waits.
SELECT pg_temp.open('dte') AS run \gset
SELECT pg_temp.give('dte', '1', 'VSP'), pg_temp.merge(:run) \g /dev/null
SELECT throws_ok(format('SELECT etl.pause_run(%s, ''rain'', ''x'')', :run), '23514', NULL, 'a run waits for quota or hours');
SELECT lives_ok(format('SELECT etl.pause_run(%s, ''quota'', ''used up'')', :run), 'a run that met its quota');
SELECT is((SELECT concat_ws(' ', state, waits_for, problem, ended_at = etl.clock()) FROM etl.run WHERE id = :run), 'stopped quota used up t', 'is stopped and says for what it waits');
SELECT ok(NOT etl.holds_lease('dte'), 'and gives the lease back');
SELECT is((SELECT condition FROM report.ingestion WHERE source = 'dte'), 'waits for quota', 'the report says so');
SELECT throws_ok(format('SELECT etl.pause_run(%s, ''quota'', ''x'')', :run), '55000', NULL, 'once');
SELECT is((SELECT count(*) FROM etl.breaker WHERE source = 'dte'), 0::bigint, 'it is no failure');

-- Drift.
CREATE FUNCTION pg_temp.open_by(source text, contract text) RETURNS bigint LANGUAGE sql AS $$
    SELECT run_id FROM etl.open_run(source, sha256(convert_to(contract, 'UTF8')), contract) $$;
SELECT pg_temp.open_by('dshe', 'c') AS run \gset
SELECT throws_ok(format('SELECT etl.hold_run(%s, ''x'', ''{}'')', :run), '22023', 'no drift is named', 'drift is held by name');
SELECT lives_ok(format('SELECT etl.hold_run(%s, ''drift: gone'', ARRAY[''gone a'', ''retyped b''])', :run), 'a run that found drift');
SELECT is((SELECT concat_ws(' ', state, held_for, drift, problem) FROM etl.run WHERE id = :run),
          format('held drift {"gone a","retyped b"} drift: gone; ekok run release %s --reason TEXT accepts it', :run), 'is held');
SELECT is((SELECT concat_ws(' ', condition, held_run = :run, held_for) FROM report.ingestion WHERE source = 'dshe'), 'held t drift', 'the report says so');
SELECT is((SELECT drifted FROM etl.tick()), ' dshe ', 'so does the tick of the schedule');
SELECT is((SELECT concat_ws(' ', drifted, state) FROM etl.list_schedule() WHERE source = 'dshe'), NULL, 'which lists definitions only');
SELECT throws_ok(format('SELECT etl.release_run(%s, '''')', :run), '22023', NULL, 'it is not released without a reason');
SELECT is(etl.release_run(:run, 'the owner says so'), 0::bigint, 'released');
SELECT is((SELECT concat_ws(' ', state, held_for) FROM etl.run WHERE id = :run), 'stopped drift', 'it is a stopped run, to be gone on with');
SELECT is((SELECT concat_ws(' ', reason, vanished) FROM etl.release WHERE run_id = :run), 'the owner says so 0', 'with who and why');
SELECT is((SELECT accepted FROM etl.open_run('dshe', sha256('c'), 'c')), E'gone a\nretyped b', 'and the next run accepts what drifted');
SELECT pg_temp.open_by('dshe', 'd') AS run \gset
SELECT is(etl.list_accepted('dshe', sha256('d')), '', 'under another definition nothing is accepted');
SELECT etl.hold_run(:run, 'drift', ARRAY['gone c']) \g /dev/null
SELECT pg_temp.open_by('dshe', 'e') AS next \gset
SELECT is((SELECT state || ' ' || (problem ~ 'overtaken') FROM etl.run WHERE id = :run), 'stopped true', 'a later run overtakes a hold');
SELECT is((SELECT drifted FROM etl.tick()), '  ', 'none is held any more');
SELECT throws_ok($$ UPDATE etl.run SET state = 'held' WHERE id = (SELECT max(id) FROM etl.run) $$, '23514', NULL, 'no hold without a reason');

-- The promise of freshness.
INSERT INTO etl.source_definition (source, version, definition, sha256, added_at)
SELECT 'molwa', 1, d, sha256(convert_to(d::text, 'UTF8')), etl.clock() - interval '3 hours' FROM (SELECT '{"source": {"name": "molwa"}, "schedule": {"freshness": 7200}}'::jsonb) x(d);
SELECT is((SELECT concat_ws(' ', condition, promised_seconds, late_seconds) FROM report.ingestion WHERE source = 'molwa'), 'late 7200 3600', 'a source that was never pulled is late');
SELECT is((SELECT concat_ws(' ', pulled, began = etl.wall_clock(etl.clock()) - 10800000) FROM etl.list_schedule() WHERE source = 'molwa'), 'f t', 'the schedule counts from its definition');
SELECT etl.close_run(pg_temp.open('molwa'), 'finished', NULL) \g /dev/null
SELECT is((SELECT concat_ws(' ', condition, late_seconds) FROM report.ingestion WHERE source = 'molwa'), 'well 0', 'pulled, it is well');
SELECT pg_temp.later('7201 seconds') \g /dev/null
SELECT is((SELECT concat_ws(' ', condition, late_seconds, report.tell_seconds(age_seconds)) FROM report.ingestion WHERE source = 'molwa'), 'late 1 2 h', 'until the promise is broken');
SELECT is((SELECT late_seconds FROM report.ingestion WHERE source = 'hsp'), NULL, 'without a promise nothing is late');

SELECT * FROM finish();
ROLLBACK;
