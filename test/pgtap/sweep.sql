-- sweep.sql - registry.sweep: what sharing evidence means, who is one person, which rules are broken.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(37);

-- Loads one record and says nothing.
CREATE FUNCTION pg_temp.load(source text, record text, programme text, told jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.give(source, record, programme, told);
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = load.source AND state = 'running'));
END $$;
CREATE FUNCTION pg_temp.state(one text, other text, kind text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT state FROM registry.match m WHERE state.kind = ANY (m.kinds)
                     AND m.a = least(md5(one)::uuid, md5(other)::uuid) AND m.b = greatest(md5(one)::uuid, md5(other)::uuid)), 'none') $$;
CREATE FUNCTION pg_temp.person(record text) RETURNS uuid LANGUAGE sql AS $$
    SELECT person_id FROM registry.membership WHERE enrolment_id = md5(record)::uuid $$;
SELECT pg_temp.open(s) FROM unnest(ARRAY['dss', 'dwa', 'pesp', 'molwa', 'spbmu']) s \g /dev/null

DO $$ BEGIN
    -- One NID in two programmes; another respelled, a year off; one that contradicts.
    PERFORM pg_temp.load('dss', 'a1', 'OAA', '{"nid": "A", "birth_date": "1950-05-06"}');
    PERFORM pg_temp.load('dwa', 'a2', 'MCB', '{"nid": "A", "birth_date": "1951-01-01", "name_en": "Rohima Khatun"}');
    PERFORM pg_temp.load('dss', 'b1', 'OAA', '{"nid": "B", "birth_date": "1950-05-06"}');
    PERFORM pg_temp.load('dwa', 'b2', 'MCB', '{"nid": "B", "birth_date": "1972-05-06", "name_en": "Karim Uddin"}');
    PERFORM pg_temp.load('dss', 'c1', 'OAA', '{"nid": "C", "sex": "male"}');
    PERFORM pg_temp.load('dwa', 'c2', 'MCB', '{"nid": "C", "sex": "female"}');
    PERFORM pg_temp.load('pesp', 'c3', 'PES', '{"nid": "C", "sex": "unknown"}');
    -- 13 and 17 digits of one card have one token.
    PERFORM pg_temp.load('dss', 'd1', 'OAA', '{"nid": "D", "nid_digits": 13}');
    PERFORM pg_temp.load('dwa', 'd2', 'MCB', '{"nid": "D", "nid_digits": 17}');
    -- BRN here and NID there, tied by a record with both.
    PERFORM pg_temp.load('pesp', 'e1', 'PES', '{"brn": "E"}');
    PERFORM pg_temp.load('dss', 'e2', 'PCS', '{"brn": "E", "nid": "E"}');
    PERFORM pg_temp.load('dwa', 'e3', 'COA', '{"nid": "E"}');
    -- A family's mobile; the same mobile and birth date; day and month swapped; the same date but another sex.
    PERFORM pg_temp.load('dss', 'f1', 'OAA', '{"mobile": "F", "birth_date": "1950-05-06"}');
    PERFORM pg_temp.load('dwa', 'f2', 'MCB', '{"mobile": "F", "birth_date": "1990-05-06", "name_en": "Shirin Akter"}');
    PERFORM pg_temp.load('pesp', 'f3', 'PES', '{"mobile": "F", "birth_date": "1950-06-05"}');
    PERFORM pg_temp.load('molwa', 'f4', 'FFH', '{"mobile": "F", "birth_date": "1950-05-06", "sex": "male"}');
    -- Twins: one mobile, one birth date, NIDs of their own.
    PERFORM pg_temp.load('pesp', 'g1', 'PES', '{"mobile": "G", "birth_date": "2012-03-04", "brn": "G1"}');
    PERFORM pg_temp.load('pesp', 'g2', 'PES', '{"mobile": "G", "birth_date": "2012-03-04", "brn": "G2"}');
    -- Twice in one programme; a wallet and an account shared; the same word in two kinds.
    PERFORM pg_temp.load('dss', 'h1', 'OAA', '{"nid": "H"}');
    PERFORM pg_temp.load('dss', 'h2', 'OAA', '{"nid": "H"}');
    PERFORM pg_temp.load('dss', 'i1', 'OAA', '{"wallet": "I", "account": "I"}');
    PERFORM pg_temp.load('dwa', 'i2', 'MCB', '{"wallet": "I", "account": "I"}');
    PERFORM pg_temp.load('dwa', 'i3', 'MCB', '{"mobile": "I"}');
    -- Four cash programmes and a workfare one; three cash and a workfare one; four, of which one is not active.
    PERFORM pg_temp.load(s, 'j' || p, p, '{"nid": "J"}') FROM (VALUES ('dss', 'OAA'), ('dss', 'DIS'), ('dwa', 'MCB'), ('molwa', 'FFH'), ('spbmu', 'EGP')) v(s, p);
    PERFORM pg_temp.load(s, 'k' || p, p, '{"nid": "K"}') FROM (VALUES ('dss', 'OAA'), ('dss', 'DIS'), ('dwa', 'MCB'), ('spbmu', 'EGP')) v(s, p);
    PERFORM pg_temp.load(s, 'l' || p, p, jsonb_build_object('nid', 'L', 'status', t)) FROM (VALUES ('dss', 'OAA', 'active'), ('dss', 'DIS', NULL), ('dwa', 'MCB', 'active'), ('molwa', 'FFH', 'inactive')) v(s, p, t);
    -- A mobile that 51 give, in one programme and in two; an NID that 50 give.
    PERFORM pg_temp.give('dss', 'm' || n, 'OAA', '{"mobile": "M"}') FROM generate_series(1, 51) n;
    PERFORM pg_temp.give('dss', 'n' || n, 'OAA', '{"mobile": "N"}') FROM generate_series(1, 50) n;
    PERFORM pg_temp.give('dss', 'o' || n, 'OAA', '{"nid": "O"}') FROM generate_series(1, 50) n;
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = 'dss' AND state = 'running'));
    PERFORM pg_temp.load('dwa', 'n51', 'MCB', '{"mobile": "N"}');
END $$;
SELECT * FROM registry.sweep() \gset first_

SELECT is(pg_temp.state('dss/a1', 'dwa/a2', 'nid'), 'certain', 'one NID, birth years one apart');
SELECT is(pg_temp.person('dss/a1'), pg_temp.person('dwa/a2'), 'is one person');
SELECT is(pg_temp.person('dss/a1'), least(md5('dss/a1')::uuid, md5('dwa/a2')::uuid), 'named by the smallest id');
SELECT is(pg_temp.state('dss/b1', 'dwa/b2', 'nid'), 'probable', 'one NID, another name and birth years far apart: asked');
SELECT isnt(pg_temp.person('dss/b1'), pg_temp.person('dwa/b2'), 'is two persons');
SELECT is(pg_temp.state('dss/c1', 'dwa/c2', 'nid'), 'refuted', 'one NID, a man and a woman');
SELECT is(pg_temp.state('dss/c1', 'pesp/c3', 'nid'), 'certain', 'an unknown sex contradicts nothing');
SELECT is(pg_temp.person('dss/d1'), pg_temp.person('dwa/d2'), '13 and 17 digits of one card');
SELECT is(pg_temp.person('pesp/e1'), pg_temp.person('dwa/e3'), 'BRN here, NID there, one record has both');
SELECT is(pg_temp.state('pesp/e1', 'dwa/e3', 'nid'), 'none', 'though the two share nothing');
SELECT is((SELECT basis FROM registry.membership WHERE enrolment_id = md5('pesp/e1')::uuid), 'evidence', 'and says on what it rests');
SELECT is(pg_temp.state('dss/f1', 'dwa/f2', 'mobile'), 'shared', 'a family''s mobile');
SELECT is(pg_temp.state('dss/f1', 'pesp/f3', 'mobile'), 'certain', 'one mobile, one name, day and month swapped');
SELECT is(pg_temp.state('dss/f1', 'molwa/f4', 'mobile'), 'shared', 'one mobile and birth date, a man and a woman');
SELECT is((SELECT count(DISTINCT pg_temp.person(r)) FROM unnest(ARRAY['dss/f1', 'dwa/f2', 'pesp/f3', 'molwa/f4']) r)::int, 3, 'and makes one person; the mobile alone makes none');
SELECT is(pg_temp.state('pesp/g1', 'pesp/g2', 'mobile'), 'probable', 'twins look alike by mobile and birth date');
SELECT isnt(pg_temp.person('pesp/g1'), pg_temp.person('pesp/g2'), 'and stay two');
SELECT is(pg_temp.state('dss/h1', 'dss/h2', 'nid'), 'certain', 'twice in one programme is found too');
SELECT is(pg_temp.state('dss/i1', 'dwa/i2', 'wallet') || ' ' || pg_temp.state('dss/i1', 'dwa/i2', 'account'), 'certain certain', 'wallet, account, name and birth date');
SELECT is((SELECT count(*) FROM registry.match WHERE md5('dwa/i3')::uuid IN (a, b))::int, 0, 'the same token in another kind is not the same evidence');
SELECT is((SELECT count(*) FROM registry.match m JOIN registry.enrolment e ON e.id = m.a WHERE e.record_id ~ '^[mn]')::int, 0, 'a key that more than 50 hold says nothing');
SELECT is((SELECT count(*) FROM registry.match m JOIN registry.enrolment e ON e.id = m.a WHERE e.record_id ~ '^o')::int, 50 * 49 / 2, 'one that 50 hold is paired');
SELECT is((SELECT count(*) FROM registry.enrolment)::int, (SELECT count(*) FROM registry.membership)::int, 'every enrolment has its person');
SELECT results_eq('SELECT rule, person_id, programmes FROM registry.rule_hit',
                  $$ VALUES ('max-cash-programmes', pg_temp.person('dss/jOAA'), ARRAY['DIS', 'FFH', 'MCB', 'OAA']) $$, 'more than three active cash programmes break the rule');
SELECT is(:'first_matches_new'::bigint, (SELECT count(*) FROM registry.match), 'the sweep counts new matches');
SELECT is(:'first_persons'::bigint, (SELECT count(DISTINCT person_id) FROM registry.membership), 'persons');
SELECT is(:'first_rule_hits'::bigint, 1::bigint, 'and rule hits');

CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT * FROM registry.sweep() \gset second_
SELECT bag_eq('SELECT * FROM pg_temp.versions()', 'SELECT * FROM before', 'a second sweep writes nothing');
SELECT is(concat_ws(' ', :second_matches_new, :second_persons, :second_rule_hits), concat_ws(' ', 0, :first_persons, 1), 'and says so');

-- Decisions and changes.
SELECT registry.decide(md5('dss/a1')::uuid, md5('dwa/a2')::uuid, 'different', 'seen both') \g /dev/null
SELECT registry.decide(md5('dwa/f2')::uuid, md5('dss/f1')::uuid, 'same', 'seen her') \g /dev/null
SELECT pg_temp.load('dwa', 'd2', 'MCB', '{"nid": "other"}') \g /dev/null
SELECT pg_temp.load('dwa', 'b2', 'MCB', '{"nid": "B", "birth_date": "1950-05-07"}') \g /dev/null
SELECT pg_temp.load('molwa', 'jFFH', 'FFH', '{"nid": "J", "status": "inactive"}') \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null
SELECT isnt(pg_temp.person('dss/a1'), pg_temp.person('dwa/a2'), 'decided to be different: two persons');
SELECT is(pg_temp.person('dss/f1'), pg_temp.person('dwa/f2'), 'decided to be the same: one person');
SELECT is((SELECT basis FROM registry.membership WHERE enrolment_id = md5('dwa/f2')::uuid), 'decision', 'by decision');
SELECT is(pg_temp.state('dss/d1', 'dwa/d2', 'nid'), 'none', 'evidence that is gone takes its match along');
SELECT isnt(pg_temp.person('dss/d1'), pg_temp.person('dwa/d2'), 'and its person');
SELECT is(pg_temp.state('dss/b1', 'dwa/b2', 'nid'), 'certain', 'a birth date put right makes it certain');
SELECT is((SELECT count(*) FROM registry.rule_hit)::int, 0, 'a programme left mends the rule');

-- A long chain: each shares its BRN with one neighbour and was decided to be one with the other.
SELECT pg_temp.give('dss', 'chain' || n, CASE WHEN n % 2 = 0 THEN 'OAA' ELSE 'WDA' END, jsonb_build_object('brn', 'chain' || n / 2)) FROM generate_series(1, 600) n \g /dev/null
SELECT pg_temp.merge((SELECT id FROM etl.run WHERE source = 'dss' AND state = 'running')) \g /dev/null
SELECT registry.put_decision(md5('dss/chain' || n)::uuid, md5('dss/chain' || n + 1)::uuid, 'same', 'test') FROM generate_series(1, 599, 2) n \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null
SELECT is((SELECT count(DISTINCT m.person_id) FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id WHERE e.record_id LIKE 'chain%')::int, 1,
          'a chain of 600 is one person');

SELECT * FROM finish();
ROLLBACK;
