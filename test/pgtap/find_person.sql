-- find_person.sql - one newcomer held against the registry gives what the pairs themselves score, and nobody where nobody is alike.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(14);

CREATE FUNCTION pg_temp.load(source text, record text, programme text, told jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.give(source, record, programme, '{"name_en": null, "sex": "male", "father_name": "Md. Abdul Gafur Miah",
        "mother_name": "Mst. Rokeya Khatun", "geo": "30264123"}' || told);
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = load.source AND state = 'running'));
END $$;
SELECT pg_temp.open(s) FROM unnest(ARRAY['dss', 'dwa', 'pesp']) s \g /dev/null
DO $$
BEGIN
    PERFORM pg_temp.load('dss', 'a1', 'OAA', '{"name_en": "Md. Shahidul Islam Bhuiyan", "birth_date": "1951-04-17", "nid": "A", "mobile": "M"}');
    PERFORM pg_temp.load('dwa', 'a2', 'COA', '{"name_bn": "মোঃ শহিদুল ইসলাম ভূঁইয়া", "birth_date": "1951-04-17", "mobile": "M"}');
    PERFORM pg_temp.load('dss', 'a3', 'OAA', '{"name_en": "Shahidul Islam", "birth_date": "1951-04-17", "nid": "B"}');
    PERFORM pg_temp.load('pesp', 't1', 'PES', '{"name_en": "Md. Hasan Ali", "birth_date": "2014-03-04", "mobile": "M", "brn": "T1"}');
    PERFORM pg_temp.load('dss', 'n1', 'OAA', '{"name_en": "Kamal Hossain", "birth_date": "1949-01-01", "nid": "P", "father_name": "Haripada Mondal"}');
    -- A placeholder: one number on 30 cards.
    PERFORM pg_temp.load('dwa', 'p' || n, 'COA', jsonb_build_object('name_en', 'Kamal Hossain', 'birth_date', make_date(1920 + n, 5, 5), 'nid', 'P',
        'father_name', 'Haripada Mondal')) FROM generate_series(1, 30) n;
END $$;
SELECT * FROM registry.sweep() \g /dev/null

-- By the pairs: everybody held against the newcomer, with all evidence and all holders; who shares no key does not count.
CREATE FUNCTION pg_temp.by_pairs(p ekok.person) RETURNS TABLE (enrolment_id uuid, person_id uuid, state text, score real) LANGUAGE sql AS $$
    SELECT r.id, m.person_id, ekok.match_state(l.levels, l.score, w.prior, CASE
               WHEN NOT EXISTS (SELECT FROM unnest(($1).evidence) g WHERE g.kind ~ '^(nid|brn)') THEN NULL
               WHEN num_nulls(r.tokens[1], r.tokens[2]) = 2 THEN 'lacking' ELSE 'apart' END), l.score
    FROM registry.active_weights() w CROSS JOIN registry.records_of(ARRAY(SELECT e.id FROM registry.enrolment e)) r
    JOIN registry.membership m ON m.enrolment_id = r.id
    CROSS JOIN LATERAL (SELECT v.levels, ekok.match_bits(v.levels, w.weights) AS score FROM ekok.match_levels($1, r.p) AS v(levels)) l
    WHERE l.score + w.prior >= 0 AND r.id = ANY (registry.candidates($1)) $$;
CREATE FUNCTION pg_temp.newcomer(record text, told ekok.person) RETURNS ekok.person LANGUAGE sql AS $$
    SELECT ROW(told.name_bn, told.name_en, coalesce(told.father, (r.p).father), (r.p).mother, coalesce(told.birth_date, (r.p).birth_date), (r.p).sex,
        (r.p).place, CASE WHEN told.place = 'numbers' THEN ARRAY(SELECT ROW(g.kind, g.key, NULL)::ekok.shared_evidence FROM unnest((r.p).evidence) g) END)::ekok.person
    FROM registry.records_of(ARRAY[md5(record)::uuid]) r $$;
CREATE TEMP TABLE newcomer AS SELECT what, pg_temp.newcomer(record, told) AS p FROM (VALUES
    ('all his numbers, his name in the other script', 'dss/a1', ROW('শহিদুল ইসলাম', NULL, NULL, NULL, NULL, NULL, 'numbers', NULL)::ekok.person),
    ('no numbers', 'dss/a1', ROW(NULL, 'Sohidul Islam Bhuiya', NULL, NULL, NULL, NULL, NULL, NULL)::ekok.person),
    ('a common name', 'dss/n1', ROW(NULL, 'Kamal Hossain', NULL, NULL, '1949-01-01', NULL, NULL, NULL)::ekok.person),
    ('the family''s mobile number', 'pesp/t1', ROW(NULL, 'Jamal Uddin', NULL, NULL, '2009-09-09', NULL, 'numbers', NULL)::ekok.person),
    ('a placeholder for an NID', 'dss/n1', ROW(NULL, 'Kamal Hossain', NULL, NULL, NULL, NULL, 'numbers', NULL)::ekok.person)) v (what, record, told);
SELECT results_eq(format('SELECT enrolment_id, person_id, state, score FROM registry.find_person((SELECT p FROM newcomer WHERE what = %L), 100)', what),
    format('SELECT * FROM pg_temp.by_pairs((SELECT p FROM newcomer WHERE what = %L)) ORDER BY score DESC, enrolment_id', what), what) FROM newcomer;
SELECT cmp_ok((SELECT count(*) FROM newcomer n CROSS JOIN LATERAL registry.find_person(n.p) f), '>', 6::bigint, 'there is something to find');

SELECT is((SELECT f.enrolment_id FROM newcomer n CROSS JOIN LATERAL registry.find_person(n.p, 1) f WHERE what LIKE 'all his%'), md5('dss/a1')::uuid,
    'the likeliest comes first');
SELECT is_empty($$ SELECT FROM registry.find_person(ROW(NULL, 'Gopal Chandra Das', 'Haripada Mondal', 'Mst. Rokeya Khatun', '1951-04-18', 'male', '30264123', NULL)) $$,
    'parents of different people and a day beside: nobody');
SELECT isnt((SELECT f.state FROM registry.find_person(ROW(NULL, 'Jahangir Alam', 'Md. Abdul Gafur Miah', 'Mst. Rokeya Khatun', '1951-04-17', 'male', '30264123', NULL)) f
    WHERE f.enrolment_id = md5('dss/a1')::uuid), 'certain', 'a brother of the same day is not he');
SELECT is((SELECT f.state FROM registry.find_person(ROW(NULL, 'Md. Shahidul Islam Bhuiyan', 'Md. Abdul Gafur Miah', 'Mst. Rokeya Khatun', '1951-04-17', 'male', '30264123',
        ARRAY[ROW('nid13', ekok.evidence('nid', '\x00'::bytea, 0), NULL), ROW('mobile', ekok.evidence('mobile', decode(md5('mobileM'), 'hex'), 0), NULL)]::ekok.shared_evidence[])) f
    WHERE f.enrolment_id = md5('dss/a1')::uuid), 'probable', 'a card of another length and the telephone of the house: he or his twin');
SELECT is_empty('SELECT FROM registry.find_person(NULL)', 'no newcomer: nobody');
SELECT is_empty('SELECT FROM registry.find_person(ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))', 'nothing known: nobody');
SELECT is(cardinality(registry.candidates((SELECT p FROM newcomer WHERE what = 'the family''s mobile number')) ), 3, 'who shares a number is looked at');
SELECT is((SELECT count(*) FROM newcomer n CROSS JOIN LATERAL registry.find_person(n.p, 1) f), 5::bigint, 'no more than are asked for');
SELECT * FROM finish();
ROLLBACK;
