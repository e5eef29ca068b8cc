-- drill.sql - what a drill counts, what a copy must then hold, and a book in which nothing is changed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
\ir helper/tap.psql
SELECT plan(21);

SELECT throws_ok($$ SELECT audit.begin_drill('here', interval '1 minute') $$, '22023', NULL, 'drills are not due every minute');
SELECT throws_ok($$ SELECT audit.begin_drill('here', NULL) $$, '22023', NULL, 'nor never');
SELECT is((SELECT condition FROM report.continuity), 'never drilled', 'at first no drill ever ended');

SELECT audit.begin_drill('here', interval '8 days') AS drill \gset
SELECT is((SELECT condition FROM report.continuity), 'running', 'the first is running');
SELECT set_eq(format('SELECT table_name FROM audit.drill_census WHERE drill = %s', :drill),
    $$ SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relname NOT LIKE 'drill%' $$, 'every table is counted');
SELECT is((SELECT rows FROM audit.drill_census WHERE drill = :drill AND table_name = 'registry.programme'), (SELECT count(*) FROM registry.programme), 'row by row');
SELECT is_empty(format('SELECT * FROM audit.compare_drill(%s) WHERE NOT holds', :drill), 'what is unchanged holds');
SELECT is((SELECT kind FROM audit.compare_drill(:drill) WHERE table_name = t), k, t || ' is ' || k) FROM (VALUES ('registry.programme', 'traced'),
    ('registry.evidence', 'free'), ('etl.run', 'grows'), ('audit.entry', 'trace')) x(t, k);

-- A change that its trace accounts for, and one behind it. Both by this transaction, which the count did not see: its own
-- entries are told from others only where it had no number yet, so the count is put before it.
ALTER TABLE audit.drill DISABLE TRIGGER USER;
UPDATE audit.drill SET snapshot = format('%s:%s:', pg_current_xact_id(), pg_current_xact_id())::pg_snapshot WHERE id = :drill;
ALTER TABLE audit.drill ENABLE ALWAYS TRIGGER insert_only;
INSERT INTO registry.ministry (code, name_en, source, confidence) SELECT 'NEW', 'New', source, confidence FROM registry.ministry LIMIT 1;
SELECT is_empty(format('SELECT * FROM audit.compare_drill(%s) WHERE NOT holds', :drill), 'a row more, with its entry, holds');
ALTER TABLE registry.ministry DISABLE TRIGGER audit_delete;
DELETE FROM registry.ministry WHERE code = 'NEW';
ALTER TABLE registry.ministry ENABLE ALWAYS TRIGGER audit_delete;
SELECT results_eq(format('SELECT table_name, standing - expected FROM audit.compare_drill(%s) WHERE NOT holds', :drill),
    $$ VALUES ('registry.ministry', -1::bigint) $$, 'a row less, without, does not');

SELECT throws_ok(format('SELECT audit.end_drill(%s, true, NULL, ''{}'')', :drill), '23514', NULL, 'nothing passes without figures');
SELECT throws_ok(format('SELECT audit.end_drill(%s, false, NULL, ''{}'')', :drill), '23514', NULL, 'nothing fails without a reason');
SELECT lives_ok(format('SELECT audit.end_drill(%s, false, ''a reason'', ''{"backup": "x"}'')', :drill), 'it fails for a reason');
SELECT is((SELECT condition || ': ' || problem FROM report.continuity), 'failed: a reason', 'which is an alarm');
SELECT throws_ok(format('SELECT audit.end_drill(%s, false, ''x'', ''{}'')', :drill), '23505', NULL, 'it ends once');
SELECT throws_ok('DELETE FROM audit.drill_result', '42501', NULL, 'what is in the book stays');
SELECT throws_ok('SELECT audit.compare_drill(0)', 'P0002', NULL, 'a copy that ends before the drill began says so');
SET LOCAL ROLE ekok_drill;
SELECT throws_ok('SELECT FROM registry.enrolment', '42501', NULL, 'who drills reads no people');

SELECT * FROM finish();
ROLLBACK;
