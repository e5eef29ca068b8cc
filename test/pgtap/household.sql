-- household.sql - members of surveyed households: merged under the laws of enrolments, swept by generation, replayed, and held
-- against the cut-offs of programmes with a verdict of three states.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(39);

CREATE TEMP TABLE stage_member (LIKE etl.stage_member_shape) ON COMMIT DELETE ROWS;
INSERT INTO etl.source (code, title, ministry, source, confidence) VALUES ('nhd', 'A survey', 'MoSW', 'test', 'assumed');

CREATE FUNCTION pg_temp.member(record text, household text, pmt numeric, told jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
    INSERT INTO stage_member SELECT * FROM jsonb_populate_record(NULL::etl.stage_member_shape, jsonb_build_object(
        'id', pg_temp.id_of('nhd', record), 'record_id', record, 'household', household, 'name_en', 'Rahima Khatun', 'sex', 'female',
        'birth_date', '1960-02-03', 'geo', '30261409', 'pmt', pmt, 'surveyed_on', current_date - 1000,
        'row_mac', '\x' || md5(record || household || pmt || told))
        || CASE WHEN told ? 'nid' THEN jsonb_build_object('nid_digits', 10, 'nid_sealed', '\x01', 'nid_token', '\x' || md5('nid' || (told ->> 'nid'))) ELSE '{}' END
        || CASE WHEN told ? 'brn' THEN jsonb_build_object('brn_sealed', '\x01', 'brn_token', '\x' || md5('brn' || (told ->> 'brn'))) ELSE '{}' END
        || told);
$$;
CREATE FUNCTION pg_temp.merge_members(run bigint, more int DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    next int := (SELECT pages + 1 FROM etl.run r WHERE r.id = run);
    told record;
BEGIN
    SELECT * INTO told FROM etl.merge_member_page(run, next, 'page=' || next + 1, sha256('page'), 1000,
        ((SELECT count(*) FROM stage_member) + (SELECT count(*) FROM stage_bad))::int + more);
    DELETE FROM stage_member;
    DELETE FROM stage_bad;
    RETURN concat_ws(' ', told.inserted, told.updated, told.unchanged, told.quarantined, told.refused);
END $$;
CREATE FUNCTION pg_temp.whole() RETURNS bigint LANGUAGE sql AS $$
    SELECT run_id FROM etl.open_run('nhd', sha256('c'), 'c', '{"whole": true, "largest_drop": 500}');
$$;
CREATE FUNCTION pg_temp.close(run bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE etl.cursor SET value = NULL WHERE run_id = run;
    RETURN etl.close_run(run, 'finished', NULL);
END $$;

-- One page.
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.member('1', 'h1', 700, '{"nid": "a"}'), pg_temp.member('2', 'h1', 700), pg_temp.member('3', 'h2', 900, '{"brn": "b"}'),
       pg_temp.member('4', 'h3', 700, '{"nid": "c"}'), pg_temp.give_bad('5') \g /dev/null
SELECT is(pg_temp.merge_members(:run), '4 0 0 1 0', 'members come in, a bad record is set aside');
SELECT is(pg_temp.close(:run), 'finished', 'the run ends');
SELECT is((SELECT array_agg(household_key ORDER BY household_key) FROM registry.household WHERE source = 'nhd'), ARRAY['h1', 'h2', 'h3'], 'with their households');
SELECT is((SELECT DISTINCT geo FROM registry.household WHERE source = 'nhd'), '30261409', 'which have a place');
SELECT is((SELECT count(*) FROM registry.enrolment WHERE source = 'nhd') + (SELECT count(*) FROM registry.evidence v JOIN registry.household_member m ON m.id = v.enrolment_id), 0::bigint,
          'nobody is enrolled by that, and nothing is evidence');
SELECT results_eq($$ SELECT table_name, count(*) FROM audit.entry WHERE source = 'nhd' AND table_name LIKE 'registry.household%' GROUP BY 1 ORDER BY 1 $$,
                  $$ VALUES ('registry.household', 3::bigint), ('registry.household_member', 4) $$, 'every row has its audit entry');
SELECT is((SELECT fetched = inserted + updated + unchanged + quarantined + refused FROM etl.run WHERE id = :run), true, 'the books balance');

-- The same again, changes, and what vanished.
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.member('1', 'h1', 700, '{"nid": "a"}'), pg_temp.member('2', 'h1', 700), pg_temp.member('3', 'h2', 900, '{"brn": "b"}'),
       pg_temp.member('4', 'h3', 700, '{"nid": "c"}') \g /dev/null
SELECT is(pg_temp.merge_members(:run), '0 0 4 0 0', 'an unchanged page');
SELECT is(pg_temp.close(:run), 'finished', '  ends');
SELECT set_eq('SELECT * FROM pg_temp.versions()', 'SELECT * FROM before', '  and writes no row version');
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.member('1', 'h1', 710, '{"nid": "a"}'), pg_temp.member('2', 'h1', 710), pg_temp.member('3', 'h2', 900, '{"brn": "b"}') \g /dev/null
SELECT is(pg_temp.merge_members(:run), '0 2 1 0 0', 'a changed score changes its members');
SELECT is(pg_temp.close(:run), 'finished', '  the listing ends');
SELECT is((SELECT string_agg(record_id, ' ') FROM registry.household_member WHERE status = 'absent'), '4', '  who is not in it any more is absent');
SELECT is((SELECT vanished FROM etl.run WHERE id = :run), 1::bigint, '  and counted');
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.member('4', 'h3', 700, '{"nid": "c"}') \g /dev/null
SELECT is(pg_temp.merge_members(:run), '0 1 0 0 0', 'who comes again is listed again');
SELECT is(pg_temp.close(:run), 'held', 'a listing without most of them is held');
SELECT is((SELECT count(*) FROM registry.household_member WHERE status = 'absent'), 0::bigint, '  and nobody marked');
SELECT is(etl.release_run(:run, 'the survey office says so'), 3::bigint, '  until a human releases it');
SELECT pg_temp.whole() AS run \gset
SELECT pg_temp.member('1', 'h1', 710, '{"nid": "a"}'), pg_temp.member('2', 'h1', 710), pg_temp.member('3', 'h2', 900, '{"brn": "b"}'),
       pg_temp.member('4', 'h3', 700, '{"nid": "c"}') \g /dev/null
SELECT is(pg_temp.merge_members(:run), '0 3 1 0 0', 'all are back');
SELECT is(pg_temp.close(:run), 'finished', '  and the run ends');

-- What is refused.
SELECT pg_temp.open('nhd') AS run \gset
SELECT pg_temp.member('9', 'h9', 700) \g /dev/null
SELECT throws_ok(format('SELECT pg_temp.merge_members(%s, 1)', :run), '22000', NULL, 'a page whose count is wrong');
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a"}') \g /dev/null
SELECT throws_ok(format('SELECT pg_temp.merge_members(%s)', :run), '22000', NULL, 'enrolments beside members');
DELETE FROM stage;
SELECT throws_ok(format($$ UPDATE stage_member SET pmt = 2000.01; SELECT pg_temp.merge_members(%s) $$, :run), '23514', NULL, 'a score that is none');
UPDATE stage_member SET pmt = 700, record_id = '8', id = pg_temp.id_of('nhd', '1');
SELECT throws_ok(format('SELECT pg_temp.merge_members(%s)', :run), '22000', NULL, 'the id of another record');
DELETE FROM stage_member;
SELECT etl.close_run(:run, 'finished', NULL) \g /dev/null

-- A replay.
SELECT etl.open_replay('nhd', sha256('c'), 'c', '{}') AS run \gset
SELECT id AS bad FROM etl.quarantine WHERE source = 'nhd' \gset
SELECT pg_temp.member('5', 'h5', 795, '{"nid": "e"}') \g /dev/null
SELECT inserted AS came FROM etl.merge_member_page(:run, 1, NULL, sha256('r'), 10, 1) \gset
SELECT etl.resolve_members(:run, ARRAY[:bad]::bigint[], ARRAY[pg_temp.id_of('nhd', '5')], '{}') \g /dev/null
SELECT is((SELECT resolution FROM etl.quarantine WHERE id = :bad) || :came, 'loaded1', 'what was mended is taken out of quarantine as it is loaded');
SELECT is(etl.list_superseded('nhd', ARRAY[pg_temp.id_of('nhd', '1')], ARRAY[now() - interval '1 day']), ARRAY[pg_temp.id_of('nhd', '1')], 'what the source sent since is newer');
DELETE FROM stage_member;
SELECT etl.close_run(:run, 'finished', NULL) \g /dev/null

-- Verdicts. Cut-off of OAA in Dhaka (30): 810.
SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a"}'), pg_temp.give('dss', '2', 'OAA', '{"brn": "b"}'), pg_temp.give('dss', '3', 'OAA', '{"nid": "nobody"}'),
       pg_temp.give('dss', '4', 'OAA', '{"nid": "a", "brn": "b"}'), pg_temp.give('dss', '5', 'TBD', '{"nid": "a"}'),
       pg_temp.give('dss', '6', 'OAA', '{"nid": "a", "status": "inactive"}'), pg_temp.give('dss', '7', 'OAA', '{"nid": "e"}') \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
CREATE FUNCTION pg_temp.verdict(record text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(', ', verdict, why, pmt, below) FROM report.pmt WHERE enrolment_id = pg_temp.id_of('dss', record) $$;
SELECT is(pg_temp.verdict('1'), 'match, below the cut-off, 710.00, 810.00', 'a poor household');
\ir helper/access.psql
SELECT pg_temp.let('t_social', 'analyst', 'MoSW'), pg_temp.let('t_other', 'analyst', 'MoF') \g /dev/null
SELECT is(pg_temp.as_login('t_social', 'SELECT count(*)::text FROM report.pmt'), (SELECT count(*)::text FROM report.pmt WHERE programme = 'OAA'), 'a ministry sees those of its programmes');
SELECT is(pg_temp.as_login('t_other', 'SELECT count(*)::text FROM report.pmt'), '0', 'and another sees none of them');
SELECT is(pg_temp.verdict('2'), 'mismatch, at or above the cut-off, 900.00, 810.00', 'one that is not, found by the birth registration number');
SELECT is(pg_temp.verdict('3'), 'unknown, not found in a survey', 'who was not found is unknown');
SELECT is(pg_temp.verdict('4'), 'unknown, found in households that differ, 900.00, 810.00', 'so is who was found in two that differ');
SELECT is(pg_temp.verdict('5'), NULL, 'a programme without a cut-off asks nothing');
SELECT is(pg_temp.verdict('6'), NULL, 'nor does an enrolment that is not active');
UPDATE registry.household_member SET pmt = 600 WHERE record_id = '2';
SELECT is(pg_temp.verdict('1'), 'unknown, records of the household differ, 600.00, 810.00', 'records that contradict each other are unknown');
UPDATE registry.household_member SET surveyed_on = surveyed_on - 1 WHERE record_id = '2';
SELECT is(pg_temp.verdict('1'), 'match, below the cut-off, 710.00, 810.00', 'unless one is of a later survey');
UPDATE registry.household_member SET surveyed_on = current_date - 4000 WHERE record_id IN ('1', '2');
SELECT is(pg_temp.verdict('1'), 'unknown, records of the household differ, 600.00, 810.00', 'of the same day they differ again');
UPDATE registry.household_member SET pmt = 700 WHERE record_id IN ('1', '2');
SELECT is(pg_temp.verdict('1'), 'unknown, the survey is too old, 700.00, 810.00', 'a survey of eleven years ago says nothing');
UPDATE registry.household_member SET status = 'absent' WHERE record_id = '5';
SELECT is(pg_temp.verdict('7'), 'unknown, not found in a survey', 'nor does a record that its source lists no more');

SELECT * FROM finish();
ROLLBACK;
