-- ext_dedupe.sql - a table de-duplicated in memory: against all pairs by plain SQL, in any order, under hostile input, with
-- the caller's rights, within its memory. All people are made up.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT * FROM no_plan();

-- 300 records of 140 people, from words of the test's own; some respelled, moved, swapped, without parents or numbers
CREATE TEMP TABLE word (id serial, bn text, la text) ON COMMIT DROP;
INSERT INTO word (bn, la) VALUES ('রহিম', 'Rahim'), ('করিম', 'Karim'), ('সালমা', 'Salma'), ('নাসরিন', 'Nasrin'), ('জামাল', 'Jamal'),
    ('ফাতেমা', 'Fatema'), ('রোকেয়া', 'Rokeya'), ('শাহানা', 'Shahana'), ('তাহমিনা', 'Tahmina'), ('বিলকিস', 'Bilkis'), ('দিলারা', 'Dilara'),
    ('পারুল', 'Parul'), ('আনোয়ার', 'Anwar'), ('দেলোয়ার', 'Delwar'), ('বাবুল', 'Babul'), ('কামরুল', 'Kamrul'), ('হাবিব', 'Habib'), ('গফুর', 'Gafur');
CREATE FUNCTION pg_temp.w(i bigint, latin boolean) RETURNS text LANGUAGE sql AS
    $$SELECT CASE WHEN latin THEN la ELSE bn END FROM word WHERE id = i % 18 + 1$$;
CREATE TABLE public.list (card text, who int, name_bn text, name_en text, father text, mother text, birth_date date, sex text, place text,
    nid text, brn text, mobile text, programme text);
INSERT INTO list SELECT 'c' || i, who, CASE WHEN NOT latin THEN concat_ws(' ', pg_temp.w(a, false), pg_temp.w(b, false)) END,
    CASE WHEN latin THEN concat_ws(' ', CASE WHEN i % 3 = 0 THEN 'Md' END, pg_temp.w(a, true), pg_temp.w(b, true)) END,
    CASE WHEN i % 11 > 0 THEN pg_temp.w(a + 5, latin) || ' ' || pg_temp.w(b + 2, latin) END, CASE WHEN i % 7 > 0 THEN pg_temp.w(a + 9, latin) END,
    CASE WHEN i % 13 = 0 THEN NULL WHEN i % 10 = 0 AND extract(day FROM born) < 13 THEN make_date(extract(year FROM born)::int, extract(day FROM born)::int, extract(month FROM born)::int)
        WHEN i % 9 = 0 THEN date_trunc('year', born)::date ELSE born END,
    CASE WHEN who % 2 = 0 THEN 'f' ELSE 'm' END, CASE WHEN i % 17 > 0 THEN (10040000 + who % 5 * 100 + who % 3)::text END,
    CASE WHEN i % 4 = 0 THEN '1975' || lpad((who * 7919)::text, 13, '0') WHEN i % 4 = 1 THEN lpad((who * 7919)::text, 13, '0') END, NULL,
    '01712' || lpad((who % 90)::text, 6, '0'), 'P' || i % 4
    FROM (SELECT i, i % 140 AS who, i % 5 > 2 AS latin, (i % 140) * 5 AS a, (i % 140) / 9 AS b, date '1950-01-01' + (i % 140) * 97 % 20000 AS born
        FROM generate_series(1, 300) i) s;
CREATE FUNCTION pg_temp.standard() RETURNS real[] LANGUAGE sql AS 'SELECT array_agg(bits ORDER BY place) FROM match_weights()';

-- The naive answer: every pair scored by ekok.match_score
CREATE TEMP TABLE held ON COMMIT DROP AS
    SELECT v.*, count(*) OVER (PARTITION BY v.key)::int AS holders FROM (
        SELECT card, CASE WHEN length(nid) = 10 THEN 'nid10' ELSE 'nid13' END AS kind, evidence(nid::nid, 0) AS key FROM list WHERE nid IS NOT NULL
        UNION ALL SELECT card, 'mobile', evidence(mobile::msisdn, 0) FROM list) v;
CREATE TEMP TABLE person_of ON COMMIT DROP AS
    SELECT card, ROW(name_bn, name_en, father, mother, birth_date, sex, place,
        (SELECT array_agg(ROW(h.kind, h.key, h.holders)::shared_evidence) FROM held h WHERE h.card = l.card))::person AS p FROM list l;
CREATE TEMP TABLE naive ON COMMIT DROP AS
    SELECT a.card AS a, b.card AS b, match_levels(a.p, b.p) AS levels, match_score(a.p, b.p) AS score,
        match_state(match_levels(a.p, b.p), match_score(a.p, b.p), match_prior(300)) AS state
    FROM person_of a JOIN person_of b ON a.card < b.card;
CREATE TEMP TABLE ours ON COMMIT DROP AS
    SELECT least(a, b) AS a, greatest(a, b) AS b, state, score FROM dedupe_pairs('list', '{"id": "card", "name_bn": "name_bn", "name_en": "name_en",
        "father": "father", "mother": "mother", "birth_date": "birth_date", "sex": "sex", "place": "place", "nid": "nid", "mobile": "mobile"}', pg_temp.standard());
SELECT cmp_ok((SELECT count(*) FROM naive WHERE state = 'certain'), '>', 100::bigint, 'the naive answer has something to find');
SELECT is_empty($$SELECT o.*, n.state, n.score FROM ours o JOIN naive n USING (a, b) WHERE abs(o.score - n.score) > 0.001$$, 'every score is that of ekok.match_score');
SELECT is_empty($$SELECT a, b FROM ours WHERE state IN ('certain', 'probable') EXCEPT SELECT a, b FROM naive WHERE state IN ('certain', 'probable')$$, 'nothing is kept that all pairs would not');
SELECT is_empty($$SELECT n.a, n.b, n.levels FROM naive n WHERE state = 'certain' AND NOT EXISTS (SELECT FROM ours o WHERE o.a = n.a AND o.b = n.b)$$, 'no certain pair escapes the blocking');
SELECT cmp_ok((SELECT count(*) FROM naive n WHERE state = 'probable' AND NOT EXISTS (SELECT FROM ours o WHERE o.a = n.a AND o.b = n.b)) * 20,
    '<=', (SELECT count(*) FROM naive WHERE state = 'probable'), 'and at most one probable pair in twenty');

-- Clusters: certain pairs joined, contradictions apart
CREATE TEMP TABLE cluster ON COMMIT DROP AS SELECT record, cluster FROM dedupe('list', '{"id": "card", "name_bn": "name_bn", "name_en": "name_en",
        "father": "father", "mother": "mother", "birth_date": "birth_date", "sex": "sex", "place": "place", "nid": "nid", "mobile": "mobile"}', pg_temp.standard());
SELECT is_empty($$SELECT n.a, n.b FROM naive n JOIN cluster x ON x.record = n.a JOIN cluster y ON y.record = n.b AND y.cluster = x.cluster WHERE n.state = 'apart'$$,
    'no contradiction within a cluster');
SELECT set_eq($$SELECT o.a, o.b FROM ours o WHERE state = 'certain'$$,
    $$SELECT o.a, o.b FROM ours o JOIN cluster x ON x.record = o.a JOIN cluster y ON y.record = o.b AND y.cluster = x.cluster WHERE o.state = 'certain'$$,
    'certain is what was joined');
SELECT is((SELECT count(*) FROM cluster x JOIN cluster y USING (cluster) JOIN list a ON a.card = x.record JOIN list b ON b.card = y.record WHERE a.who <> b.who), 0::bigint, 'nobody is joined to another');

-- The order of arrival does not matter
CREATE FUNCTION pg_temp.partition(t regclass) RETURNS SETOF text[] LANGUAGE sql AS
    $$SELECT array_agg(record ORDER BY record) FROM dedupe(t, '{"id": "card", "name_bn": "name_bn", "name_en": "name_en", "father": "father",
        "birth_date": "birth_date", "sex": "sex", "place": "place", "nid": "nid", "mobile": "mobile", "programme": "programme"}') GROUP BY cluster$$;
SELECT setseed(0.5);
CREATE TABLE public.shuffled AS SELECT * FROM list ORDER BY random();
CREATE TABLE public.backwards AS SELECT * FROM list ORDER BY card DESC;
SELECT set_eq($$SELECT pg_temp.partition('list')$$, $$SELECT pg_temp.partition('shuffled')$$, 'shuffled, the same persons');
SELECT set_eq($$SELECT pg_temp.partition('list')$$, $$SELECT pg_temp.partition('backwards')$$, 'backwards, the same persons');

-- Weak chains: a record alike two that contradict each other joins one of them at most
CREATE TABLE public.chain (id int, name text, father text, birth_date text, nid text);
INSERT INTO chain VALUES (1, 'Golapi Tofayel', 'Karim Sheikh', '1975-03-14', '7000712344'), (2, 'Golapi Tofayel', 'Karim Sheikh', '1975-03-14', NULL),
    (3, 'Golapi Tofayel', 'Karim Sheikh', '1975-03-14', '4441122333');
SELECT is((SELECT max(members) FROM dedupe('chain')), 2, 'two cards of one length never stand in one cluster');

-- Twins of one telephone with two registrations, whose names sound the same; and a record that could be either's
CREATE TABLE public.twins (id text, name text, father text, mother text, birth_date date, brn text, mobile text, programme text);
INSERT INTO twins VALUES ('one', 'Golapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', '20091234567890123', '01712345678', 'A'),
    ('other', 'Gulapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', '20091234567890321', '01712345678', 'B');
SELECT is_empty($$SELECT * FROM dedupe('twins')$$, 'twins of one house, one telephone, one sound and two registrations are not joined');
SELECT is((SELECT state FROM dedupe_pairs('twins')), 'probable', 'but shown to a human');
INSERT INTO twins VALUES ('either', 'Golapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', NULL, '01898765432', 'C');
SELECT is_empty($$SELECT * FROM dedupe('twins')$$, 'who may be either of them joins neither');
INSERT INTO twins VALUES ('again', 'Golapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', '20091234567890123', NULL, 'D');
SELECT is((SELECT array_agg(record ORDER BY record COLLATE "C") FROM dedupe('twins')), '{again,one}', 'a registration in common joins, and changes nothing for the others');

-- Two of one family, each once in both lists, and no record tells who of the earlier is who of the later
CREATE TABLE public.torn (LIKE twins);
INSERT INTO torn SELECT * FROM twins WHERE id IN ('one', 'other');
INSERT INTO torn VALUES ('third', 'Golapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', '20091234567890456', '01898765432', 'C'),
    ('fourth', 'Gulapi Tofayel', 'Karim Sheikh', 'Salma Begum', '2009-10-05', NULL, '01598765432', 'D');
SELECT is_empty($$SELECT * FROM dedupe('torn')$$, 'two who may each be either of twins are not joined to each other');

-- One programme, two cards that can't be compared: two persons, where programmes keep each person once
CREATE TABLE public.carded (id text, name text, father text, birth_date date, nid text, brn text, programme text);
INSERT INTO carded VALUES ('by card', 'Golapi Tofayel', 'Karim Sheikh', '2005-12-27', '9111245503', NULL, 'A'),
    ('by birth', 'Golapi Tofayel', 'Karim Sheikh', '2005-12-27', NULL, '20059012957532220', 'B');
SELECT is((SELECT count(*) FROM dedupe('carded')), 2::bigint, 'a card and a birth registration of two programmes are one person''s');
UPDATE carded SET programme = 'A';
SELECT is_empty($$SELECT * FROM dedupe('carded')$$, 'of one programme they are for a human');
SELECT is((SELECT state FROM dedupe_pairs('carded')), 'probable', 'who is asked');
INSERT INTO carded VALUES ('card again', 'গোলাপী তোফায়েল', 'করিম শেখ', '2005-12-27', '9111245503', NULL, 'C');
SELECT is((SELECT array_agg(record ORDER BY record COLLATE "C") FROM dedupe('carded')), '{"by card","card again"}', 'and nobody else joins the two');
INSERT INTO carded SELECT i || ' ' || p, 'Person of Card', NULL, date '1950-01-02' + 31 * i, (2000000000 + i * 977)::text, NULL, p
    FROM generate_series(1, 20) i, unnest('{A,A}'::text[]) p;
SELECT is((SELECT array_agg(DISTINCT members) FROM dedupe('carded') WHERE record LIKE 'by %'), '{3}', 'a list whose programmes hold people twice says nothing by it');

-- Other shapes
CREATE TABLE public.febrl (rec_id text, given_name text, surname text, postcode text, suburb text, date_of_birth text, soc_sec_id text);
INSERT INTO febrl VALUES ('1-org', 'michaela', 'neumann', '4223', 'winston hills', '19151111', '5304218'), ('1-dup', 'michaela', 'neuman', '4223', 'winston hills', '19151111', '5304218'),
    ('2-org', 'courtney', 'painter', '4560', 'richlands', '19161214', '4066625'), ('2-dup', 'painter', 'courtney', '4560', 'richlands', '19161214', '4066652'), ('3-org', 'charles', 'green', '6000', 'dapto', '19480930', '4365168');
SELECT is((SELECT array_agg(record ORDER BY record COLLATE "C") FROM dedupe('febrl', '{"id": "rec_id", "name": ["given_name", "surname"], "place": "suburb", "birth_date": "date_of_birth", "other": "soc_sec_id"}')),
    '{1-dup,1-org,2-dup,2-org}', 'names in two columns, in any order, dates as text, places in words, numbers of no known kind');
CREATE VIEW public.seen AS SELECT * FROM chain;
SELECT is((SELECT count(at) FROM dedupe('seen')), 0::bigint, 'a view has no TIDs');
SELECT is((SELECT count(*) FROM dedupe('chain') d JOIN chain c ON c.ctid = d.at AND c.id::text = d.record), 2::bigint, 'a TID finds the record');
CREATE TABLE public.no_id (name text, birth_date date);
INSERT INTO no_id SELECT 'Golapi Tofayel Rahman', '1975-03-14' FROM generate_series(1, 3);
SELECT is((SELECT array_agg(record ORDER BY record) FROM dedupe('no_id')), '{"(0,1)","(0,2)","(0,3)"}', 'without an id a record is called by its TID');

-- Nothing there, hostile values
CREATE TABLE public.bare (name text, name_bn text, name_en text, father text, mother text, birth_date text, sex text, place text, nid text, brn text, mobile text, wallet text, account text, other text);
SELECT is_empty($$SELECT * FROM dedupe('bare')$$, 'an empty table');
INSERT INTO bare SELECT FROM generate_series(1, 100);
INSERT INTO bare SELECT '', '', '', '', '', '', '', '', '', '', '', '', '', '' FROM generate_series(1, 100);
INSERT INTO bare SELECT v, v, v, v, v, v, v, v, v, v, v, v, v, v FROM unnest(ARRAY[repeat('Rahim ', 2000), repeat('9', 10000), E'\t', '0', 'N/A', '-', '☃', repeat('ক্ষ', 300), 'infinity',
    '9999-99-99', '(((', '''; DROP TABLE bare; --', U&'\200D\200C']) v;
SELECT is_empty($$SELECT * FROM dedupe('bare')$$, 'NULLs, empty texts and nonsense are nobody');
INSERT INTO bare (name, nid) SELECT 'Person ' || chr(64 + i), '1111111111' FROM generate_series(1, 26) i;
SELECT is_empty($$SELECT * FROM dedupe('bare')$$, 'a number that 26 records hold is a placeholder');
CREATE TABLE public.ends (name text, birth_date date);
INSERT INTO ends SELECT 'Golapi Tofayel Rahman', d FROM unnest('{infinity,-infinity,5874897-12-31,4714-11-24 BC,NULL}'::date[]) d;
SELECT is_empty($$SELECT * FROM dedupe('ends')$$, 'dates at the ends of their range are not known');

-- What is refused
SELECT throws_ok($$SELECT dedupe('list', '{"nmae": "name_en"}')$$, '22023', 'columns: there is no meaning "nmae"', 'a meaning that does not exist');
SELECT throws_ok($$SELECT dedupe('list', '{"name": "nmae"}')$$, '42703', 'table "list" has no column "nmae"', 'a column that does not exist');
SELECT throws_ok($$SELECT dedupe('list', '{"name": {"a": "b"}}')$$, '22023', NULL, 'a mapping that is none');
SELECT throws_ok($$SELECT dedupe('list', '["name"]')$$, '22023', NULL, 'a list is no mapping');
SELECT throws_ok($$SELECT dedupe('list', '{"name": 1}')$$, '22023', NULL, 'a number is no column');
SELECT throws_ok($$SELECT dedupe('list', '{"id": "card"}')$$, '22023', NULL, 'nothing to compare by');
SELECT throws_ok($$SELECT dedupe('pg_class_oid_index')$$, '42809', NULL, 'an index is no table');
SELECT throws_ok($$SELECT dedupe('list', NULL, '{1}')$$, '22023', NULL, 'weights of the wrong length');
CREATE TABLE public.large AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 20000) i;
SET LOCAL maintenance_work_mem = '1MB';
SELECT throws_ok($$SELECT dedupe('large')$$, '53400', NULL, 'memory has its ceiling');
RESET maintenance_work_mem;

-- The caller's rights and policies
CREATE ROLE dedupe_reader;
GRANT USAGE ON SCHEMA ekok, public TO dedupe_reader;
SET LOCAL ROLE dedupe_reader;
SELECT throws_ok($$SELECT ekok.dedupe('public.no_id')$$, '42501', NULL, 'not without the right to read');
RESET ROLE;
ALTER TABLE chain ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON chain TO dedupe_reader;
SET LOCAL ROLE dedupe_reader;
SELECT is_empty($$SELECT ekok.dedupe('public.chain')$$, 'a policy hides what it hides');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
