-- source.sql - definitions of sources: versions that never change, programmes that they cannot change, and what a replay
-- may not bring back.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(15);

CREATE FUNCTION pg_temp.definition(name text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('source', jsonb_build_object('name', name, 'title', 'A title', 'ministry', 'MoSW')) || more $$;

SELECT is((SELECT (d.version, d.added)::text FROM etl.add_definition(pg_temp.definition('dss')) d), '(1,t)', 'the first version');
SELECT is((SELECT (d.version, d.added)::text FROM etl.add_definition(pg_temp.definition('dss')) d), '(1,f)', 'the same is none');
SELECT is((SELECT (d.version, d.added)::text FROM etl.add_definition(pg_temp.definition('dss', '{"map": {}}')) d), '(2,t)', 'another is the next');
SELECT is((SELECT definition ->> 'map' FROM etl.definition_in_force WHERE source = 'dss'), '{}', 'the highest counts');
SELECT throws_ok($$ UPDATE etl.source_definition SET state = 'retired' $$, '42501', NULL, 'a version never changes');
SELECT throws_ok($$ DELETE FROM etl.source_definition $$, '42501', NULL, 'nor goes');
SELECT throws_ok($$ SELECT etl.add_definition(pg_temp.definition('dss', '{"programmes": ["PEN"]}')) $$, '22023',
    'source "dss" may report other programmes', 'a definition gives no permission');
SELECT throws_ok($$ SELECT etl.add_definition(pg_temp.definition('tea', '{"programmes": ["NONE"]}')) $$, 'P0002',
    'programme "NONE" is not known', 'an unknown programme');
SELECT throws_ok($$ SELECT etl.add_definition(pg_temp.definition('tea')) $$, 'P0002', 'source "tea" is not known', 'no programme at all');
SELECT is((SELECT d.version FROM etl.add_definition(pg_temp.definition('tea', '{"programmes": ["TEA"]}')) d), 1, 'a new source');
SELECT results_eq($$ SELECT s.ministry, p.programme FROM etl.source s JOIN etl.source_programme p ON p.source = s.code WHERE s.code = 'tea' $$,
    $$ VALUES ('MoSW', 'TEA') $$, 'is known by its first definition');
SELECT isnt_empty($$ SELECT FROM audit.entry WHERE table_name = 'etl.source_programme' AND op = 'INSERT' AND row_id LIKE '%tea%' $$,
    'what it may report leaves a trace');
SELECT is(etl.retire_source('tea'), 2, 'it is retired by a version');
SELECT is((SELECT (s.state, (SELECT count(*) FROM etl.definition_in_force d WHERE d.source = 'tea'))::text FROM etl.source s WHERE s.code = 'tea'),
    '(retired,0)', 'and has nothing in force');
SELECT throws_ok($$ SELECT etl.resolve_quarantined(1, '{}', '{}', '{}') $$, '55000', 'run 1 is not a running replay',
    'quarantine is resolved by a replay alone');
SELECT * FROM finish();
ROLLBACK;
