-- reference.sql - the reference data as loaded.
BEGIN;
\ir helper/tap.psql
SELECT plan(14);

SELECT results_eq('SELECT level::int, count(*)::int FROM registry.geo GROUP BY 1 ORDER BY 1',
                  'VALUES (1, 8), (2, 64), (3, 544), (4, 5160)', 'places by level');
SELECT is((SELECT name_bn FROM registry.geo WHERE code = '30'), 'ঢাকা', 'a place has its Bengali name');
SELECT is((SELECT count(*) FROM registry.geo WHERE level = 3 AND name_bn IS NOT NULL)::int, 483, 'upazilas with a Bengali name');
SELECT is_empty($$ SELECT code FROM registry.geo WHERE (name_bn IS NULL) <> (confidence = 'partial') $$,
                'a place without a Bengali name says that a part is missing');
SELECT is((SELECT confidence FROM registry.geo WHERE code = '201510'), 'doubtful', 'a Bengali name joined with a low score is doubtful');
SELECT is((SELECT count(*) FROM registry.geo WHERE name_bn <> normalize(name_bn, NFC))::int, 0, 'names are in NFC');
SELECT is((SELECT count(*) FROM registry.programme)::int, 23, 'programmes');
SELECT is((SELECT array_agg(number ORDER BY number) FROM registry.programme), ARRAY(SELECT generate_series(1, 23)), 'their numbers');
SELECT is((SELECT number FROM registry.programme WHERE code = 'SHM'), 15, 'a number is what evidence keys were made with');
SELECT results_eq($$ SELECT code FROM registry.programme WHERE benefit <> 'cash' ORDER BY number $$,
                  $$ VALUES ('EGP'), ('WFM'), ('TRE'), ('VWB'), ('FFP') $$, 'workfare and in kind are not cash');
SELECT set_eq('SELECT code FROM etl.source',
              ARRAY['hsp', 'dshe', 'dme', 'dte', 'pesp', 'dol', 'spbmu', 'dss', 'molwa', 'dwa'], 'the ten systems');
SELECT set_eq($$ SELECT programme FROM etl.source_programme $$, $$ SELECT code FROM registry.programme WHERE integrated $$,
              'every integrated programme is reported by a system, no other is');
SELECT results_eq($$ SELECT "limit", benefit, mode FROM registry.rule WHERE code = 'max-cash-programmes' $$,
                  $$ VALUES (3, 'cash', 'report') $$, 'the limit proposed: three cash programmes');
SELECT is_empty($$ SELECT code FROM registry.ministry WHERE source = '' UNION ALL SELECT code FROM registry.geo WHERE source = ''
                   UNION ALL SELECT code FROM registry.programme WHERE source = '' $$, 'every row names its source');

SELECT * FROM finish();
ROLLBACK;
