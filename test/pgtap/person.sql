-- person.sql - who is one person: contradictions keep apart, a human's word, its undoing, the queue, and that one by one in
-- any order ends where one sweep of all ends.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/person.psql
SELECT plan(51);

SELECT pg_temp.open(s) FROM unnest(ARRAY['dss', 'dwa', 'pesp', 'molwa', 'spbmu']) s \g /dev/null

DO $$
DECLARE
    parents jsonb := '{"father_name": "Md. Abdul Gafur Miah", "mother_name": "Mst. Rokeya Khatun", "geo": "30264123"}';
    others jsonb := '{"father_name": "Haripada Mondal", "mother_name": "Sabita Rani Mondal", "geo": "30264123"}';
BEGIN
    -- One man by name, parents, birth date and place: NID of 10 digits here, BRN there, respelled and in the other script.
    PERFORM pg_temp.load('dss', 'a1', 'OAA', parents || '{"name_en": "Md. Shahidul Islam Bhuiyan", "birth_date": "1951-04-17", "nid": "A"}');
    PERFORM pg_temp.load('spbmu', 'a2', 'EGP', parents || '{"name_en": "Mohammad Sohidul Islam Bhuiya", "birth_date": "1951-04-17", "brn": "A"}');
    PERFORM pg_temp.load('dwa', 'a3', 'COA', parents || '{"name_bn": "মোঃ শহিদুল ইসলাম ভূঁইয়া", "birth_date": "1951-04-17"}');
    PERFORM pg_temp.load('molwa', 'a4', 'FFH', parents || '{"name_bn": "মোঃ শহিদুল ইসলাম ভূঁইয়া", "birth_date": "1951-04-17", "nid": "AA", "nid_digits": 17}');
    -- The same in all but the NID: two of 10 digits are two men, or a mistake.
    PERFORM pg_temp.load('dwa', 'b1', 'MCB', others || '{"name_en": "Shyamal Kumar Mondal", "birth_date": "1958-09-21", "nid": "B1"}');
    PERFORM pg_temp.load('dss', 'b2', 'OAA', others || '{"name_en": "Shyamal Kumar Mondal", "birth_date": "1958-09-21", "nid": "B2"}');
    PERFORM pg_temp.load('spbmu', 'b3', 'EGP', others || '{"name_en": "Shyamal Kumar Mondal", "birth_date": "1958-09-21", "brn": "B3"}');
    -- Twins: parents, date, sex, telephone in common; names that resemble each other.
    PERFORM pg_temp.load('pesp', 't1', 'PES', parents || '{"name_en": "Md. Hasan Ali", "birth_date": "2014-03-04", "mobile": "T", "brn": "T1"}');
    PERFORM pg_temp.load('pesp', 't2', 'PES', parents || '{"name_en": "Md. Hosen Ali", "birth_date": "2014-03-04", "mobile": "T", "brn": "T2"}');
    -- Twins whose names are one name as it is spelt, both of one list; a third record is like both. The same where one number
    -- proves that the list has one child twice. Two birth registrations at one telephone, each in a list of its own.
    PERFORM pg_temp.load('pesp', 'u1', 'PES', others || '{"name_en": "Syed Jabbar Hossain", "birth_date": "2008-02-15", "brn": "U1"}');
    PERFORM pg_temp.load('pesp', 'u2', 'PES', others || '{"name_en": "Sayed Jabbar Hosen", "birth_date": "2008-02-15", "brn": "U2"}');
    PERFORM pg_temp.load('dss', 'u3', 'PCS', others || '{"name_en": "Syed Jabbar Hosen", "birth_date": "2008-02-15", "brn": "U3"}');
    PERFORM pg_temp.load('pesp', 'v1', 'PES', others || '{"name_en": "Rashid Ali Sarkar", "birth_date": "2009-07-21", "brn": "V"}');
    PERFORM pg_temp.load('pesp', 'v2', 'PES', others || '{"name_en": "Rashid Ali Sarkar", "birth_date": "2009-07-21", "brn": "V"}');
    PERFORM pg_temp.load('dss', 'v3', 'PCS', others || '{"name_en": "Rashid Ali Sarkar", "birth_date": "2009-07-21"}');
    PERFORM pg_temp.load('pesp', 'w1', 'PES', parents || '{"name_en": "Abu Shamim Uddin", "birth_date": "2012-06-26", "mobile": "W", "brn": "W1"}');
    PERFORM pg_temp.load('dss', 'w2', 'PCS', parents || '{"name_en": "Abu Shamim Uddin", "birth_date": "2012-06-26", "mobile": "W", "brn": "W2"}');
    -- Namesakes of one union, and one's brother at the same telephone.
    PERFORM pg_temp.load('dss', 'n1', 'OAA', parents || '{"name_en": "Kamal Hossain", "birth_date": "1949-01-01", "mobile": "N"}');
    PERFORM pg_temp.load('dwa', 'n2', 'COA', others || '{"name_en": "Kamal Hossain", "birth_date": "1957-06-08"}');
    PERFORM pg_temp.load('dwa', 'n3', 'COA', parents || '{"name_en": "Jamal Uddin", "birth_date": "1953-11-30", "mobile": "N"}');
    -- A wallet, a name and a year in common, the day not.
    PERFORM pg_temp.load('dss', 'p1', 'OAA', others || '{"name_en": "Nur Nahar Begum", "sex": "female", "birth_date": "1950-03-09", "wallet": "P", "amount_paisa": 50000}');
    PERFORM pg_temp.load('dwa', 'p2', 'MCB', others || '{"name_en": "Noor Nahar Begum", "sex": "female", "birth_date": "1950-11-25", "wallet": "P", "amount_paisa": 80000}');
    -- One NID and different sex.
    PERFORM pg_temp.load('dss', 'r1', 'OAA', '{"name_en": "Jesmin Ara", "sex": "female", "birth_date": "1961-05-05", "nid": "R"}');
    PERFORM pg_temp.load('dwa', 'r2', 'COA', '{"name_en": "Jashim Uddin", "birth_date": "1961-05-05", "nid": "R"}');
END $$;
SELECT * FROM registry.sweep() \g /dev/null

SELECT is((SELECT string_agg(field || level || lower(name), ' ' ORDER BY place) FROM ekok.match_weights() WHERE (field, level) IN (('name', 4), ('name', 8), ('birth_date', 4), ('birth_date', 5), ('birth_date', 7), ('brn', 2), ('brn', 3))),
          'name4near name8different birth_date4one_digit birth_date5year_heaped birth_date7near_year brn2together brn3different', 'levels are counted as registry.state_of counts them');
SELECT is(pg_temp.person('dss/a1'), pg_temp.person(r), 'one man: ' || r) FROM unnest(ARRAY['spbmu/a2', 'dwa/a3', 'molwa/a4']) r;
SELECT is((SELECT basis FROM registry.membership WHERE enrolment_id = md5('dwa/a3')::uuid), 'likeness', 'tied by likeness');
SELECT is(pg_temp.state('pesp/u1', 'pesp/u2'), 'refuted', 'two birth registrations in one list, with one date and parents');
SELECT is(pg_temp.state(t, 'dss/u3'), 'held', 'a record like both twins waits for a human: ' || t) FROM unnest(ARRAY['pesp/u1', 'pesp/u2']) t;
SELECT is((SELECT count(DISTINCT pg_temp.person(r)) FROM unnest(ARRAY['pesp/u1', 'pesp/u2', 'dss/u3']) r)::int, 3, 'and is neither of them meanwhile');
SELECT is((SELECT count(DISTINCT pg_temp.person(r)) FROM unnest(ARRAY['pesp/v1', 'pesp/v2', 'dss/v3']) r)::int, 1, 'one number twice in a list: one child, and who is like it too');
SELECT is(pg_temp.state('pesp/w1', 'dss/w2'), 'probable', 'two birth registrations at one telephone are twins or a mistake');
SELECT is(pg_temp.state('dwa/b1', 'dss/b2'), 'refuted', 'two NIDs of one length');
SELECT isnt(pg_temp.person('dwa/b1'), pg_temp.person('dss/b2'), 'stay two, though a third is like both');
SELECT is((SELECT count(*) FROM unnest(ARRAY['dwa/b1', 'dss/b2']) r WHERE pg_temp.person(r) = pg_temp.person('spbmu/b3'))::int, 1, 'who is one with one of them');
SELECT is((SELECT count(*) FROM unnest(ARRAY['dwa/b1', 'dss/b2']) r WHERE pg_temp.state(r, 'spbmu/b3') = 'held')::int, 1, 'and held apart from the other');
SELECT is((SELECT count(*) FROM unnest(ARRAY['dwa/b1', 'dss/b2']) r WHERE pg_temp.asked(r, 'spbmu/b3') = 'contradiction')::int, 1, 'a human is asked');
SELECT isnt(pg_temp.person('pesp/t1'), pg_temp.person('pesp/t2'), 'twins stay two');
SELECT is((SELECT count(DISTINCT pg_temp.person(r)) FROM unnest(ARRAY['dss/n1', 'dwa/n2', 'dwa/n3']) r)::int, 3, 'namesakes and brothers stay apart');
SELECT is(pg_temp.state('dss/n1', 'dwa/n3'), 'shared', 'brothers share a telephone');
SELECT is(pg_temp.asked('dss/n1', 'dwa/n3'), 'none', 'which is no question');
SELECT is(pg_temp.state('dss/p1', 'dwa/p2'), 'probable', 'a wallet, a name that sounds alike and a year');
SELECT is(pg_temp.asked('dss/p1', 'dwa/p2'), 'probable', 'wait for a human');
SELECT is((SELECT concat_ws(' ', programmes, paisa) FROM registry.queue WHERE kinds = '{wallet}'), '2 130000', 'with the programmes and the money of both');
SELECT is(pg_temp.state('dss/r1', 'dwa/r2'), 'refuted', 'one NID, a man and a woman');
SELECT isnt_empty($$ SELECT FROM registry.explain_match(md5('dss/p1')::uuid, md5('dwa/p2')::uuid) WHERE field ~ 'wallet' AND bits > 0 $$, 'and the registry says why');
SELECT isnt_empty($$ SELECT FROM registry.explain_match(md5('dss/p1')::uuid, md5('dwa/p2')::uuid, 'bn') WHERE explanation ~ 'ওয়ালেট' $$, 'in Bengali too');
SELECT is((SELECT state FROM registry.find_person(ROW('শহিদুল ইসলাম ভূঁইয়া', NULL, 'আব্দুল গফুর', 'রোকেয়া খাতুন', '1951-04-17', 'পুরুষ', '30264123', NULL)) LIMIT 1), 'certain', 'a look-up finds him');

-- Decisions.
SELECT throws_ok($$ SELECT registry.decide(md5('dss/p1')::uuid, md5('no')::uuid, 'same', 'x') $$, 'P0002', NULL, 'a decision is about two enrolments');
SELECT throws_ok($$ SELECT registry.decide(md5('dss/p1')::uuid, md5('dwa/p2')::uuid, 'maybe', 'x') $$, '22023', NULL, 'is same or different');
SELECT throws_ok($$ SELECT registry.decide(md5('dss/p1')::uuid, md5('dwa/p2')::uuid, 'same', ' ') $$, '22023', NULL, 'and has a reason');
SELECT registry.decide(md5('dss/p1')::uuid, md5('dwa/p2')::uuid, 'same', 'both cards seen') AS event \gset
SELECT is(pg_temp.person('dss/p1'), pg_temp.person('dwa/p2'), 'same: one person at once');
SELECT is(pg_temp.asked('dss/p1', 'dwa/p2'), 'none', 'and not asked again');
SELECT is((SELECT count(*) FROM registry.person_event WHERE kind IN ('merged', 'decided') AND md5('dwa/p2')::uuid = ANY (enrolments) OR kind = 'merged' AND md5('dss/p1')::uuid = ANY (enrolments))::int, 2, 'decision and merge leave events');
SELECT isnt_empty($$ SELECT FROM audit.entry WHERE table_name = 'registry.decision' AND op = 'INSERT' $$, 'and a trace');
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();
SELECT * FROM registry.sweep() \g /dev/null
SELECT bag_eq('SELECT * FROM pg_temp.versions()', 'SELECT * FROM before', 'a sweep after it writes nothing');
SELECT pg_temp.load('dwa', 'p2', 'MCB', '{"name_en": "Noor Nahar Begum", "sex": "female", "birth_date": "1950-12-25", "wallet": "P", "father_name": "Haripada Mondal", "mother_name": "Sabita Rani Mondal", "geo": "30264123"}') \g /dev/null
SELECT registry.link_pending() \g /dev/null
SELECT is(pg_temp.asked('dss/p1', 'dwa/p2'), 'changed', 'asked again once the evidence changes');
SELECT is(pg_temp.person('dss/p1'), pg_temp.person('dwa/p2'), 'the decision standing meanwhile');
SELECT registry.undo(:event, 'wrong card') \g /dev/null
SELECT isnt(pg_temp.person('dss/p1'), pg_temp.person('dwa/p2'), 'undone: two persons again');
SELECT throws_ok(format('SELECT registry.undo(%s, ''x'')', :event), '55000', NULL, 'an event is undone once');
SELECT throws_ok('SELECT registry.undo(0, ''x'')', 'P0002', NULL, 'if there is one');
SELECT registry.decide(md5('dss/a1')::uuid, md5('spbmu/a2')::uuid, 'different', 'met both') \g /dev/null
SELECT isnt(pg_temp.person('dss/a1'), pg_temp.person('spbmu/a2'), 'different: kept apart although others are like both');
SELECT registry.withdraw(md5('dss/a1')::uuid, md5('spbmu/a2')::uuid, 'mistaken') \g /dev/null
SELECT is(pg_temp.person('dss/a1'), pg_temp.person('spbmu/a2'), 'withdrawn: evidence decides again');
SELECT throws_ok($$ SELECT registry.withdraw(md5('dss/a1')::uuid, md5('spbmu/a2')::uuid, 'again') $$, 'P0002', NULL, 'nothing to withdraw');

-- A merge by evidence is undone, and stays undone.
SELECT pg_temp.load('dwa', 'n2', 'COA', '{"name_en": "Kamal Hossain", "birth_date": "1949-01-01", "father_name": "Md. Abdul Gafur Miah", "mother_name": "Mst. Rokeya Khatun", "geo": "30264123"}') \g /dev/null
SELECT registry.link_pending() \g /dev/null
SELECT is(pg_temp.person('dss/n1'), pg_temp.person('dwa/n2'), 'a record put right joins');
SELECT id AS merge FROM registry.person_event WHERE kind = 'merged' AND cause = 'link' AND enrolments && ARRAY[md5('dss/n1')::uuid, md5('dwa/n2')::uuid] ORDER BY id DESC LIMIT 1 \gset
SELECT registry.undo(:merge, 'two men after all') \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null
SELECT isnt(pg_temp.person('dss/n1'), pg_temp.person('dwa/n2'), 'a merge undone stays undone');
SELECT throws_ok('DELETE FROM registry.person_event', '42501', NULL, 'history only grows');

CREATE TEMP TABLE all_at_once AS SELECT * FROM stands;
SELECT is(pg_temp.one_by_one(seed), 0::bigint, 'order ' || seed || ' ends the same') FROM unnest(ARRAY['one', 'two', 'three', 'four', 'five']) seed;

SELECT * FROM finish();
ROLLBACK;
