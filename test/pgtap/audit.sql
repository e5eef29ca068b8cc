-- audit.sql - every change leaves its entry, with who, why and from which page; the trace only grows.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(29);

SELECT is_empty($$
    SELECT c.oid::regclass, op FROM pg_class c CROSS JOIN unnest(ARRAY['audit_insert', 'audit_update', 'audit_delete', 'audit_truncate']) op
    WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('evidence', 'blocking', 'pending', 'sweep_run', 'sweep_count')
      AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = op AND t.tgenabled = 'A') $$,
    'every table of the registry is audited; evidence follows from enrolments, sweeps keep books');
SELECT is_empty($$
    SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger t WHERE t.tgname IN ('audit_insert', 'audit_update', 'audit_delete')
      AND t.tgfoid <> 'ekok.record_change()'::regprocedure $$, 'by the one function');

SELECT pg_temp.open('dss') AS run \gset
SELECT max(id) AS last FROM audit.entry \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a", "household": "h"}');
SELECT pg_temp.give('dss', '2', 'OAA', '{"nid": "b"}');
SELECT pg_temp.merge(:run) \g /dev/null
SELECT results_eq(format('SELECT table_name, op, count(*)::int FROM audit.entry WHERE id > %s GROUP BY 1, 2 ORDER BY 1', :last),
                  $$ VALUES ('registry.enrolment', 'INSERT', 2), ('registry.household', 'INSERT', 1) $$, 'a page leaves one entry a row');
SELECT is((SELECT count(*) FROM audit.entry WHERE id > :last AND source = 'dss' AND run_id = :run AND purpose = 'ingestion'
           AND page_sha256 = sha256('page') AND xact = pg_current_xact_id() AND actor = session_user)::int, 3,
          'with source, run, page, purpose, transaction and actor');
SELECT is((SELECT e.new FROM audit.entry e WHERE e.id > :last AND e.row_id = pg_temp.id_of('dss', '1')::text)::jsonb - '{created_at,changed_at}'::text[],
          (SELECT jsonb_strip_nulls(to_jsonb(r)) FROM registry.enrolment r WHERE r.id = pg_temp.id_of('dss', '1')) - '{created_at,changed_at}'::text[], 'the image is the row');
SELECT is((SELECT count(*) FROM audit.entry e WHERE id > :last AND old IS NOT NULL)::int, 0, 'an insert has no row before');

SELECT max(id) AS last FROM audit.entry \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a", "household": "h"}');
SELECT pg_temp.give('dss', '2', 'OAA', '{"nid": "b", "amount_paisa": 5}');
SELECT pg_temp.merge(:run) \g /dev/null
SELECT results_eq(format($$ SELECT op, row_id, old ->> 'amount_paisa', new ->> 'amount_paisa' FROM audit.entry WHERE id > %s $$, :last),
                  format($$ VALUES ('UPDATE', %L, NULL, '5') $$, pg_temp.id_of('dss', '2')), 'a change leaves both images, an unchanged row nothing');

SET LOCAL ekok.purpose = 'mending';
SET LOCAL bytea_output = 'escape';
SELECT max(id) AS last FROM audit.entry \gset
UPDATE registry.enrolment SET status = 'suspended' WHERE source = 'dss';
SELECT is((SELECT count(*) FROM audit.entry WHERE id > :last AND purpose = 'mending' AND new ->> 'status' = 'suspended' AND old ->> 'status' = 'active')::int, 2,
          'whoever changes a row by hand is seen as well');
SELECT is((SELECT count(*) FROM audit.entry WHERE id > :last AND new ->> 'row_mac' LIKE '\\x%')::int, 2, 'images do not depend on the session''s settings');
INSERT INTO registry.person VALUES ('00000000-0000-0000-0000-000000000001');
INSERT INTO registry.membership VALUES (pg_temp.id_of('dss', '1'), '00000000-0000-0000-0000-000000000001', 'alone');
INSERT INTO registry.match VALUES (least(pg_temp.id_of('dss', '1'), pg_temp.id_of('dss', '2')), greatest(pg_temp.id_of('dss', '1'), pg_temp.id_of('dss', '2')), 'certain', now(), '{nid}', 50);
DELETE FROM registry.match;
SELECT is((SELECT row_id FROM audit.entry WHERE table_name = 'registry.match' AND op = 'DELETE' AND id > :last),
          concat_ws(' ', least(pg_temp.id_of('dss', '1'), pg_temp.id_of('dss', '2')), greatest(pg_temp.id_of('dss', '1'), pg_temp.id_of('dss', '2'))),
          'a key of several columns names its row');
SELECT is((SELECT old ->> 'state' FROM audit.entry WHERE table_name = 'registry.match' AND op = 'DELETE' AND id > :last), 'certain', 'a delete leaves the row before');
DELETE FROM registry.membership;
SELECT max(id) AS last FROM audit.entry \gset
UPDATE registry.person SET id = '00000000-0000-0000-0000-000000000002';
SELECT results_eq(format('SELECT op, old IS NULL, new IS NULL FROM audit.entry WHERE id > %s ORDER BY 2', :last),
                  $$ VALUES ('UPDATE', false, true), ('UPDATE', true, false) $$, 'a change of the key leaves both rows');
UPDATE registry.person SET made_at = made_at WHERE false;
SELECT is((SELECT count(*) FROM audit.entry WHERE id > :last)::int, 2, 'a statement that finds no row leaves nothing');
SET LOCAL session_replication_role = replica;
DELETE FROM registry.person;
SELECT is((SELECT count(*) FROM audit.entry WHERE id > :last)::int, 3, 'replication mode does not switch it off');
SELECT throws_ok('TRUNCATE registry.rule_hit', '42501', NULL, 'an audited table is not emptied unseen');
RESET session_replication_role;
SELECT throws_ok($$ SELECT audit.attach('pg_temp.stage') $$, '42P16', NULL, 'a table without a key cannot be audited');

-- The trace only grows, for its owner and for a superuser alike.
SELECT audit.record_reading('registry.enrolment', 'nid_sealed', 'x', 'complaint 7') \g /dev/null
CREATE FUNCTION pg_temp.cannot(statement text) RETURNS text LANGUAGE sql AS $$ SELECT throws_ok(statement, '42501', NULL, statement) $$;
SET LOCAL ROLE ekok_owner;
SELECT pg_temp.cannot(s) FROM unnest(ARRAY['UPDATE audit.entry SET actor = ''x''', 'DELETE FROM audit.entry', 'TRUNCATE audit.entry',
    'UPDATE audit.reading SET actor = ''x''', 'DELETE FROM audit.reading WHERE false', 'TRUNCATE audit.reading', 'DELETE FROM audit.checkpoint']) s;
RESET ROLE;
SELECT pg_temp.cannot(s) FROM unnest(ARRAY['UPDATE audit.entry SET actor = ''x''', 'DELETE FROM audit.entry', 'TRUNCATE audit.entry']) s;
SET LOCAL session_replication_role = replica;
SELECT pg_temp.cannot('DELETE FROM audit.entry WHERE false');
RESET session_replication_role;

SELECT is((SELECT concat_ws(' ', table_name, column_name, row_id, purpose, actor) FROM audit.reading ORDER BY id DESC LIMIT 1),
          'registry.enrolment nid_sealed x complaint 7 ' || session_user, 'a reading leaves who, what and why');
SELECT throws_ok($$ SELECT audit.record_reading('registry.enrolment', 'nid_sealed', 'x', ' ') $$, '23514', NULL, 'no reading without a purpose');

SELECT * FROM finish();
ROLLBACK;
