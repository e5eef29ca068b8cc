-- reports.sql - what the reports count, on a handful of people.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(13);

SELECT pg_temp.open('dss') AS dss \gset
SELECT pg_temp.open('dwa') AS dwa \gset
SELECT pg_temp.open('molwa') AS molwa \gset
SELECT pg_temp.give('dss', r, p, told::jsonb) FROM (VALUES
    ('1', 'OAA', '{"nid": "a", "mobile": "m"}'), ('2', 'DIS', '{"nid": "a"}'), ('3', 'OAA', '{"nid": "b", "mobile": "m", "birth_date": "1999-09-09"}'),
    ('4', 'WDA', '{"nid": "c", "wallet": "w", "name_en": "Shirin Akter", "birth_date": "1970-02-03"}')) v(r, p, told) \g /dev/null
SELECT pg_temp.give_bad('5') \g /dev/null
SELECT pg_temp.merge(:dss) \g /dev/null
SELECT pg_temp.give('dwa', r, 'MCB', told::jsonb) FROM (VALUES ('1', '{"nid": "a", "geo": "10"}'), ('2', '{"nid": "b", "birth_date": "1999-09-09"}'), ('3', '{"wallet": "w", "mobile": "m", "name_en": "Rahela Begum", "birth_date": "1980-06-07"}')) v(r, told) \g /dev/null
SELECT pg_temp.merge(:dwa) \g /dev/null
SELECT pg_temp.give('molwa', '1', 'FFH', '{"nid": "a"}') \g /dev/null
SELECT pg_temp.merge(:molwa) \g /dev/null
SELECT etl.close_run(:molwa, 'failed', 'no answer') \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null

SELECT results_eq($$ SELECT source, state, fetched::int, inserted::int, quarantined::int, problem FROM report.last_runs WHERE source IN ('dss', 'dwa', 'molwa') $$,
                  $$ VALUES ('dss', 'running', 5, 4, 1, NULL), ('dwa', 'running', 3, 3, 0, NULL), ('molwa', 'failed', 1, 1, 0, 'no answer') $$, 'last runs');
SELECT is((SELECT count(*) FROM report.last_runs)::int, 10, 'every source stands there');
UPDATE etl.source SET state = 'retired' WHERE code = 'dol';
SELECT is((SELECT count(*) FROM report.last_runs)::int, 9, 'but a retired one');

SELECT results_eq('SELECT programme_a, programme_b, persons::int FROM report.programmes_overlap',
                  $$ VALUES ('MCB', 'OAA', 2), ('DIS', 'FFH', 1), ('DIS', 'MCB', 1), ('DIS', 'OAA', 1), ('FFH', 'MCB', 1), ('FFH', 'OAA', 1) $$, 'programmes combined');
SELECT is((SELECT name_a FROM report.programmes_overlap LIMIT 1), 'Mother and Child Benefit Programme', 'with their names');
SELECT results_eq('SELECT kind, state, pairs::int, enrolments::int, people::int FROM report.people_by_evidence',
                  $$ VALUES ('nid', 'certain', 7, 6, 2), ('wallet', 'shared', 1, 2, 2), ('mobile', 'shared', 2, 3, 3) $$,
                  'evidence across programmes; a pair within one programme does not count');
SELECT results_eq('SELECT rule, person_id, programmes, programme_count, "limit" FROM report.above_limit',
                  $$ SELECT 'max-cash-programmes', person_id, ARRAY['DIS', 'FFH', 'MCB', 'OAA'], 4, 3 FROM registry.membership WHERE enrolment_id = md5('dss/1')::uuid $$,
                  'above the limit');
SELECT results_eq('SELECT rank::int, cash_count, programme_count, source, programme FROM report.striking_cases(10)',
                  $$ VALUES (1, 4, 4, 'dss', 'OAA'), (1, 4, 4, 'dss', 'DIS'), (1, 4, 4, 'dwa', 'MCB'), (1, 4, 4, 'molwa', 'FFH'),
                            (2, 2, 2, 'dss', 'OAA'), (2, 2, 2, 'dwa', 'MCB') $$, 'striking cases, the most cash programmes first');
SELECT is((SELECT count(*) FROM report.striking_cases(1))::int, 4, 'as many persons as asked for');
SELECT is_empty('SELECT FROM report.striking_cases(0)', 'none');
SELECT is_empty('SELECT FROM report.striking_cases(-1)', 'or less');
SELECT results_eq($$ SELECT nid_sealed, enrolment_id, place_name FROM report.striking_cases(1) WHERE source = 'dwa' $$,
                  $$ SELECT nid_sealed, id, 'Barisal' FROM registry.enrolment WHERE id = md5('dwa/1')::uuid $$, 'identifiers come sealed, with the row they are sealed to');
SELECT is((SELECT count(*) FROM registry.beneficiary WHERE person_id = (SELECT person_id FROM registry.membership WHERE enrolment_id = md5('dss/1')::uuid))::int, 4,
          'a person''s enrolments as an analyst reads them');

SELECT * FROM finish();
ROLLBACK;
