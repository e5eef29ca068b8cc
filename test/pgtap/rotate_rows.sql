-- rotate_rows.sql - a rotation of the key of content MACs: pages bring MACs by all versions that stand or come again, what either
-- names is unchanged, what was set aside keeps its number, and the books end with a receipt.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT no_plan();

DELETE FROM keyring.progress;
DELETE FROM keyring.rotation;
DELETE FROM keyring.key;

-- The MAC of a word by a version of the key; those of several, one behind the other.
CREATE FUNCTION pg_temp.mac(word text, version int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(md5(version || ' ' || word), 'hex') $$;
CREATE FUNCTION pg_temp.macs(words text[], version int) RETURNS bytea LANGUAGE sql AS $$ SELECT string_agg(pg_temp.mac(w, version), '' ORDER BY n) FROM unnest(words) WITH ORDINALITY AS u(w, n) $$;
CREATE FUNCTION pg_temp.stage(record text, word text, version int, programme text DEFAULT 'OAA') RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.give('dss', record, programme, jsonb_build_object('row_mac', pg_temp.mac(word, version), 'raw_mac', pg_temp.mac('raw ' || word, version)));
$$;
CREATE FUNCTION pg_temp.stage_bad(word text, version int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO stage_bad VALUES (word, pg_temp.mac(word, version), '[{"reason": "impossible_date", "field": "birth_date", "position": 0, "detail": null}]', '\x0202');
$$;

SELECT set_eq($$ SELECT keyring.mac_tables() $$,
              $$ SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 WHERE a.attname = 'row_mac' AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND NOT a.attisdropped
                   AND c.oid NOT IN ('etl.former_mac'::regclass, 'keyring.unmade_mac'::regclass) $$,
              'a rotation goes through every table whose rows are known by a MAC');

SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.stage('a', 'a', 1), pg_temp.stage('b', 'b', 1), pg_temp.stage('c', 'c', 1, 'PES'), pg_temp.stage_bad('d', 1);
SELECT is(pg_temp.merge(:run), '2 0 0 1 1', 'without any key known pages are merged: two added, one set aside, one refused');
SELECT ok(keyring.check_version('row', 1, 'active', sha256('r1')), 'a key');
SELECT lives_ok($$ SELECT keyring.check_macs() $$, 'a session that says nothing makes MACs by version 1');
SELECT ok(keyring.check_version('row', 2, 'pre-active', sha256('r2')), 'the next');
SELECT lives_ok($$ SELECT keyring.check_macs() $$, 'is asked of nobody before its rotation');

SELECT rotation_id AS rotation FROM keyring.begin_rotation('row', 2) \gset
SELECT set_eq(format('SELECT table_name FROM keyring.progress WHERE rotation_id = %s', :rotation), $$ SELECT keyring.mac_tables() $$, 'its rotation has all of them before it');
SELECT throws_ok($$ SELECT keyring.check_macs() $$, 'EK005', NULL, 'from its beginning both are asked');
SELECT set_config('ekok.row_keys', '{1,2}', true);
SELECT lives_ok($$ SELECT keyring.check_macs() $$, 'either may be the first as long as none is active alone');
SELECT set_config('ekok.row_keys', '{2,1}', true);
SELECT lives_ok($$ SELECT keyring.check_macs() $$, 'the new one too');
SELECT set_config('ekok.row_keys', '{2}', true);
SELECT throws_ok($$ SELECT keyring.check_macs() $$, 'EK005', NULL, 'but not it alone');

-- By the old version first: what the registry holds by the new one counts as what is staged.
SELECT set_config('ekok.row_keys', '{1,2}', true);
UPDATE registry.enrolment SET row_mac = pg_temp.mac('a', 2) WHERE id = pg_temp.id_of('dss', 'a');
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT pg_temp.stage('a', 'a', 1), pg_temp.stage('b', 'b', 1);
SELECT etl.stage_macs(:run, '{1,2}', pg_temp.macs('{a,b}', 1), pg_temp.macs('{a,b}', 2));
SELECT is(pg_temp.merge(:run), '0 0 2 0 0', 'rows by either version are unchanged');
SELECT set_eq($$ SELECT * FROM pg_temp.versions() $$, $$ SELECT * FROM before $$, 'and nothing is written');
SELECT pg_temp.stage('a', 'a', 1);
SELECT is(pg_temp.merge(:run), '0 1 0 0 0', 'a page that does not tell its other MACs takes it for a change: the test can fail');

SELECT keyring.activate_macs(:rotation);
SELECT set_eq($$ SELECT version, state FROM keyring.key WHERE purpose = 'row' $$, $$ VALUES (1, 'decrypt-only'), (2, 'active') $$, 'the new version becomes the active one');
SELECT throws_ok($$ SELECT keyring.check_macs() $$, 'EK005', NULL, 'from then on nothing is written by the one before');
SELECT set_config('ekok.row_keys', '{2,1}', true);

-- By the new version first: what stands by the old one turns.
SELECT pg_temp.stage('a', 'a', 2), pg_temp.stage('b', 'changed', 2), pg_temp.stage('c', 'c', 2, 'PES'), pg_temp.stage_bad('d', 2);
SELECT etl.stage_macs(:run, '{2,1}', pg_temp.macs(ARRAY['a', 'changed', 'c', 'raw c', 'd'], 2), pg_temp.macs(ARRAY['a', 'changed', 'c', 'raw c', 'd'], 1));
SELECT is(pg_temp.merge(:run), '0 1 1 1 1', 'one is changed, one not, those set aside are known');
SELECT is((SELECT row_mac FROM registry.enrolment WHERE id = pg_temp.id_of('dss', 'a')), pg_temp.mac('a', 2), 'the unchanged one has turned');
SELECT is((SELECT (new ->> 'rows')::int FROM audit.entry WHERE op = 'REKEY' AND table_name = 'registry.enrolment' ORDER BY id DESC LIMIT 1), 1, 'with an entry of a rotation in the trace');
SELECT is((SELECT count(*) FROM etl.quarantine WHERE source = 'dss'), 2::bigint, 'nothing is set aside twice');
SELECT set_eq($$ SELECT row_mac FROM etl.quarantine WHERE source = 'dss' $$, $$ VALUES (pg_temp.mac('raw c', 1)), (pg_temp.mac('d', 1)) $$, 'and stays under the MAC that seals it');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.enrolment') $$, 'rows are what the trace says');

-- Row by row.
UPDATE registry.enrolment SET row_mac = pg_temp.mac(record_id, 1) WHERE source = 'dss';
CREATE TEMP TABLE taken AS SELECT * FROM keyring.take_contents('registry.enrolment', 0, NULL) WHERE id IN (pg_temp.id_of('dss', 'a'), pg_temp.id_of('dss', 'b'));
SELECT is((SELECT string_agg(record_id || ' ' || birth_date, ', ' ORDER BY record_id) FROM taken), 'a 1960-02-03, b 1960-02-03', 'contents are handed out with their MACs');
UPDATE registry.enrolment SET name_en = 'Rahela' WHERE id = pg_temp.id_of('dss', 'b');
SELECT is((SELECT keyring.put_macs(:rotation, 'registry.enrolment', array_agg(at), array_agg(x), array_agg(pg_temp.mac(record_id, 2))) FROM taken), 1, 'a row that was changed meanwhile is passed over');
SELECT is((SELECT row_mac FROM registry.enrolment WHERE id = pg_temp.id_of('dss', 'a')), pg_temp.mac('a', 2), 'the other has its new MAC');
SELECT is((SELECT keyring.put_macs(:rotation, 'registry.enrolment', ARRAY[e.ctid], ARRAY['1'::xid], ARRAY[pg_temp.mac('a', 3)]) FROM registry.enrolment e WHERE e.id = pg_temp.id_of('dss', 'a')), 0,
          'a place that another version of a row has taken is not written');
SELECT etl.mark_absent(:run, ARRAY[pg_temp.id_of('dss', 'a')], 'a test');
SELECT is((SELECT count(*) FROM keyring.take_contents('registry.enrolment', 0, NULL) WHERE id = pg_temp.id_of('dss', 'a')), 0::bigint, 'a row marked absent has no MAC to turn');
SELECT throws_ok(format($$ SELECT keyring.put_macs(%s, 'registry.match', '{}', '{}', '{}') $$, :rotation), '22023', NULL, 'of the tables that have contents only');
SELECT throws_ok($$ SELECT keyring.take_contents('etl.quarantine', 0, NULL) $$, '22023', NULL, 'out and in');
SELECT throws_ok(format($$ SELECT keyring.put_macs(%s, 'registry.enrolment', '{}', '{}', '{}') $$, :rotation + 1), '55000', NULL, 'and in a running rotation only');
SELECT is((SELECT array_agg(n) FROM keyring.note_unmade(:rotation, 'registry.enrolment', ARRAY[pg_temp.id_of('dss', 'b')], ARRAY[pg_temp.mac('b', 1)]) n), ARRAY[pg_temp.id_of('dss', 'b')],
          'a row whose MAC cannot be made anew is left');
SELECT is_empty(format($$ SELECT keyring.note_unmade(%s, 'registry.enrolment', ARRAY[pg_temp.id_of('dss', 'b')], ARRAY[pg_temp.mac('b', 2)]) $$, :rotation), 'until it was written again');

-- Records set aside.
SELECT id AS d, row_mac AS d_mac, at AS d_at FROM etl.quarantine WHERE source = 'dss' AND disposition = 'quarantined' \gset
SELECT is((SELECT keyring.put_record(:rotation, r.at, r.x, pg_temp.mac('d', 2), '\x0303') FROM keyring.take_records(0, NULL) r WHERE r.row_mac = :'d_mac'), 1, 'one gets its MAC and its seal');
SELECT is((SELECT keyring.put_record(:rotation, r.at, '1', pg_temp.mac('d', 3), '\x0404') FROM keyring.take_records(0, NULL) r WHERE r.row_mac = pg_temp.mac('d', 2)), 0, 'another version of the row is passed over');
SELECT results_eq(format($$ SELECT row_mac, sealed FROM etl.quarantine WHERE id = %s $$, :d), $$ VALUES (pg_temp.mac('d', 2), '\x0303'::bytea) $$, 'under its number');
SELECT results_eq($$ SELECT quarantine_id, row_mac FROM etl.former_mac $$, format($$ VALUES (%s::bigint, %L::bytea) $$, :d, :'d_mac'), 'and is known by its former MAC');
INSERT INTO audit.reading (actor, table_name, column_name, row_id, purpose, at) VALUES ('x', 'etl.quarantine', 'sealed', :'d', 'a test', :'d_at'), ('x', 'etl.quarantine', 'sealed', :'d', 'a test', now() + interval '1 day');
SELECT results_eq(format($$ SELECT cell_row FROM audit.readings(ARRAY[%L], NULL, NULL, NULL) $$, encode(:'d_mac', 'hex')),
                  format($$ VALUES (%L), (encode(pg_temp.mac('d', 2), 'hex')) $$, encode(:'d_mac', 'hex')), 'as the agent knew it when it was read');
INSERT INTO etl.quarantine (source, row_mac, disposition, reasons, sealed, first_run, first_page) SELECT source, pg_temp.mac('d', 1), disposition, reasons, '\x05', first_run, first_page FROM etl.quarantine WHERE id = :d;
SELECT is((SELECT keyring.put_record(:rotation, r.at, r.x, pg_temp.mac('d', 2), '\x0606') FROM keyring.take_records(0, NULL) r WHERE r.row_mac = pg_temp.mac('d', 1)), 1, 'a second of the same bytes');
SELECT results_eq($$ SELECT id, sealed FROM etl.quarantine WHERE source = 'dss' AND disposition = 'quarantined' $$, format($$ VALUES (%s::bigint, '\x0303'::bytea) $$, :d), 'goes: the one that stands under the new MAC stays');
DELETE FROM etl.quarantine WHERE disposition = 'quarantined';
SELECT is_empty($$ SELECT FROM etl.former_mac $$, 'a former MAC goes with its record');

-- The end.
INSERT INTO etl.page_content (source, sha256, reading, permitted, run_id, page, ids, macs, refused, set_aside, named, quarantined)
VALUES ('dss', sha256('page'), sha256('reading'), '{}', :run, 1, '{}', '', '{}', '{}', '{}', 0);
SELECT keyring.finish_macs(:rotation, 4);
SELECT is((SELECT state FROM keyring.key WHERE purpose = 'row' AND version = 1), 'retired', 'the version before is retired');
SELECT is((SELECT concat_ws(' ', receipt ->> 'checked', receipt ->> 'on_older_version', receipt ->> 'pages_forgotten') FROM keyring.rotation WHERE id = :rotation), '4 0 1', 'the receipt says what was found');
SELECT is((SELECT count(*) FROM audit.entry WHERE table_name = 'keyring.rotation' AND new -> 'receipt' IS NOT NULL AND row_id = :'rotation'), 1::bigint, 'and is in the trace');
SELECT is_empty($$ SELECT FROM etl.page_content UNION ALL SELECT FROM keyring.unmade_mac $$, 'pages are forgotten, and what was left');
SELECT lives_ok($$ SELECT keyring.check_macs() $$, 'a page may still bring both');
SELECT set_config('ekok.row_keys', '{1,2}', true);
SELECT throws_ok($$ SELECT keyring.check_macs() $$, 'EK005', NULL, 'but write the new one alone');
SELECT lives_ok($$ SELECT keyring.destroy_key('row', 1) $$, 'the version before may be destroyed');
SELECT throws_ok(format('SELECT keyring.activate_macs(%s)', :rotation), '55000', NULL, 'a rotation that has ended activates nothing');

SELECT * FROM finish();
ROLLBACK;
