-- rotate.sql - states of keys, the books of a rotation, and what it refuses.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT no_plan();

DELETE FROM keyring.progress;
DELETE FROM keyring.rotation;
DELETE FROM keyring.key;

SELECT ok(keyring.check_version('data', 1, 'active', sha256('k1')), 'a key file''s active version is registered');
SELECT ok(keyring.check_version('data', 2, 'active', sha256('k2')), 'another that says it is active too');
SELECT is((SELECT state FROM keyring.key WHERE version = 2), 'pre-active', 'waits: one is active');
SELECT ok(NOT keyring.check_version('data', 2, 'active', sha256('x')), 'the wrong key is told');
SELECT throws_ok($$ SELECT keyring.set_state('data', 1, 'pre-active') $$, '55000', NULL, 'a key does not move back');
SELECT throws_ok($$ SELECT keyring.set_state('data', 9, 'retired') $$, 'P0002', NULL, 'nor is one made up');
SELECT throws_ok($$ SELECT keyring.destroy_key('data', 1) $$, '55000', NULL, 'an active key is not destroyed');

-- Sealed values in form: version 1, of the data key's version in the next four bytes.
CREATE FUNCTION pg_temp.sealed(version int) RETURNS bytea LANGUAGE sql AS $$ SELECT '\x01'::bytea || int4send(version) || sha256('n') || sha256('v') $$;
SELECT is(keyring.sealed_version(pg_temp.sealed(258)), 258, 'a sealed value tells its version');
SELECT is(keyring.sealed_version('\x0100000001'), NULL, 'what is too short does not');
SELECT is(keyring.sealed_version(set_byte(pg_temp.sealed(1), 0, 2)), NULL, 'nor what is in another form');

-- A table that rotation does not know would hold values that nothing opens any more: the catalog says which there are.
SELECT set_eq($$ SELECT table_name || '.' || column_name FROM keyring.cells() $$,
              $$ SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
                   AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
                   AND (a.attname ~ '(^|_)sealed$' OR a.attname = 'kept') $$,
              'rotation of the data key knows every sealed column');
SELECT set_eq($$ SELECT table_name || '.' || replace(column_name, '_sealed', '_token') FROM keyring.cells() WHERE column_name LIKE '%\_sealed' $$,
              $$ SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
                   AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
                   AND a.attname ~ '(^|_)token$' $$,
              'rotations of token keys know every column of tokens');

SELECT pg_temp.open('dss') AS run \gset
INSERT INTO registry.enrolment (id, source, record_id, programme, name_en, birth_date, nid_digits, nid_sealed, nid_token, mobile_sealed, mobile_token, row_mac, first_run, last_run)
SELECT pg_temp.id_of('dss', n::text), 'dss', n::text, 'OAA', 'Rahima', '1950-01-01', 10, pg_temp.sealed(1), substring(sha256('t' || (n % 3)::text::bytea) FOR 16),
       CASE n WHEN 1 THEN pg_temp.sealed(1) END, CASE n WHEN 1 THEN substring(sha256('m') FOR 16) END, substring(sha256('r') FOR 16), :run, :run
FROM generate_series(1, 5) n;
SELECT registry.add_evidence(ARRAY(SELECT id FROM registry.enrolment WHERE first_run = :run));
-- Members of a surveyed household: the first two share their NID with enrolments 2 and 5, the third has a birth number.
INSERT INTO etl.source (code, title, ministry, source, confidence) VALUES ('nhd', 'A survey', 'MoSW', 'test', 'assumed');
INSERT INTO registry.household (id, source, household_key) VALUES (registry.household_id('nhd', 'h'), 'nhd', 'h');
INSERT INTO registry.household_member (id, source, record_id, household_id, status, name_en, birth_date, nid_digits, nid_sealed, nid_token, brn_sealed, brn_token,
    pmt, surveyed_on, row_mac, first_run, last_run)
SELECT pg_temp.id_of('nhd', n::text), 'nhd', n::text, registry.household_id('nhd', 'h'), 'listed', 'Rahima', '1950-01-01', CASE WHEN n < 3 THEN 10 END,
       CASE WHEN n < 3 THEN pg_temp.sealed(1) END, CASE WHEN n < 3 THEN substring(sha256('t2') FOR 16) END,
       CASE WHEN n > 1 THEN pg_temp.sealed(1) END, CASE WHEN n > 1 THEN substring(sha256('b') FOR 16) END, 700, '2025-01-01', substring(sha256('r') FOR 16), :run, :run
FROM generate_series(1, 3) n;
SELECT set_eq($$ SELECT * FROM keyring.count_values() $$, $$ VALUES ('registry.enrolment', 1, 6::bigint), ('registry.household_member', 1, 4) $$,
              'values are counted by version');

SELECT rotation_id AS rotation FROM keyring.begin_rotation('data', 2) \gset
SELECT set_eq($$ SELECT version, state FROM keyring.key $$, $$ VALUES (1, 'decrypt-only'), (2, 'active') $$, 'a rotation makes its version the active one');
SELECT is((SELECT r.resumed FROM keyring.begin_rotation('data', 2) r), true, 'one that is running is gone on with');
SELECT throws_ok($$ SELECT keyring.begin_rotation('row', 1) $$, '55000', NULL, 'another one waits');
SELECT throws_ok(format('SELECT keyring.turn_tokens(%s, NULL, NULL)', :rotation), '55000', NULL, 'it turns no tokens');
SELECT is((SELECT count(*) FROM keyring.take_enrolments(0, NULL, 2)), 5::bigint, 'rows on the version before are handed out');
CREATE TEMP TABLE taken AS SELECT * FROM keyring.take_enrolments(0, NULL, 2);
UPDATE registry.enrolment SET name_en = 'Rahela' WHERE record_id = '5' AND first_run = :run;
SELECT is((SELECT keyring.put_rows(:rotation, 'registry.enrolment', array_agg(at), array_agg(x),
                  array_agg(ARRAY[pg_temp.sealed(2), brn, CASE WHEN mobile IS NOT NULL THEN pg_temp.sealed(2) END, wallet, account])) FROM taken), 4,
          'a row that was changed meanwhile is passed over');
SELECT ok(NOT keyring.finish_rotation(:rotation), 'and keeps the proof from holding');
SELECT is((SELECT state FROM keyring.rotation WHERE id = :rotation), 'running', 'so it goes on');
SELECT set_eq($$ SELECT * FROM keyring.count_values() $$,
              $$ VALUES ('registry.enrolment', 1, 1::bigint), ('registry.enrolment', 2, 5), ('registry.household_member', 1, 4) $$, 'four rows are written');
SELECT is((SELECT new ->> 'rows' FROM audit.entry WHERE op = 'REKEY' ORDER BY id DESC LIMIT 1), '4', 'with one entry in the trace');
SELECT is((SELECT purpose FROM audit.entry WHERE op = 'REKEY' ORDER BY id DESC LIMIT 1), format('key rotation %s of data', :rotation), 'that names the rotation');
SELECT is((SELECT e.new -> 'digests' ->> t.id::text FROM audit.entry e, taken t JOIN registry.enrolment r ON r.id = t.id AND r.record_id = '1' WHERE e.op = 'REKEY' ORDER BY e.id DESC LIMIT 1),
          (SELECT audit.key_made_digest(r.id::text, to_jsonb(r)) FROM (SELECT id, nid_sealed, nid_token, mobile_sealed, mobile_token, row_mac FROM registry.enrolment WHERE record_id = '1' AND first_run = :run) r),
          'SQL makes the digest that C made');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.enrolment') $$, 'rows are what the trace says');
SELECT is((SELECT keyring.put_rows(:rotation, 'registry.enrolment', array_agg(at), array_agg(x),
                  array_agg(ARRAY[pg_temp.sealed(2), brn, mobile, wallet, account])) FROM keyring.take_enrolments(0, NULL, 2)), 1, 'the next pass writes the rest');
SELECT ok(NOT keyring.finish_rotation(:rotation), 'members alone keep the proof from holding');
SELECT is((SELECT count(*) FROM keyring.take_members(0, NULL, 2)), 3::bigint, 'members are handed out');
CREATE TEMP TABLE members AS SELECT * FROM keyring.take_members(0, NULL, 2);
UPDATE registry.household_member SET name_en = 'Rahela' WHERE record_id = '3' AND source = 'nhd';
SELECT is((SELECT keyring.put_rows(:rotation, 'registry.household_member', array_agg(at), array_agg(x),
                  array_agg(ARRAY[CASE WHEN nid IS NOT NULL THEN pg_temp.sealed(2) END, CASE WHEN brn IS NOT NULL THEN pg_temp.sealed(2) END])) FROM members), 2, 'and written, but for one that was changed meanwhile');
SELECT is((SELECT (new ->> 'rows')::int FROM audit.entry WHERE op = 'REKEY' AND table_name = 'registry.household_member' ORDER BY id DESC LIMIT 1), 2, 'with one entry in the trace');
SELECT is((SELECT keyring.put_rows(:rotation, 'registry.household_member', array_agg(at), array_agg(x), array_agg(ARRAY[nid, pg_temp.sealed(2)]))
           FROM keyring.take_members(0, NULL, 2)), 1, 'the next pass writes that one too');
SELECT is((SELECT count(*) FROM registry.household_member WHERE source = 'nhd' AND num_nonnulls(nid_sealed, brn_sealed) = CASE record_id WHEN '2' THEN 2 ELSE 1 END), 3::bigint,
          'no value comes or goes');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.household_member') $$, 'members are what the trace says');
SELECT ok(keyring.finish_rotation(:rotation), 'then the proof holds');
SELECT is((SELECT receipt -> 'standing' FROM keyring.rotation WHERE id = :rotation),
          '[{"table": "registry.enrolment", "values": 6, "version": 2}, {"table": "registry.household_member", "values": 4, "version": 2}]', 'the receipt says what stands');
SELECT is((SELECT count(*) FROM audit.entry WHERE table_name = 'keyring.rotation' AND new -> 'receipt' IS NOT NULL AND row_id = :'rotation'), 1::bigint, 'and is in the trace');
SELECT is((SELECT state FROM keyring.key WHERE version = 1), 'retired', 'the version before is retired');
UPDATE registry.household_member SET brn_sealed = pg_temp.sealed(1) WHERE record_id = '3' AND source = 'nhd';
SELECT throws_ok($$ SELECT keyring.destroy_key('data', 1) $$, '2BP01', '1 values are still on version 1 of data', 'it is not destroyed while a member is on it');
UPDATE registry.household_member SET brn_sealed = pg_temp.sealed(2) WHERE record_id = '3' AND source = 'nhd';
SELECT lives_ok($$ SELECT keyring.destroy_key('data', 1) $$, 'and may be destroyed');
SELECT ok(NOT keyring.check_version('data', 1, 'decrypt-only', sha256('k1')), 'a key file that still has it is refused');
SELECT ok(keyring.check_version('data', 1, 'destroyed', sha256('k1')), 'one that has not is fine');

-- A change that is more than a rotation is recorded whole, whatever the purpose says.
SELECT set_config('ekok.purpose', 'key rotation 99 of data', true);
UPDATE registry.enrolment SET nid_sealed = pg_temp.sealed(3), name_en = 'Someone else' WHERE record_id = '1' AND first_run = :run;
SELECT is((SELECT op FROM audit.entry ORDER BY id DESC LIMIT 1), 'UPDATE', 'a name changed under cover of a rotation is recorded whole');
SELECT is((SELECT new ->> 'name_en' FROM audit.entry ORDER BY id DESC LIMIT 1), 'Someone else', 'with the name');

-- Tokens.
SELECT ok(keyring.check_version('token_nid', 1, 'active', sha256('t1')) AND keyring.check_version('token_nid', 2, 'pre-active', sha256('t2')), 'two versions of a token key');
SELECT rotation_id AS turn FROM keyring.begin_rotation('token_nid', 2) \gset
SELECT set_eq(format($$ SELECT table_name FROM keyring.progress WHERE rotation_id = %s $$, :turn), ARRAY['registry.enrolment', 'registry.household_member'],
              'a rotation of tokens goes through every table that has them');
SELECT is((SELECT count(*) FROM keyring.take_tokens('nid', 'registry.enrolment', 0, NULL)), 5::bigint, 'tokens are handed out with their values, sealed');
SELECT is((SELECT count(*) FROM keyring.take_tokens('nid', 'registry.household_member', 0, NULL)), 2::bigint, 'those of members too');
SELECT throws_ok($$ SELECT keyring.take_tokens('name', 'registry.enrolment', 0, NULL) $$, '22023', NULL, 'of the five kinds only');
SELECT throws_ok($$ SELECT keyring.take_tokens('mobile', 'registry.household_member', 0, NULL) $$, '22023', NULL, 'and of members two');
SELECT results_eq(format($$ SELECT written, passed_over FROM keyring.turn_tokens(%s, ARRAY[substring(sha256('t2') FOR 16)], ARRAY[substring(sha256('new') FOR 16)]) $$, :turn),
                  $$ VALUES (4, 0) $$, 'a value is turned for all who hold it');
SELECT is((SELECT count(*) FROM registry.enrolment e JOIN registry.household_member m ON m.nid_token = e.nid_token
           WHERE e.nid_token = substring(sha256('new') FOR 16)), 4::bigint, 'members and enrolments still have one token');
SELECT is((SELECT count(*) FROM registry.evidence v JOIN registry.enrolment e ON e.id = v.enrolment_id JOIN registry.programme p ON p.code = e.programme
           WHERE v.kind = 'nid' AND e.nid_token = substring(sha256('new') FOR 16) AND v.key OPERATOR(ekok.=) ekok.evidence('nid', e.nid_token, p.number)), 2::bigint, 'with its evidence');
CREATE TEMP TABLE stage_member (LIKE etl.stage_member_shape) ON COMMIT DELETE ROWS;
INSERT INTO stage_member (record_id, nid_token, brn_token) VALUES ('7', substring(sha256('t2') FOR 16), substring(sha256('t2') FOR 16)), ('8', substring(sha256('t9') FOR 16), NULL);
SELECT keyring.turn_staged_members();
SELECT set_eq($$ SELECT record_id, nid_token, brn_token FROM stage_member $$, $$ VALUES ('7', substring(sha256('new') FOR 16), substring(sha256('t2') FOR 16)), ('8', substring(sha256('t9') FOR 16), NULL) $$,
              'a staged member''s older token is turned, of its kind alone');
SELECT throws_ok($$ UPDATE registry.evidence SET kind = 'brn' WHERE kind = 'nid' $$, '23000', NULL, 'evidence keeps its identity');
INSERT INTO registry.sweep_run (weights_version) VALUES (1);
SELECT results_eq(format($$ SELECT written, passed_over FROM keyring.turn_tokens(%s, ARRAY[substring(sha256('t1') FOR 16)], ARRAY[substring(sha256('newer') FOR 16)]) $$, :turn),
                  $$ VALUES (NULL::int, NULL::int) $$, 'while a sweep is unfinished nothing is turned');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.enrolment') $$, 'rows are what the trace says');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.household_member') $$, 'members too');
SELECT keyring.activate_tokens(:turn), keyring.finish_tokens(:turn, 5);
SELECT is((SELECT receipt ->> 'turned' FROM keyring.rotation WHERE id = :turn), '1', 'the receipt says how many values turned');
SELECT ok(keyring.check_version('token_nid', 3, 'pre-active', sha256('t3')), 'a third version');
SELECT throws_ok($$ SELECT keyring.begin_rotation('token_nid', 3) $$, '55000', NULL, 'waits until the first is destroyed');
SELECT keyring.destroy_key('token_nid', 1);
SELECT is_empty($$ SELECT FROM keyring.turned $$, 'whose tokens are then forgotten');

SELECT * FROM finish();
ROLLBACK;
