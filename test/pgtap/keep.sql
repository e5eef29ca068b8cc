-- keep.sql - what keeps data from erasure is weakened by two: a hold lifted, a term shortened. To place one, or to keep longer,
-- takes one. Nobody alone finds a way: not by a second login, an old proposal, an expired one, a term in other words, or by hand.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/access.psql
SELECT plan(51);

SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', 's1', 'OAA', '{"geo": "30260413", "nid": "a"}') \g /dev/null
SELECT pg_temp.merge(:run) \g /dev/null
SELECT pg_temp.id_of('dss', 's1') AS s1 \gset
SELECT pg_temp.let('t_first', 'operator'), pg_temp.let('t_second', 'operator'), pg_temp.let('t_analyst', 'analyst'),
       pg_temp.let('t_women', 'operator', (SELECT ministry FROM registry.programme WHERE code = 'MCB')),
       pg_temp.let('t_place', 'operator', (SELECT ministry FROM registry.programme WHERE code = 'OAA'), '3026') \g /dev/null
CREATE FUNCTION pg_temp.lift(login name, hold text DEFAULT '(SELECT max(id) FROM registry.legal_hold)', basis text DEFAULT 'the case is over') RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.as_login(login, format('SELECT registry.lift_legal_hold(%s, %L)', hold, basis)) $$;
CREATE FUNCTION pg_temp.keep(login name, term text, programme text DEFAULT 'MCB') RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.as_login(login, format('SELECT registry.set_retention(%L, %L, ''some law'') > 0', programme, term)) $$;
CREATE FUNCTION pg_temp.approve(login name) RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.as_login(login, 'SELECT registry.approve_keeping((SELECT max(id) FROM registry.keeping_proposal))') $$;
CREATE FUNCTION pg_temp.standing() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM registry.legal_hold WHERE lifted_at IS NULL $$;
CREATE FUNCTION pg_temp.term() RETURNS text LANGUAGE sql AS $$ SELECT keep::text FROM registry.retention WHERE programme = 'MCB' $$;

-- A hold.
SELECT isnt(pg_temp.as_login('t_first', format('SELECT registry.place_legal_hold(%L, ''a case in court'')', :'s1')), '', 'one operator places a hold');
SELECT is(pg_temp.standing(), 1::bigint, 'which stands at once');
SELECT is(pg_temp.lift('t_analyst'), '42501', 'an analyst proposes nothing');
SELECT is(pg_temp.lift('t_women'), 'P0002', 'nor an operator who does not see the subject');
SELECT is(pg_temp.lift('t_first', '0'), 'P0002', 'nor anybody the end of none');
SELECT is(pg_temp.lift('t_first', basis => ' '), '23514', 'nor without a word on why');
SELECT matches(pg_temp.lift('t_first'), '^\d+$', 'an operator proposes to lift it');
SELECT is(pg_temp.standing(), 1::bigint, 'it stands still');
SELECT is(pg_temp.lift('t_second'), '23505', 'one proposal waits at most');
SELECT is(pg_temp.approve('t_first'), '42501', 'nobody approves their own');
SELECT is(pg_temp.approve('t_analyst'), '42501', 'nor an analyst');
SELECT is(pg_temp.approve('t_women'), 'P0002', 'nor an operator who does not see the subject');
SELECT throws_ok('SELECT registry.approve_keeping((SELECT max(id) FROM registry.keeping_proposal))', '42501', NULL, 'nor a superuser, who has no duty');
SELECT is(pg_temp.standing(), 1::bigint, 'it stands after all that');

-- The same person under another login, made when the first was closed.
UPDATE access.account SET disabled_at = now(), disabled_because = 'test' WHERE login = 't_first';
SELECT pg_temp.let('t_again', 'operator') \g /dev/null
UPDATE access.account SET holder = ' Holder of T_First' WHERE login = 't_again';
SELECT is(pg_temp.approve('t_again'), '42501', 'nor the same person under another login');
UPDATE access.account SET holder = 'holder of t_again' WHERE login = 't_again';
UPDATE access.account SET disabled_at = NULL, disabled_because = NULL WHERE login = 't_first';

-- In time, or not at all.
UPDATE registry.keeping_proposal SET proposed_at = now() - interval '7 days 1 second', expires_at = now() - interval '1 second';
SELECT is(pg_temp.approve('t_second'), '55000', 'after its week it is not approved');
SELECT throws_ok($$ UPDATE registry.keeping_proposal SET outcome = 'approved', ended_by = 't_second', ended_at = now() $$, '23514', NULL, 'nor written so');
SELECT matches(pg_temp.lift('t_second'), '^\d+$', 'and makes room for another');
SELECT is((SELECT string_agg(coalesce(outcome, 'waits') || ' ' || coalesce(ended_by, '-'), ', ' ORDER BY id) FROM registry.keeping_proposal), 'expired ekok_owner, waits -',
          'the first is written off');
SELECT throws_ok($$ UPDATE registry.keeping_proposal SET outcome = 'approved', ended_by = proposed_by, ended_at = now() WHERE outcome IS NULL $$, '23514', NULL,
                 'not even the owner writes that one alone approved');
SELECT throws_ok($$ UPDATE registry.keeping_proposal SET expires_at = expires_at + interval '30 days' WHERE outcome IS NULL $$, '23514', NULL, 'nor gives it a month');

-- Ended without effect.
SELECT is(pg_temp.as_login('t_second', 'SELECT registry.end_keeping((SELECT max(id) FROM registry.keeping_proposal))'), '', 'who proposed it withdraws it');
SELECT is(pg_temp.approve('t_first'), 'P0002', 'then it is not approved');
SELECT pg_temp.lift('t_second') \g /dev/null
SELECT is(pg_temp.as_login('t_first', 'SELECT registry.end_keeping((SELECT max(id) FROM registry.keeping_proposal))'), '', 'another refuses it');
SELECT is((SELECT string_agg(outcome, ', ' ORDER BY id) FROM registry.keeping_proposal), 'expired, withdrawn, refused', 'all of which is written down');
SELECT is(pg_temp.standing(), 1::bigint, 'and the hold stands');

-- Lifted.
SELECT pg_temp.lift('t_first') \g /dev/null
SELECT matches(pg_temp.approve('t_second'), '^Hold \d+ is lifted', 'another approves');
SELECT is(pg_temp.standing(), 0::bigint, 'it is lifted');
SELECT is((SELECT lifted_by FROM registry.legal_hold), 't_second', 'by who approved');
SELECT is(pg_temp.approve('t_second'), 'P0002', 'once');
SELECT is((SELECT string_agg(DISTINCT e.op, ' ' ORDER BY e.op) FROM audit.entry e WHERE e.table_name = 'registry.keeping_proposal'), 'INSERT UPDATE', 'it is in the trace');
SELECT is((SELECT e.actor || ' ' || (e.new ->> 'lifted_by') FROM audit.entry e WHERE e.table_name = 'registry.legal_hold' AND e.op = 'UPDATE'), 't_second t_second', 'who lifted it too');

-- A term.
SELECT is(pg_temp.keep('t_first', '5 years') || ' ' || pg_temp.term(), ' 5 years', 'a first term is in force at once');
SELECT is(pg_temp.keep('t_second', '10 years') || ' ' || pg_temp.term(), ' 10 years', 'so is a longer one');
SELECT is(pg_temp.keep('t_place', '20 years', 'OAA'), 'P0002', 'not from who sees a part of the programme');
SELECT is(pg_temp.keep('t_first', '5 seconds') || pg_temp.keep('t_first', '101 years'), '2351423514', 'a term of seconds is none, nor one of ages');
SELECT is(pg_temp.keep('t_first', '8 years') || ' ' || pg_temp.term(), 'true 10 years', 'a shorter one waits for another');
SELECT is(pg_temp.approve('t_first') || ' ' || pg_temp.term(), '42501 10 years', 'not for who proposed it');
SELECT is(pg_temp.keep('t_second', '9 years'), '23505', 'one waits at most');
SELECT is(pg_temp.approve('t_second') || pg_temp.term(), 'Enrolments of MCB are kept for 8 years.8 years', 'another approves');
SELECT is(pg_temp.keep('t_first', '2880 days') || ' ' || pg_temp.term(), 'true 8 years', 'in days, that PostgreSQL holds equal: shorter, it waits');
SELECT is(pg_temp.keep('t_second', '2923 days') || ' ' || pg_temp.term(), ' 2923 days', 'longer from every day: in force');
SELECT is(pg_temp.approve('t_second'), '55000', 'what was proposed against another term is not approved');
SELECT pg_temp.as_login('t_second', 'SELECT registry.end_keeping((SELECT max(id) FROM registry.keeping_proposal))') \g /dev/null
SELECT is(pg_temp.keep('t_first', NULL) || ' ' || pg_temp.term(), 'true 2923 days', 'no term any more: it waits too');
SELECT is(pg_temp.approve('t_second'), 'Enrolments of MCB are kept by no term any more.', 'and is approved');
SELECT is(pg_temp.keep('t_first', NULL), 'P0002', 'none cannot end');
SELECT is((SELECT string_agg(k || coalesce(registry.is_shorter(k::interval, t::interval)::text, 'null'), ' ' ORDER BY k)
           FROM (VALUES ('1 mon', '31 days'), ('31 days', '1 mon'), ('12 mons', '1 year'), ('365 days', '1 year'), ('366 days', '1 year')) v(k, t)),
          '1 montrue 12 monsfalse 31 daysfalse 365 daystrue 366 daysfalse', 'terms compare by where they end');

-- By hand.
SET SESSION AUTHORIZATION t_first;
SELECT throws_ok(s, '42501', NULL, s) FROM unnest(ARRAY['UPDATE registry.legal_hold SET lifted_at = now(), lifted_by = session_user',
    'DELETE FROM registry.retention', 'UPDATE registry.keeping_proposal SET proposed_by = ''t_second''', 'SELECT registry.propose_keeping(NULL)']) s;
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
