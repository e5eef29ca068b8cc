-- ext_match.sql - scores of persons, what they allow, how they are explained, fitted weights, fuzzy evidence. All made up.
BEGIN;
SET LOCAL search_path = ekok, public, pg_catalog;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.p(name text, father text DEFAULT NULL, mother text DEFAULT NULL, birth date DEFAULT NULL, sex text DEFAULT NULL,
    place text DEFAULT NULL, VARIADIC held shared_evidence[] DEFAULT '{}') RETURNS person LANGUAGE sql AS
    $$SELECT ROW(NULL, name, father, mother, birth, sex, place, held)::person$$;
CREATE FUNCTION pg_temp.h(kind text, value text, holders int DEFAULT NULL, programme int DEFAULT 0) RETURNS shared_evidence LANGUAGE sql AS
    $$SELECT ROW(kind, evidence(kind, value, programme), holders)::shared_evidence$$;
CREATE TEMP TABLE pair (what text, a person, b person) ON COMMIT DROP;
INSERT INTO pair VALUES
    ('the same', pg_temp.p('মোঃ রহিম উদ্দিন', 'করিম শেখ', 'ফাতেমা বেগম', '1975-03-14', 'm', '10043022'),
        pg_temp.p('Md Rahim Uddin', 'Karim Sheikh', 'Fatema Begum', '1975-03-14', 'পুরুষ', '10043022')),
    ('day and month', pg_temp.p('Golapi Tofayel', 'Karim', 'Fatema', '1975-03-04'), pg_temp.p('গোলাপী তোফায়েল', 'করিম', 'ফাতেমা', '1975-04-03')),
    ('twins', pg_temp.p('Hasan Mia', 'Karim Sheikh', 'Fatema Begum', '2010-03-14', 'm'), pg_temp.p('Jamal Mia', 'Karim Sheikh', 'Fatema Begum', '2010-03-14', 'm')),
    ('other sex', pg_temp.p('Rahim', NULL, NULL, NULL, 'm'), pg_temp.p('Rahim', NULL, NULL, NULL, 'f')),
    ('other nid', pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('nid10', '1')), pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('nid10', '2'))),
    ('nids of two lengths', pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('nid10', '1')), pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('nid13', '2'))),
    ('namesakes', pg_temp.p('Golapi Tofayel', NULL, NULL, NULL, 'f', '10043022'), pg_temp.p('Golapi Tofayel', NULL, NULL, NULL, 'f', '10043022')),
    ('nothing known', pg_temp.p(NULL), pg_temp.p(NULL)),
    ('empty', pg_temp.p('', '', '', NULL, '', ''), pg_temp.p('', '', '', NULL, '', '')),
    ('hostile', pg_temp.p(repeat('Rahim ', 2000), repeat('x', 10000), E'\t', 'infinity', repeat('m', 1000), repeat('9', 50)),
        pg_temp.p(repeat('রহিম ', 2000), '(((', '''', '4713-01-01 BC', '☃', '-1')),
    ('ends of dates', pg_temp.p('Rahim', NULL, NULL, '5874897-12-31'), pg_temp.p('Rahim', NULL, NULL, '4714-11-24 BC'));

SELECT is(match_levels(a, b), match_levels(b, a), what || ' both ways') FROM pair;
SELECT is(match_score(a, b), match_bits(match_levels(a, b)), what || ': the score is that of its levels') FROM pair;
SELECT is(match_score(a, b), coalesce((SELECT sum(bits)::real FROM match_explain(a, b)), 0), what || ': and the sum of what is explained')
    FROM pair WHERE what NOT IN ('the same', 'twins');
SELECT is(match_score(a, b), 0::real, what || ' says nothing') FROM pair WHERE what IN ('nothing known', 'empty');
SELECT is(match_state(match_levels(a, b), match_score(a, b), match_prior(1000000)), s, what || ' of a million: ' || s) FROM pair JOIN (VALUES
    ('the same', 'certain'), ('twins', 'apart'), ('other sex', 'apart'), ('other nid', 'apart'), ('nothing known', 'different')) v(w, s) ON w = what;
SELECT is(match_contradiction(match_levels(a, b)), s, what || ' contradicts by ' || coalesce(s, 'nothing')) FROM pair JOIN (VALUES
    ('the same', NULL), ('twins', 'twin'), ('other sex', 'sex'), ('other nid', 'nid'), ('nids of two lengths', NULL)) v(w, s) ON w = what;
SELECT isnt(match_state(match_levels(a, b), match_score(a, b), match_prior(3)), 'certain', 'namesakes of a place are not joined, however few')
    FROM pair WHERE what = 'namesakes';
SELECT is((match_levels(a, b))[4], 3::smallint, 'day and month exchanged') FROM pair WHERE what = 'day and month';
SELECT is(match_score(NULL, a), NULL, 'NULL is not known') FROM pair LIMIT 1;

-- What is known of both persons' own numbers: near names of one day and parents; one name, day, parent and telephone
CREATE TEMP TABLE doubtful (what text, levels smallint[]) ON COMMIT DROP;
INSERT INTO doubtful VALUES ('near names', '{4,1,1,1,1,1,0,0,0,0,0,0}'), ('one telephone', '{1,1,1,1,1,1,0,0,1,0,0,0}'), ('one name', '{1,1,1,1,1,1,0,0,0,0,0,0}');
SELECT is(match_state(levels, 40, -20, n), s, concat_ws(': ', what, coalesce(n, 'not known'), s)) FROM doubtful JOIN (VALUES ('near names', 'lacking', 'certain'),
    ('near names', 'apart', 'probable'), ('near names', NULL, 'probable'), ('one telephone', 'lacking', 'certain'), ('one telephone', 'apart', 'probable'),
    ('one telephone', NULL, 'certain'), ('one name', 'apart', 'certain'), ('one name', 'together', 'probable')) v(w, n, s) ON w = what;
SELECT is(match_twins(levels, n), s, concat_ws(': ', what, coalesce(n, 'not known'), s)) FROM doubtful JOIN (VALUES ('near names', 'apart', false),
    ('one telephone', 'lacking', false), ('one telephone', 'apart', true), ('one telephone', NULL, false), ('one name', 'together', true)) v(w, n, s) ON w = what;
SELECT ok(match_twins(match_levels(a, b)), 'twins by name, whatever is known of numbers') FROM pair WHERE what = 'twins';
SELECT is(match_state(levels, NULL, -20, 'apart'), NULL, 'no score, no state') FROM doubtful LIMIT 1;
SELECT throws_ok($$SELECT match_state(levels, 40, -20, 'else') FROM doubtful$$, '22023', 'numbers: no such relation of two persons'' numbers', 'no such relation');

-- A mobile that eleven hold says little
SELECT ok(match_score(pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('mobile', '1', 11)), pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('mobile', '1', 11)))
    < match_score(pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('mobile', '1', 2)), pg_temp.p('Rahim', NULL, NULL, NULL, NULL, NULL, pg_temp.h('mobile', '1', 2))) - 5,
    'a mobile of eleven weighs 5 bits less than one of two');
SELECT is((match_levels(pg_temp.p('R', NULL, NULL, NULL, NULL, NULL, pg_temp.h('brn', '1', 1, 7)), pg_temp.p('R', NULL, NULL, NULL, NULL, NULL, pg_temp.h('brn', '2', 1, 7))))[8],
    2::smallint, 'two registrations in one programme');

-- Explanations
SELECT is((SELECT count(*) FROM match_explain(a, b, NULL, 'bn')), (SELECT count(*) FROM match_explain(a, b, NULL, 'en')), what || ' in both languages') FROM pair;
SELECT isnt_empty($$SELECT 1 FROM pair, match_explain(a, b, NULL, 'bn') WHERE what = 'twins' AND field = 'বিরোধ'$$, 'twins are explained');
SELECT throws_ok($$SELECT match_explain(a, b, NULL, 'fr') FROM pair$$, '22023', NULL, 'not in French');
SELECT is_empty($$SELECT 1 FROM pair, match_explain(a, b) WHERE explanation ~* 'rahim|karim|golapi|\d{4}'$$, 'no name and no number is repeated');

-- Weights
CREATE FUNCTION pg_temp.standard() RETURNS real[] LANGUAGE sql AS 'SELECT array_agg(bits ORDER BY place) FROM match_weights()';
SELECT is(match_score(a, b, pg_temp.standard()), match_score(a, b), what || ' with the standard weights given') FROM pair;
SELECT throws_ok($$SELECT match_score(a, b, '{1,2}') FROM pair$$, '22023', NULL, 'weights of the wrong length');
SELECT throws_ok($$SELECT match_score(a, b, array_fill(NULL::real, ARRAY[59])) FROM pair$$, '22004', NULL, 'weights that are NULL');
SELECT throws_ok($$SELECT match_score(a, b, array_fill('NaN'::real, ARRAY[(SELECT count(*)::int FROM match_weights())])) FROM pair$$, '22023', NULL, 'weights that are no numbers');
SELECT throws_ok($$SELECT match_bits('{1,2,3}')$$, '22023', NULL, 'levels of the wrong length');
SELECT throws_ok($$SELECT match_bits('{99,0,0,0,0,0,0,0,0,0,0,0}')$$, '22023', NULL, 'a level that does not exist');
SELECT is(match_probability(3, -3), 0.5::float8, 'even odds');
SELECT is(match_prior(n), -1::real, n || ' records') FROM unnest(ARRAY[-5, 0, 2]) n;

-- Fitting: half of the pairs agree in all, half in nothing
SELECT is(f.settled AND f.prior BETWEEN 0.45 AND 0.55 AND f.weights[1] BETWEEN -20 AND 30, true, 'two classes are found')
    FROM match_fit(ARRAY[ARRAY[1,1,1,1,1,1,0,0,0,0,0,0], ARRAY[7,6,6,8,2,5,0,0,0,0,0,0]]::smallint[], ARRAY[1000, 1000]) f;
SELECT is(f.u[1:3], '{0.5,0.25,0.25}'::real[], 'u that is known stays') FROM match_fit(ARRAY[ARRAY[1,1,1,1,1,1,0,0,0,0,0,0]]::smallint[], ARRAY[10],
    '{0.5,0.25,0.25}' || array_fill(0.1::real, ARRAY[(SELECT count(*)::int - 3 FROM match_weights())])) f;
SELECT throws_ok($$SELECT match_fit('{{1,2}}', '{1}')$$, '22023', NULL, 'patterns of the wrong width');
SELECT throws_ok($$SELECT match_fit('{}', '{}', '{}')$$, '22023', NULL, 'u of the wrong length');
SELECT is((match_fit('{}', '{}')).settled, true, 'no pairs at all');

-- Fuzzy evidence
SELECT is_empty($$SELECT key FROM pair, blocking_keys(a, 0) WHERE what IN ('nothing known', 'empty')$$, 'nothing known has no keys');
SELECT isnt_empty($$SELECT 1 FROM pair, blocking_keys(a, 3) x JOIN blocking_keys(b, 7) y ON y.key ~ x.key AND y.kind = x.kind WHERE what = 'day and month' AND x.kind = 'date_word'$$,
    'day and month exchanged, another script: one key');
SELECT is_empty($$SELECT 1 FROM pair, blocking_keys(a, 3) WHERE programme(key) <> 3$$, 'keys carry the programme');
SELECT throws_ok($$SELECT blocking_keys(a, 4096) FROM pair$$, '22003', NULL, 'a programme has its range');
SELECT is_empty($$SELECT finer FROM blocking_kinds() WHERE finer IS NOT NULL EXCEPT SELECT kind FROM blocking_kinds()$$, 'what takes over exists');

SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = 'ekok'::regnamespace AND (proname LIKE 'match%' OR proname LIKE 'block%')
    AND (proparallel <> 's' OR provolatile <> 'i' OR obj_description(oid, 'pg_proc') IS NULL)$$, 'parallel safe, immutable, explained');
SELECT is_empty($$SELECT a.attname FROM pg_attribute a WHERE attrelid IN ('ekok.person'::regclass, 'ekok.shared_evidence'::regclass)
    AND attnum > 0 AND col_description(attrelid, attnum) IS NULL$$, 'every column of a person is explained');

SELECT * FROM finish();
ROLLBACK;
