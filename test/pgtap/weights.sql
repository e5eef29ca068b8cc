-- weights.sql - weights learnt from a population of which everything is known: what is learnt, that it is told and kept, that
-- nothing uses it until somebody says so, and that then everything does.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
SELECT plan(28);

SELECT throws_ok('SELECT registry.estimate_weights()', 'P0002', NULL, 'nothing is learnt from an empty registry');
SELECT throws_ok('SELECT registry.activate_weights(2)', 'P0002', NULL, 'nor is a version activated that does not exist');

-- Pairs made by chance, of which all is known: how often records of one person agree (m) and those of two (u), both other than
-- the compiled-in estimates, and that three in five are one person. Each was found by a key, so what that is made of agrees.
SELECT setseed(0.25);
CREATE TEMP TABLE known AS
SELECT w.place, w.level, w.field, dense_rank() OVER (ORDER BY w.first)::int AS at, w.m ^ 0.7 / sum(w.m ^ 0.7) OVER (PARTITION BY w.field) AS m,
       w.u ^ 0.8 / sum(w.u ^ 0.8) OVER (PARTITION BY w.field) AS u
FROM (SELECT v.*, min(v.place) OVER (PARTITION BY v.field) AS first FROM ekok.match_weights() v) w;
CREATE TEMP TABLE dice AS
SELECT d.at, array_agg(d.m ORDER BY d.place) AS m, array_agg(d.u ORDER BY d.place) AS u
FROM (SELECT k.at, k.place, sum(k.m) OVER w AS m, sum(k.u) OVER w AS u FROM known k WINDOW w AS (PARTITION BY k.at ORDER BY k.place)) d GROUP BY d.at;
CREATE TEMP TABLE made AS
SELECT p.kind, p.levels, count(*) AS pairs
FROM (SELECT k.kind, ARRAY(SELECT CASE WHEN d.at > 6 THEN 0 WHEN d.at = ANY (registry.key_fields(k.kind)) THEN 1
                                       ELSE least(width_bucket(r.fall, CASE WHEN k.same THEN d.m ELSE d.u END) + 1, cardinality(d.m)) END::smallint
                           FROM dice d CROSS JOIN LATERAL (SELECT random() + 0 * (d.at + k.n) AS fall) r ORDER BY d.at) AS levels
      FROM (SELECT c.kind, n, random() < 0.6 AS same FROM unnest(ARRAY['date_word', 'name_father_mother', 'date_father']) AS c(kind), generate_series(1, 8000) n) k) p
GROUP BY 1, 2;
CREATE TEMP TABLE taught AS
SELECT l.*, f.weights AS in_one FROM (SELECT array_agg(m.kind) AS kinds, array_agg(m.levels) AS levels, array_agg(m.pairs) AS pairs FROM made m) n
CROSS JOIN (SELECT array_agg(k.u::real ORDER BY k.place) AS u FROM known k) u
CROSS JOIN LATERAL registry.learn_weights(n.kinds, n.levels, n.pairs, u.u) l
CROSS JOIN LATERAL ekok.match_fit(n.levels, n.pairs, u.u, 1000) f;
CREATE FUNCTION pg_temp.worst(learnt real[]) RETURNS numeric LANGUAGE sql AS $$
    SELECT max(abs(learnt[k.place]::numeric - log(2, (k.m / k.u)::numeric))) FROM known k WHERE k.at <= 6 AND k.m > 0.05 $$;
SELECT ok((SELECT settled FROM taught), 'what is learnt settles');
SELECT cmp_ok((SELECT pg_temp.worst(weights) FROM taught), '<', 0.2, 'weights come within a fifth of a bit of the truth, for what one match in twenty shows');
SELECT cmp_ok((SELECT pg_temp.worst(in_one) FROM taught), '>', 0.4, 'which learning from all kinds of key at once does not');
SELECT cmp_ok((SELECT abs(matches / 24000 - 0.6) FROM taught), '<', 0.02::float8, 'and so many are held to be one person as are');

-- 400 people, each in two programmes, all of one union; every tenth is spelt otherwise there, every fifth has one digit of the
-- birth date changed, one in four has no father's name. 200 more are in one programme only. No numbers; no two have both parents.
CREATE FUNCTION pg_temp.person_number(n int) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('name_en', g[1 + n % 20] || ' ' || f[1 + n % 17], 'sex', (ARRAY['female', 'male'])[1 + n % 2],
        'birth_date', date '1950-01-02' + n * 37, 'geo', '30264123', 'father_name', g[1 + n * 7 % 20] || ' ' || f[1 + n * 3 % 17],
        'mother_name', g[1 + n * 11 % 20] || ' ' || f[1 + (n * 5 + n / 340) % 17])
    FROM (VALUES ('{Rahima,Karim,Shahidul,Nasima,Abdul,Hasina,Jahangir,Monowara,Delwar,Sabita,Haripada,Ferdousi,Kamal,Tahmina,Mizanur,Parul,Selim,Rokeya,Anwar,Laila}'::text[],
                  '{Khatun,Uddin,Bhuiyan,Begum,Mondal,Sarkar,Hossain,Akter,Miah,Biswas,Talukdar,Chowdhury,Sikder,Mollah,Howlader,Pramanik,Gazi}'::text[])) AS v(g, f) $$;
SELECT pg_temp.open('dss') AS dss, pg_temp.open('dwa') AS dwa \gset
SELECT pg_temp.give('dss', 'w' || n, 'OAA', pg_temp.person_number(n)) FROM generate_series(1, 600) n \g /dev/null
SELECT pg_temp.merge(:dss) \g /dev/null
SELECT pg_temp.give('dwa', 'w' || n, 'MCB', p || CASE WHEN n % 10 = 0 THEN jsonb_build_object('name_en', translate(p ->> 'name_en', 'ai', 'oe')) ELSE '{}'::jsonb END
        || CASE WHEN n % 5 = 1 THEN jsonb_build_object('birth_date', (p ->> 'birth_date')::date + 10) ELSE '{}'::jsonb END
        || CASE WHEN n % 4 = 3 THEN '{"father_name": null}'::jsonb ELSE '{}'::jsonb END)
FROM generate_series(1, 400) n CROSS JOIN pg_temp.person_number(n) p \g /dev/null
SELECT pg_temp.merge(:dwa) \g /dev/null
SELECT is((SELECT count(*) FROM registry.enrolment)::int, 1000, 'the population stands');
SELECT * FROM registry.sweep() \g /dev/null
CREATE TEMP VIEW found AS SELECT a, b, state, kinds, score, held FROM registry.match;
CREATE TEMP TABLE found_before AS TABLE found;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.versions();

CREATE TEMP TABLE told AS SELECT * FROM registry.estimate_weights();
CREATE FUNCTION pg_temp.bits(field text, level text) RETURNS real LANGUAGE sql AS $$ SELECT t.new FROM told t WHERE (t.field, t.level) = (bits.field, bits.level) $$;
SELECT is((SELECT array_agg(DISTINCT version) FROM told), ARRAY[2], 'learning makes the next version');
SELECT bag_eq('SELECT field, level FROM told', 'SELECT field, name FROM ekok.match_weights()', 'and says of each level of each field');
SELECT results_eq('SELECT t.old FROM told t JOIN ekok.match_weights() w ON (w.field, w.name) = (t.field, t.level) ORDER BY w.place',
                  'SELECT unnest(weights) FROM registry.weights WHERE version = 1', 'what it weighed');
SELECT results_eq('SELECT t.new FROM told t JOIN ekok.match_weights() w ON (w.field, w.name) = (t.field, t.level) ORDER BY w.place',
                  'SELECT unnest(weights) FROM registry.weights WHERE version = 2', 'and what it weighs now');
SELECT is((SELECT array_agg(version) FROM registry.weights WHERE active), ARRAY[1], 'a new version is not in use');
SELECT is_empty($$ SELECT v FROM before AS b(v) WHERE v !~ '^registry.weights|^audit' EXCEPT SELECT * FROM pg_temp.versions() $$, 'learning changes nothing else');
SELECT isnt_empty($$ SELECT FROM audit.entry WHERE table_name = 'registry.weights' AND op = 'INSERT' $$, 'and leaves a trace');
SELECT ok((SELECT basis ~ '^learnt from [0-9]+ pairs' AND prior = ekok.match_prior(1000) FROM registry.weights WHERE version = 2), 'with what it rests on, and odds of a registry of this size');

-- What the population was made to say.
SELECT cmp_ok(abs(pg_temp.bits('place', (SELECT name FROM ekok.match_weights() WHERE field = 'place' AND level = 1))), '<', 0.5::real, 'a place that all share says nothing');
SELECT cmp_ok(pg_temp.bits('birth_date', (SELECT name FROM ekok.match_weights() WHERE field = 'birth_date' AND level = 1)), '>', 5::real, 'a birth date that nobody shares says much');
SELECT cmp_ok(pg_temp.bits('birth_date', (SELECT name FROM ekok.match_weights() WHERE field = 'birth_date' AND level = 8)), '<', -1::real, 'years far apart speak against');
SELECT cmp_ok(pg_temp.bits('mother', (SELECT name FROM ekok.match_weights() WHERE field = 'mother' AND level = 6)), '<', -2::real, 'so does another mother, who never differs');
SELECT cmp_ok(abs(pg_temp.bits('sex', (SELECT name FROM ekok.match_weights() WHERE field = 'sex' AND level = 1)) - 1::real), '<', 0.2::real, 'the same sex says one bit');
SELECT is((SELECT count(*) FROM told t JOIN registry.weights w ON w.version = 1 WHERE t.field = 'nid' AND abs(t.old - t.new) > 0.01)::int, 0, 'of a field that nobody fills nothing is learnt');

CREATE TEMP TABLE again AS SELECT * FROM registry.estimate_weights();
SELECT bag_eq('SELECT field, level, new FROM again', 'SELECT field, level, new FROM told', 'learning again from the same gives the same');

-- In use.
SELECT registry.activate_weights(2) \g /dev/null
SELECT is((SELECT array_agg(version) FROM registry.weights WHERE active), ARRAY[2], 'one version is in use');
SELECT * FROM registry.sweep() \g /dev/null
SELECT is((SELECT weights_version FROM registry.sweep_run ORDER BY id DESC LIMIT 1), 2, 'the next sweep uses it');
SELECT is_empty($$ SELECT FROM registry.match m WHERE abs(m.score - (SELECT sum(x.bits) FROM registry.explain_match(m.a, m.b) x)) > 0.01 $$, 'and scores every match anew');
SELECT cmp_ok((SELECT count(*) FROM registry.membership x JOIN registry.membership y ON y.person_id = x.person_id AND y.enrolment_id > x.enrolment_id
               JOIN registry.enrolment e ON e.id = x.enrolment_id JOIN registry.enrolment f ON f.id = y.enrolment_id WHERE e.record_id <> f.record_id)::int, '=', 0, 'nobody is joined wrongly');
CREATE TEMP TABLE by_sweep AS TABLE found;
SELECT registry.link_new(ARRAY(SELECT id FROM registry.enrolment)) \g /dev/null
SELECT bag_eq('TABLE found', 'TABLE by_sweep', 'linking one by one uses it too');
SELECT registry.activate_weights(1) \g /dev/null
SELECT * FROM registry.sweep() \g /dev/null
SELECT bag_eq('TABLE found', 'TABLE found_before', 'the version before can be taken again, and nothing is left of the other');

SELECT * FROM finish();
ROLLBACK;
