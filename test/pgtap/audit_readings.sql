-- audit_readings.sql - readings as they are told to whoever holds them against the agent's trace: by row, by login, in a time; under the
-- name of the cell that the agent knows; by nobody but auditors.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(12);

SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a"}'), pg_temp.give('dss', '2', 'OAA', '{"nid": "b"}') \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
SELECT pg_temp.id_of('dss', '1') AS one, pg_temp.id_of('dss', '2') AS two \gset
INSERT INTO registry.person VALUES ('00000000-0000-4000-8000-00000000000a');
INSERT INTO registry.membership VALUES (:'one', '00000000-0000-4000-8000-00000000000a', 'alone');
INSERT INTO etl.quarantine (source, row_mac, disposition, reasons, sealed, first_run, first_page)
VALUES ('dss', '\x000102030405060708090a0b0c0d0e0f', 'quarantined', '[]', '\x00', :run, 1) RETURNING id AS bad \gset

SELECT audit.record_readings('registry.enrolment', 'nid_sealed', ARRAY[:'one', :'two'], 'a list of two');
SELECT audit.record_reading('etl.quarantine', 'sealed', :'bad', 'a look');
SELECT results_eq(format('SELECT row_id FROM audit.reading ORDER BY id'), ARRAY[:'one', :'two', :'bad'], 'one call records many rows');
SELECT throws_ok(format($$ SELECT audit.record_readings('t', 'c', ARRAY[%L], ' ') $$, :'one'), '23514', NULL, 'for a purpose');
SELECT throws_ok($$ SELECT audit.record_readings('t', 'c', ARRAY[NULL::text], 'x') $$, '23502', NULL, 'of rows that are named');

SELECT set_eq($$ SELECT audit.rows_of('00000000-0000-4000-8000-00000000000a') $$, ARRAY['00000000-0000-4000-8000-00000000000a', :'one'], 'a person''s rows are its enrolments');
SELECT set_eq(format('SELECT audit.rows_of(%L)', :'two'), ARRAY[:'two'], 'an enrolment''s its own');
SELECT results_eq(format('SELECT actor, seen, cell_row, person_id, purpose FROM audit.readings(ARRAY[%L], NULL, NULL, NULL)', :'one'),
                  format($$ VALUES (session_user, 'registry.enrolment.nid_sealed', %L, '00000000-0000-4000-8000-00000000000a'::uuid, 'a list of two') $$, :'one'), 'readings of a row');
SELECT results_eq($$ SELECT seen, cell_row FROM audit.readings(ARRAY['000102030405060708090a0b0c0d0e0f'], NULL, NULL, NULL) $$,
                  $$ VALUES ('etl.quarantine.sealed', '000102030405060708090a0b0c0d0e0f') $$, 'what was set aside is named as the agent names it');
SELECT is((SELECT count(*) FROM audit.readings(NULL, session_user, NULL, NULL))::int, 3, 'readings by a login');
SELECT is((SELECT count(*) FROM audit.readings(NULL, 'nobody', NULL, NULL))::int, 0, 'not by another');
SELECT is((SELECT count(*) FROM audit.readings(NULL, NULL, now() - interval '1 hour', now() + interval '1 hour'))::int, 3, 'all of a time');
SELECT is((SELECT count(*) FROM audit.readings(NULL, NULL, now() + interval '1 hour', NULL))::int, 0, 'none of another');
SELECT results_eq($$ SELECT r, has_function_privilege(r, 'audit.readings(text[], name, timestamptz, timestamptz)', 'EXECUTE'), has_function_privilege(r, 'audit.rows_of(uuid)', 'EXECUTE')
                     FROM unnest(ARRAY['ekok_analyst', 'ekok_auditor', 'ekok_etl', 'ekok_operator', 'ekok_sealer']) r ORDER BY r $$,
                  $$ SELECT r, r = 'ekok_auditor', r = 'ekok_auditor' FROM unnest(ARRAY['ekok_analyst', 'ekok_auditor', 'ekok_etl', 'ekok_operator', 'ekok_sealer']) r ORDER BY r $$,
                  'auditors ask, nobody else');

SELECT * FROM finish();
ROLLBACK;
