-- ext_rules.sql - the extension's part of the rules: at_most on a table of one's own, locks on buckets, shared evidence.
BEGIN;
\ir helper/tap.psql
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT plan(43);

SELECT is(programme(with_programme(evidence('nid', 'a', 7), n)), n, 'another programme') FROM unnest(ARRAY[0, 1, 4095]) n;
SELECT ok(with_programme(evidence('nid', 'a', 7), 3) ~ evidence('nid', 'a', 9), 'the same evidence');
SELECT throws_ok(format($$ SELECT with_programme(evidence('nid', 'a', 7), %s) $$, n), '22003', NULL, n || ' is no programme') FROM unnest(ARRAY[-1, 4096]) n;
SELECT is(with_programme(NULL, 1), NULL, 'null');

SELECT is(lock_evidence('{}'), 0, 'no key, no lock');
SELECT is(lock_evidence(ARRAY[NULL]::evidence[]), 0, 'nor for null');
SELECT is(lock_evidence(ARRAY[evidence('nid', 'a', 1), evidence('nid', 'a', 2), NULL]), 1, 'one key, one lock, whatever the programme');
SELECT is((SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1701539692 AND mode = 'ExclusiveLock' AND pid = pg_backend_pid())::int, 1, 'which pg_locks shows');
SELECT is(lock_evidence(ARRAY(SELECT evidence('nid', n::text, 1) FROM generate_series(1, 200000) n)), 1024, '200 000 keys, 1024 locks');
SAVEPOINT a;
ROLLBACK TO a;
SELECT is((SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1701539692 AND pid = pg_backend_pid())::int, 1024, 'until the transaction ends');

CREATE TABLE allowance (id int, nid text, programme int, active boolean, evidence evidence);
CREATE INDEX allowance_evidence ON allowance (evidence) WHERE active;
SELECT enforce_at_most('allowance_evidence', 2) \g /dev/null
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'allowance'::regclass AND tgenabled = 'A')::int, 2, 'two triggers, which a replica runs too');
CREATE FUNCTION pg_temp.put(n int, nid text, programme int, active boolean DEFAULT true) RETURNS void LANGUAGE sql AS $$
    INSERT INTO allowance VALUES (n, nid, programme, active, ekok.evidence('nid', nid, programme)) $$;
SELECT lives_ok(format($$ SELECT pg_temp.put(%s, 'a', %s) $$, n, p), 'programme ' || p) FROM (VALUES (1, 1), (2, 2), (3, 2)) v(n, p);
SELECT throws_ok($$ SELECT pg_temp.put(4, 'a', 3) $$, '23514', 'more than 2 programmes would hold one piece of evidence', 'no third');
SELECT lives_ok($$ SELECT pg_temp.put(4, 'a', 3, false) $$, 'but one that the index leaves out');
SELECT throws_ok($$ UPDATE allowance SET active = true $$, '23514', NULL, 'nor comes it in by an update');
SELECT lives_ok($$ UPDATE allowance SET id = id + 10 $$, 'an update that brings nothing passes');
SELECT lives_ok($$ INSERT INTO allowance VALUES (1, NULL, NULL, true, NULL), (2, NULL, NULL, true, NULL) $$, 'null is no evidence');
SELECT throws_ok($$ INSERT INTO allowance SELECT n, 'b', n, true, evidence('nid', 'b', n) FROM generate_series(1, 3) n $$, '23514', NULL, 'three by one statement');
SELECT throws_ok($$ INSERT INTO allowance VALUES (1, 'a', 3, true, evidence('nid', 'a', 3)) ON CONFLICT DO NOTHING $$, '23514', NULL, 'ON CONFLICT');
SELECT throws_ok($$ MERGE INTO allowance t USING (VALUES (14)) v(id) ON t.id = v.id WHEN MATCHED THEN UPDATE SET active = true $$, '23514', NULL, 'MERGE');
SELECT throws_ok($$ WITH w AS (INSERT INTO allowance VALUES (1, 'a', 3, true, evidence('nid', 'a', 3)) RETURNING 1) SELECT * FROM w $$, '23514', NULL, 'WITH');
SELECT lives_ok($$ DELETE FROM allowance WHERE nid = 'a' AND programme = 1; UPDATE allowance SET active = true $$, 'one leaves, another comes');
SELECT enforce_at_most('allowance_evidence', 0) \g /dev/null
SELECT throws_ok($$ SELECT pg_temp.put(9, 'c', 1) $$, '23514', 'more than 0 programmes would hold one piece of evidence', '0: none');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'allowance'::regclass)::int, 2, 'a new limit takes the place of the old one');
SELECT throws_ok(s, c, NULL, s) FROM (VALUES
    ('SELECT enforce_at_most(''allowance'', 1)', '42809'), ('SELECT enforce_at_most(NULL, 1)', '42809'),
    ('SELECT enforce_at_most(''allowance_evidence'', NULL)', '22023'), ('SELECT enforce_at_most(''allowance_evidence'', -1)', '22023')) v(s, c);
CREATE TABLE other (id int, evidence evidence);
CREATE INDEX other_id ON other (id);
SELECT enforce_at_most('other_id', 1) \g /dev/null
SELECT throws_ok('INSERT INTO other VALUES (1)', '39P01', NULL, 'an index of something else');
DROP INDEX other_id;
SELECT throws_ok('INSERT INTO other VALUES (1)', '39P01', 'at_most names an index that does not exist', 'an index that is gone');
DROP TABLE other;
CREATE TABLE other (id int, evidence evidence);
CREATE TRIGGER t BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION at_most('x', '1');
SELECT throws_ok('INSERT INTO other VALUES (1)', '39P01', NULL, 'a row trigger');

DELETE FROM allowance;
SELECT enforce_at_most('allowance_evidence', 3) \g /dev/null
INSERT INTO allowance SELECT n, n::text, p, true, evidence('nid', n::text, p) FROM generate_series(1, 34000) n, generate_series(1, 3) p;
SELECT pass('102 000 rows of 34 000 persons by one statement');
SELECT throws_ok($$ INSERT INTO allowance SELECT n, n::text, 4, true, evidence('nid', n::text, 4) FROM generate_series(34000, 34001) n $$, '23514', NULL, 'and one more of the last is found');
CREATE TABLE whole (evidence evidence);
CREATE INDEX whole_evidence ON whole (evidence);
INSERT INTO whole SELECT evidence FROM allowance;
SELECT set_eq($$ SELECT unnest(evidence_held('whole_evidence', ARRAY[evidence('nid', '1', 9), evidence('nid', 'x', 9), NULL, evidence('nid', '1', 2)], 3)) $$,
              $$ SELECT evidence('nid', '1', 0) $$, 'evidence that three rows hold, once');
SELECT is(evidence_held('whole_evidence', ARRAY[evidence('nid', '1', 9)], 4), '{}', 'not four');
SELECT throws_ok($$ SELECT evidence_held('whole_evidence', '{}', 0) $$, '22023', NULL, 'at least one');
CREATE ROLE test_nobody;
SET LOCAL ROLE test_nobody;
SELECT throws_ok($$ SELECT ekok.evidence_held(35::oid::regclass, '{}', 1) $$, NULL, NULL, 'no index');
RESET ROLE;
SELECT throws_ok($$ SELECT at_most() $$, NULL, NULL, 'no trigger, no call');

SELECT * FROM finish();
ROLLBACK;
