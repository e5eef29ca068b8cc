-- rotate_left.sql - rows that keep a rotation of content MACs open are counted by source, and given up by two: they have no MAC
-- then, the rotation passes them by, and a record that does come again counts as changed.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/access.psql
SELECT plan(32);

DELETE FROM keyring.progress;
DELETE FROM keyring.rotation;
DELETE FROM keyring.key;
CREATE FUNCTION pg_temp.mac(word text, version int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(md5(version || ' ' || word), 'hex') $$;
CREATE FUNCTION pg_temp.stage(record text, version int) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.give('dss', record, 'OAA', jsonb_build_object('row_mac', pg_temp.mac(record, version), 'raw_mac', pg_temp.mac('raw ' || record, version))) $$;
CREATE FUNCTION pg_temp.lost(word text) RETURNS bytea LANGUAGE sql AS $$ SELECT pg_temp.mac('lost ' || word, 1) $$;
SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.stage(r, 1) FROM unnest(ARRAY['a', 'b', 'c']) r \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
SELECT pg_temp.id_of('dss', 'a') AS a, pg_temp.id_of('dss', 'b') AS b, pg_temp.id_of('dss', 'c') AS c \gset
SELECT pg_temp.let('t_first', 'operator'), pg_temp.let('t_second', 'operator'), pg_temp.let('t_analyst', 'analyst') \g /dev/null
CREATE FUNCTION pg_temp.propose(login name, reason text DEFAULT 'the ministry closed the list') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, format('SELECT keyring.propose_settlement(%L)', reason)) $$;
CREATE FUNCTION pg_temp.approve(login name) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, 'SELECT keyring.approve_settlement((SELECT max(id) FROM keyring.settlement))') $$;
CREATE FUNCTION pg_temp.told(login name) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as_login(login, 'SELECT table_name || '' '' || source || '' '' || rows FROM keyring.list_left()') $$;

-- Nothing is left before a rotation.
SELECT is(pg_temp.told('t_first'), '', 'without a rotation nothing is left');
SELECT is(pg_temp.propose('t_first'), 'P0002', 'and nothing given up');
SELECT keyring.check_version('row', 1, 'active', sha256('r1')), keyring.check_version('row', 2, 'pre-active', sha256('r2')) \g /dev/null
SELECT rotation_id AS rotation FROM keyring.begin_rotation('row', 2) \gset
SELECT keyring.activate_macs(:rotation) \g /dev/null
SELECT is(pg_temp.propose('t_first'), 'P0002', 'nor while a rotation has left none');

-- Three rows that no key's MAC fits; one of them comes again.
UPDATE registry.enrolment e SET row_mac = pg_temp.lost(e.record_id) WHERE e.source = 'dss';
SELECT keyring.note_unmade(:rotation, 'registry.enrolment', array_agg(id), array_agg(row_mac)) FROM registry.enrolment WHERE source = 'dss' \g /dev/null
SELECT is(pg_temp.told('t_first'), 'registry.enrolment dss 3', 'an operator sees how many, of which source');
SELECT is(pg_temp.told('t_analyst'), '42501', 'an analyst does not');
SELECT is((SELECT last_pulled FROM keyring.list_left()), NULL, 'the source was never read to its end');
SELECT set_config('ekok.row_keys', '{2,1}', true) \g /dev/null
SELECT pg_temp.stage('c', 2) \g /dev/null
SELECT etl.stage_macs(:run, '{2,1}', pg_temp.mac('c', 2), pg_temp.mac('c', 1)) \g /dev/null
SELECT is(pg_temp.merge(:run), '0 1 0 0 0', 'one comes again');
SELECT is(pg_temp.told('t_first'), 'registry.enrolment dss 2', 'and is left no longer');

-- By two.
SELECT is(pg_temp.propose('t_analyst'), '42501', 'an analyst proposes nothing');
SELECT is(pg_temp.propose('t_first', ' '), '23514', 'nor anybody without a reason');
SELECT matches(pg_temp.propose('t_first'), '^\d+$', 'an operator proposes');
SELECT is(pg_temp.propose('t_second'), '23505', 'once');
SELECT is(pg_temp.approve('t_first'), '42501', 'and does not approve it');
SELECT is(pg_temp.approve('t_analyst'), '42501', 'nor does an analyst');
SELECT throws_ok('SELECT keyring.approve_settlement((SELECT max(id) FROM keyring.settlement))', '42501', NULL, 'nor a superuser, who has no duty');
UPDATE access.account SET disabled_at = now(), disabled_because = 'test' WHERE login = 't_first';
SELECT pg_temp.let('t_again', 'operator') \g /dev/null
UPDATE access.account SET holder = 'Holder of t_first' WHERE login = 't_again';
SELECT is(pg_temp.approve('t_again'), '42501', 'nor the same person under another login');
UPDATE access.account SET disabled_at = NULL, disabled_because = NULL WHERE login = 't_first';
UPDATE registry.enrolment SET row_mac = pg_temp.mac('b', 2) WHERE id = :'b';
SELECT is(pg_temp.approve('t_second'), '55000', 'not another number of rows than was proposed');
SELECT is((SELECT row_mac FROM registry.enrolment WHERE id = :'a'), pg_temp.lost('a'), 'nothing was given up by that');
UPDATE registry.enrolment SET row_mac = pg_temp.lost('b') WHERE id = :'b';
UPDATE keyring.settlement SET proposed_at = now() - interval '7 days 1 second', expires_at = now() - interval '1 second';
SELECT is(pg_temp.approve('t_second'), '55000', 'nor after its week');
SELECT matches(pg_temp.propose('t_second'), '^\d+$', 'which makes room for another');
SELECT is(pg_temp.as_login('t_first', 'SELECT keyring.end_settlement((SELECT max(id) FROM keyring.settlement))'), '', 'refused by one');
SELECT pg_temp.propose('t_first') \g /dev/null
SELECT is(pg_temp.approve('t_second'), '2', 'approved by another: two rows');
SELECT is((SELECT string_agg(outcome, ' ' ORDER BY id) FROM keyring.settlement), 'expired refused approved', 'all of it is written down');
SELECT is(pg_temp.told('t_first'), '', 'nothing keeps the rotation open');
SELECT is((SELECT count(*) FROM keyring.take_contents('registry.enrolment', 0, NULL) WHERE id IN (:'a', :'b')), 0::bigint, 'it passes them by');
SELECT is_empty($$ SELECT * FROM audit.unaccounted('registry.enrolment') $$, 'rows are what the trace says');
SELECT is((SELECT count(*) FROM audit.entry WHERE table_name = 'registry.enrolment' AND purpose LIKE 'key rotation % of row, given up' AND actor = 't_second'), 1::bigint,
          'which says who gave them up');
SELECT is((SELECT string_agg(op, ' ' ORDER BY id) FROM audit.entry WHERE table_name = 'keyring.settlement' AND row_id = (SELECT max(id)::text FROM keyring.settlement)), 'INSERT UPDATE',
          'and that another had proposed it');

-- The end, and one that does come again.
SELECT keyring.finish_macs(:rotation, 1) \g /dev/null
SELECT is((SELECT receipt ->> 'given_up' FROM keyring.rotation WHERE id = :rotation), '2', 'the receipt says how many were given up');
SELECT is(pg_temp.propose('t_first'), 'P0002', 'after the end nothing is given up');
SELECT set_config('ekok.row_keys', '{2}', true) \g /dev/null
SELECT pg_temp.stage(r, 2) FROM unnest(ARRAY['a', 'c']) r \g /dev/null
SELECT is(pg_temp.merge(:run), '0 1 1 0 0', 'a record that was given up and comes again counts as changed, another does not');
SELECT is((SELECT row_mac FROM registry.enrolment WHERE id = :'a'), pg_temp.mac('a', 2), 'and is known from then on');

SELECT * FROM finish();
ROLLBACK;
