-- person_twins.sql - who may be one of two: the programme that counts two persons by two numbers, the telephone of a house, who is
-- like both of two twins, a woman's other last word. The registry answers as ekok.dedupe does on the same people in the clear, in
-- whatever order they came. All people are made up.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/person.psql
SELECT plan(43);

CREATE TABLE public.people (record text PRIMARY KEY, programme text, name text, father text, mother text, birth_date date, sex text, place text,
    nid text, brn text, mobile text);
COPY people FROM stdin WITH (NULL '', DELIMITER '|');
dss/a1|OAA|Golapi Tofayel|Karim Sheikh|Salma Begum|1951-12-27|female|10043022|9111245503||
spbmu/a2|OAA|Golapi Tofayel|Karim Sheikh|Salma Begum|1951-12-27|female|10043022||19519012957532220|
dwa/a3|COA|Golapi Tofayel|Karim Sheikh|Salma Begum|1951-12-27|female|10043022|9111245503||
dss/b1|OAA|Shyamal Kumar Mondal|Haripada Mondal|Sabita Rani Mondal|1958-09-21|male|30264123|2811234506||
dwa/b2|COA|Shyamal Kumar Mondal|Haripada Mondal|Sabita Rani Mondal|1958-09-21|male|30264123||19583026412345678|
dss/c1|OAA|Nur Nahar Parvin|Abdul Gafur Miah|Rokeya Khatun|1963-03-09|female|20121533|5525799017||01712345601
dwa/c2|COA|Nur Nahar Parvin|Abdul Gafur Miah|Rokeya Khatun|1963-03-09|female|20121533|19632012153312345||01712345601
dss/d1|WDA|Salma Akter|Delwar Hossain|Bilkis Banu|1979-11-23|female|40556652|7000712344||
dwa/d2|MCB|Salma Begum|Delwar Hossain|Bilkis Banu|1979-11-23|female|40556652|||
dss/d3|WDA|Rahela Khatun|Habib Sarkar|Marjina Bibi|1981-05-14|female|10042819|8155512340||
dwa/d4|MCB|Rahela Begum|Habib Sarkar|Marjina Bibi|1981-05-14|female|10042819||19811004281912345|
dss/e1|PCS|Rahim Khan|Siddiqur Rahman|Munni Akter|2010-09-10|male|20155341||20102015534110491|01812345602
hsp/e2|SHM|Rahim Khan|Siddiqur Rahman|Munni Akter|2010-09-10|male|20155341||20102015534114042|01812345602
dss/e3|DIS|রহিম খান|Siddiqur Rahman|Munni Akter|2010-09-10|male|20155341||20102015534122258|01512345699
dss/e4|TBS|Rahim Khan|Siddiqur Rahman|Munni Akter|2010-09-10|male|20155341||20102015534110491|
dss/f1|PCS|Tahmina Dilara|Babul Pramanik|Shahana Parul|2008-02-15|female|55276977||20085527697733333|01912345603
hsp/f2|SHM|Tahmina Dilara|Babul Pramanik|Shahana Parul|2008-02-15|female|55276977||20085527697744444|01912345603
dss/f3|DIS|Tahmina Dilara|Babul Pramanik|Shahana Parul|2008-02-15|female|55276977||20085527697755555|01412345611
dss/f4|TBD|Tahmina Dilara|Babul Pramanik|Shahana Parul|2008-02-15|female|55276977|||01312345622
dss/h1|PCS|Kamrul Jamadar|Yunus Jamadar|Morsheda Jesmin|2005-03-17|male|10100155|6333912341||01612345604
hsp/h2|SHM|Kamrul Jamadar|Yunus Jamadar|Morsheda Jesmin|2005-03-17|male|10100155||20051010015588888|01612345604
dss/h3|TBS|Kamrul Jamadar|Yunus Jamadar|Morsheda Jesmin|2005-03-17|male|10100155|6333912341|20051010015588888|
dss/k1|PCS|Lokman Sikder|Moslem Sikder|Afroza Yasmin|1991-03-04|male|40415522|19914041552212345||01712345605
hsp/k2|SHM|Lokman Sikder||Afroza Yasmin|1991-04-03|male|40415522||19914041552266666|01712345605
dss/k3|DIS|Lokman Sikder|Moslem Sikder|Afroza Yasmin|1991-03-14|male|40415522|3877712343||
dss/k4|TBD|Lokman Sikder|Moslem Sikder|Afroza Yasmin|1991-04-13|male|40415522|3877712343||
dss/m1|WDA|Shirin Akter|Torab Howlader|Kohinur Banu|1985-08-19|female|10067744||19851006774411111|
dwa/m2|MCB|Shirin Begum|Torab Howlader|Kohinur Banu|1985-08-19|female|10067744||19851006774422222|
dwa/m3|COA|Shirin Akter|Torab Howlader|Kohinur Banu|1985-08-19|female|10067744||19851006774422222|
dss/n1|OAA|Rahim Molla|Tofazzal Molla|Hasina Khanam|1953-06-08|male|50108811|7711234502||
spbmu/n2|OAA|Rohim Molla|Tofazzal Molla|Hasina Khanam|1953-06-08|male|50108811||19535010881199999|
\.
INSERT INTO etl.source_programme (source, programme) VALUES ('spbmu', 'OAA');
SELECT pg_temp.open(s) FROM (SELECT DISTINCT split_part(record, '/', 1) FROM people) v(s) \g /dev/null
SELECT pg_temp.load(split_part(record, '/', 1), split_part(record, '/', 2), programme, jsonb_strip_nulls(jsonb_build_object('name_en', name, 'father_name', father,
        'mother_name', mother, 'birth_date', birth_date, 'sex', sex, 'geo', place, 'nid', nid, 'nid_digits', length(nid), 'brn', brn, 'mobile', mobile)))
    FROM people \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null

CREATE FUNCTION pg_temp.persons(family text) RETURNS text LANGUAGE sql AS $$     -- such as '1+3 2'
    SELECT string_agg(p.of_one, ' ' ORDER BY p.of_one)
    FROM (SELECT string_agg(right(record, 1), '+' ORDER BY right(record, 1)) AS of_one FROM people
          WHERE record LIKE '%/' || family || '_' GROUP BY pg_temp.person(record)) p $$;
CREATE FUNCTION pg_temp.twins(one text, other text) RETURNS boolean LANGUAGE sql AS $$
    SELECT m.twins FROM registry.match m WHERE m.a = least(md5(one)::uuid, md5(other)::uuid) AND m.b = greatest(md5(one)::uuid, md5(other)::uuid) $$;

-- Two cards of one programme, of two sources
SELECT is(pg_temp.state('dss/a1', 'spbmu/a2'), 'probable', 'a programme that counts two by two numbers: a human is asked');
SELECT ok(pg_temp.twins('dss/a1', 'spbmu/a2'), 'and it is told as such');
SELECT is(pg_temp.state('spbmu/a2', 'dwa/a3'), 'held', 'who is one of them by number is not the other by likeness');
SELECT is(pg_temp.state('dss/a1', 'dwa/a3'), 'certain', 'one number stays one person');
SELECT is(pg_temp.state('dss/b1', 'dwa/b2'), 'certain', 'a card here and a birth registration there, of two programmes, are one person''s');
SELECT ok(NOT pg_temp.twins('dss/b1', 'dwa/b2'), 'and no twins');
-- One telephone and two numbers that cannot be compared
SELECT is(pg_temp.state('dss/c1', 'dwa/c2'), 'probable', 'one day, one house, one telephone, cards of two lengths: twins or one');
SELECT ok(pg_temp.twins('dss/c1', 'dwa/c2'), 'and it is told as such');
-- Names that are near in one programme: held apart by both rules
SELECT ok(pg_temp.twins('dss/n1', 'spbmu/n2'), 'near names and two numbers in one programme');
-- Another last word, where no number could tell of another woman, and where one could
SELECT is(pg_temp.state('dss/d1', 'dwa/d2'), 'certain', 'Akter and Begum, one without a number: one woman');
SELECT is(pg_temp.state('dss/d3', 'dwa/d4'), 'probable', 'with two numbers a human is asked');
-- Like both of two twins
SELECT is(pg_temp.state('dss/e1', 'hsp/e2'), 'probable', 'twins of two lists');
SELECT is(pg_temp.state(t, 'dss/e3'), 'held', 'who is like both is held: ' || t) FROM unnest(ARRAY['dss/e1', 'hsp/e2']) t;
SELECT is(pg_temp.state('dss/e3', 'dss/e4'), 'held', 'from all records of one number');
SELECT is(pg_temp.state('hsp/e2', 'dss/e4'), 'held', 'and these from the other twin');
SELECT is(pg_temp.asked('dss/e1', 'dss/e3'), 'contradiction', 'a human is asked');
SELECT is(pg_temp.state('dss/f3', 'dss/f4'), 'held', 'two who may each be either of twins are not joined');
-- Over several steps: a number ties one who is like the one twin to one who is like the other
SELECT ok(pg_temp.twins('dss/k1', 'hsp/k2'), 'twins, it seems');
SELECT is(pg_temp.state('hsp/k2', 'dss/k4'), 'held', 'are not joined over others, by the weaker likeness');
-- Numbers go before: who holds a number of each is both
SELECT ok(pg_temp.twins('dss/h1', 'hsp/h2'), 'twins, it seems');
SELECT is(pg_temp.state('hsp/h2', 'dss/h3'), 'certain', 'but for one who has a number of each');

SELECT is(pg_temp.persons(f), p, 'persons of ' || f) FROM (VALUES ('a', '1+3 2'), ('b', '1+2'), ('c', '1 2'), ('d', '1+2 3 4'),
    ('e', '1+4 2 3'), ('f', '1 2 3 4'), ('h', '1+2+3'),
    ('k', '1+3+4 2'), ('m', '1+2+3'), ('n', '1 2')) v(f, p);

-- The same people in the clear. Of one whose records spell two names (m) ekok.dedupe leaves to a human what the registry ties by a third.
CREATE TEMP TABLE deduped AS SELECT record, cluster FROM ekok.dedupe('people', '{"id": "record", "name": "name", "father": "father", "mother": "mother",
    "birth_date": "birth_date", "sex": "sex", "place": "place", "nid": "nid", "brn": "brn", "mobile": "mobile", "programme": "programme"}');
SELECT set_eq($$ SELECT x.record AS one, y.record AS other FROM people x JOIN people y ON y.record > x.record AND pg_temp.person(y.record) = pg_temp.person(x.record)
       WHERE x.record NOT LIKE '%/m_' $$,
    $$ SELECT x.record AS one, y.record AS other FROM deduped x JOIN deduped y ON y.record > x.record AND y.cluster = x.cluster
       WHERE x.record NOT LIKE '%/m_' $$, 'ekok.dedupe joins the same');

-- In any order
CREATE TEMP TABLE all_at_once AS SELECT * FROM stands;
SELECT is(pg_temp.one_by_one(seed), 0::bigint, 'order ' || seed || ' ends the same') FROM unnest(ARRAY['one', 'two', 'three', 'four', 'five']) seed;

-- A human's word goes before
SELECT registry.decide(md5('dss/e1')::uuid, md5('hsp/e2')::uuid, 'same', 'one boy, two registrations') \g /dev/null
SELECT is(pg_temp.persons('e'), '1+2+3+4', 'decided to be one: who was like both is too');
SELECT registry.decide(md5('dss/f1')::uuid, md5('dss/f3')::uuid, 'same', 'seen her') \g /dev/null
SELECT is(pg_temp.persons('f'), '1+3 2 4', 'placed by a human beside one of twins: of the others nobody knows');
-- A number that comes places the torn
SELECT pg_temp.load('dss', 'f4', 'TBD', '{"name_en": "Tahmina Dilara", "father_name": "Babul Pramanik", "mother_name": "Shahana Parul", "birth_date": "2008-02-15",
    "sex": "female", "geo": "55276977", "brn": "20085527697744444"}') \g /dev/null
-- and who moves to another programme may still be another, but not because one list counts two
SELECT pg_temp.load('spbmu', 'n2', 'EGP', '{"name_en": "Rohim Molla", "father_name": "Tofazzal Molla", "mother_name": "Hasina Khanam", "birth_date": "1953-06-08",
    "sex": "male", "geo": "50108811", "brn": "19535010881199999"}') \g /dev/null
SELECT registry.link_pending() \g /dev/null
SELECT ok(NOT pg_temp.twins('dss/n1', 'spbmu/n2'), 'of two programmes: no longer by its programme');
SELECT is(pg_temp.persons('f'), '1+3 2+4', 'a number that comes later places who was torn');
CREATE TEMP TABLE linked AS SELECT * FROM stands;
SELECT * FROM registry.sweep() \g /dev/null
SELECT set_eq('SELECT * FROM stands', 'SELECT * FROM linked', 'and a sweep of all ends where links ended');
SELECT * FROM finish();
ROLLBACK;
