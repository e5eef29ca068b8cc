-- access_scope.sql - each login sees exactly the rows of its scope: by ministry, by place, by both, in every table that holds people,
-- through joins, views and functions; and sees them by an index.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/access.psql
SELECT plan(90);

SELECT pg_temp.open(s) FROM unnest(ARRAY['dss', 'dwa', 'pesp']) s \g /dev/null
CREATE FUNCTION pg_temp.load(source text, record text, programme text, told jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.give(source, record, programme, told);
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = load.source AND state = 'running'));
END $$;
-- dss is the ministry of social welfare's, dwa that of women and children, pesp that of primary education.
DO $$
BEGIN
    PERFORM pg_temp.load('dss', 's1', 'OAA', '{"geo": "30260413", "nid": "a", "household": "h1", "father_name": "Md. Abdul Gafur Miah"}');
    PERFORM pg_temp.load('dss', 's2', 'WDA', '{"name_en": "Kamala Rani Das", "birth_date": "1941-07-01", "geo": "3026", "nid": "b", "household": "h2"}');
    PERFORM pg_temp.load('dss', 's3', 'OAA', '{"name_en": "Nurul Amin", "birth_date": "1948-07-02", "geo": "4001", "nid": "c"}');
    PERFORM pg_temp.load('dss', 's4', 'OAA', '{"name_en": "Jorina Begum", "birth_date": "1955-07-03", "nid": "d"}');
    PERFORM pg_temp.load('dwa', 'w1', 'MCB', '{"geo": "30260413", "nid": "a"}');
    PERFORM pg_temp.load('dwa', 'w2', 'MCB', '{"name_en": "Sufia Akter", "birth_date": "1962-07-04", "geo": "4001", "nid": "e"}');
    PERFORM pg_temp.load('dss', 's5', 'WDA', '{"geo": "30260413", "nid": "a", "household": "h1"}');
    PERFORM pg_temp.give_bad('q1');
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = 'dss' AND state = 'running'));
    PERFORM pg_temp.give_bad('q2');
    PERFORM pg_temp.merge((SELECT id FROM etl.run r WHERE r.source = 'dwa' AND state = 'running'));
END $$;
SELECT * FROM registry.sweep() \g /dev/null
CREATE TEMP TABLE ministry AS SELECT code AS programme, ministry FROM registry.programme;
SELECT ministry AS social FROM ministry WHERE programme = 'OAA' \gset
SELECT ministry AS women FROM ministry WHERE programme = 'MCB' \gset

SELECT pg_temp.let('t_all', 'analyst'), pg_temp.let('t_social', 'analyst', :'social'), pg_temp.let('t_women', 'analyst', :'women'),
       pg_temp.let('t_upazila', 'analyst', NULL, '302604'), pg_temp.let('t_division', 'analyst', NULL, '30'),
       pg_temp.let('t_both', 'analyst', :'social', '3026'), pg_temp.let('t_two', 'analyst', :'women', '4001'),
       pg_temp.let('t_two', 'analyst', :'social', '302604'), pg_temp.let('t_mixed', 'analyst', :'women'), pg_temp.let('t_mixed', 'analyst', :'social', '4001'),
       pg_temp.let('t_over', 'analyst', NULL, NULL, '0.2 s'), pg_temp.let('t_revoked', 'analyst'), pg_temp.let('t_officer', 'access officer'),
       pg_temp.let('t_operator', 'operator', :'social'), pg_temp.let('t_auditor', 'auditor') \g /dev/null
CREATE ROLE t_bare LOGIN IN ROLE ekok_analyst;
CREATE ROLE t_shape LOGIN IN ROLE ekok_analyst, ekok_scope_all, ekok_scope_ministry, ekok_scope_place;
SELECT access.end_scope(id, 'test', 'test') FROM access.scope WHERE login = 't_revoked' \g /dev/null
SELECT pg_sleep(0.3) \g /dev/null

-- Whole rows of enrolment, seen by each.
CREATE TEMP TABLE seen (login name, records text);
INSERT INTO seen VALUES ('t_all', 's1 s2 s3 s4 s5 w1 w2'), ('t_social', 's1 s2 s3 s4 s5'), ('t_women', 'w1 w2'), ('t_upazila', 's1 s5 w1'),
    ('t_division', 's1 s2 s5 w1'), ('t_both', 's1 s2 s5'), ('t_two', 's1 s5 w2'), ('t_mixed', 's3 w1 w2'), ('t_over', ''), ('t_revoked', '42501'),
    ('t_officer', '42501'), ('t_bare', ''), ('t_shape', '');
SELECT is(pg_temp.as_login(login, 'SELECT record_id FROM registry.enrolment'), records, login || ' sees its enrolments') FROM seen;
SELECT is(pg_temp.as_login(login, 'SELECT record_id FROM registry.beneficiary'), records, login || ' through the view') FROM seen WHERE records NOT LIKE '4%';
SELECT is(pg_temp.as_login(login, 'SELECT e.record_id FROM registry.membership m JOIN registry.enrolment e ON e.id = m.enrolment_id'), records, login || ' through a join')
FROM seen WHERE records NOT LIKE '4%';
SELECT is(pg_temp.as_login(login, 'SELECT count(*) FROM registry.membership'), cardinality(string_to_array(records, ' '))::text, login || ' no membership more')
FROM seen WHERE records NOT LIKE '4%' AND records <> '';
-- s1, s5 and w1 are one person.
SELECT is(pg_temp.as_login(w.login, 'SELECT count(*) FROM registry.person'), w.persons, w.login || ' sees persons of whom it sees an enrolment')
FROM (VALUES ('t_all', '5'), ('t_social', '4'), ('t_women', '2'), ('t_upazila', '1'), ('t_bare', '0')) w(login, persons);
SELECT is(pg_temp.as_login(w.login, 'SELECT household_key FROM registry.household'), w.seen, w.login || ' sees households in scope')
FROM (VALUES ('t_all', 'h1 h2'), ('t_women', ''), ('t_upazila', 'h1'), ('t_both', 'h1 h2'), ('t_bare', '')) w(login, seen);
SELECT is(pg_temp.as_login(w.login, 'SELECT count(*) FROM registry.match'), w.pairs, w.login || ' sees pairs whose both sides are in scope')
FROM (VALUES ('t_all', '3'), ('t_social', '1'), ('t_women', '0'), ('t_upazila', '3'), ('t_mixed', '0')) w(login, pairs);
SELECT is(pg_temp.as_login(w.login, 'SELECT record_id FROM etl.quarantine'), w.seen, w.login || ' sees what was set aside of its ministry')
FROM (VALUES ('t_operator', 'q1'), ('t_all', '42501'), ('t_bare', '42501')) w(login, seen);

-- Functions that run as the owner.
CREATE TEMP TABLE looked AS SELECT (r.p) AS p FROM registry.records_of(ARRAY[pg_temp.id_of('dss', 's1')]) r;
GRANT SELECT ON looked TO PUBLIC;
SELECT is(pg_temp.as_login(w.login, 'SELECT e.record_id FROM looked k CROSS JOIN LATERAL registry.find_person(k.p) f LEFT JOIN registry.enrolment e ON e.id = f.enrolment_id'),
          w.found, w.login || ' finds whom it may see, and nobody else')
FROM (VALUES ('t_all', 's1 s5 w1'), ('t_social', 's1 s5'), ('t_women', 'w1'), ('t_bare', '')) w(login, found);
SELECT is(pg_temp.as_login(w.login, format('SELECT count(*) FROM registry.explain_match(%L, %L)', pg_temp.id_of('dss', 's1'), pg_temp.id_of('dwa', 'w1'))) <> '0',
          w.told, w.login || ' is told why only about its own') FROM (VALUES ('t_all', true), ('t_social', false)) w(login, told);
SELECT is(pg_temp.as_login(w.login, 'SELECT record_id FROM report.striking_cases(9)'), w.seen, w.login || ' gets striking cases of its own')
FROM (VALUES ('t_all', 's1 s5 w1'), ('t_women', 'w1'), ('t_bare', '')) w(login, seen);
SELECT is(pg_temp.as_login(w.login, 'SELECT count(*) FROM registry.payment_check(''OAA'')'), w.rows, w.login || ' checks payments of its own')
FROM (VALUES ('t_all', '3'), ('t_women', '0'), ('t_both', '1')) w(login, rows);
SELECT is(pg_temp.as_login('t_operator', format('SELECT registry.decide(%L, %L, ''different'', ''test'')', pg_temp.id_of('dss', 's1'), pg_temp.id_of('dwa', 'w1'))),
          'P0002', 'an operator decides about no pair beyond the scope');
SELECT isnt(pg_temp.as_login('t_operator', format('SELECT registry.decide(%L, %L, ''different'', ''test'')', pg_temp.id_of('dss', 's1'), pg_temp.id_of('dss', 's3'))),
            'P0002', 'and may about one within');
SELECT is(pg_temp.as_login('t_operator', format('SELECT registry.grant_exception(''max-cash-programmes'', %L, NULL, ''x'', now() + interval ''1 day'')', pg_temp.id_of('dwa', 'w1'))),
          'P0002', 'nor grants an exception there');

SELECT is(pg_temp.as_login('t_operator', format('SELECT registry.sealed_value(%L, ''nid'', ''x'')', pg_temp.id_of('dwa', 'w1'))), 'P0002', 'nor has a sealed value from there');
SELECT is(pg_temp.as_login('t_auditor', 'SELECT record_id FROM registry.enrolment'), '42501', 'an auditor reads no enrolment');

-- Whatever holds people has row-level security, found by the names of columns; and each policy has a form that an index can serve.
CREATE TEMP VIEW holds_people AS
    SELECT DISTINCT c.oid::regclass AS held, c.relrowsecurity, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report', 'sweep')
      AND (a.attname ~ '^(enrolment_id|person_id|father_name|birth_date|household_key|record_id|row_mac|kept|row_id)$' OR a.attname ~ '_(sealed|token)$'
           OR a.attname = 'sealed' AND n.nspname NOT IN ('etl', 'access') OR a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype));
SELECT is_empty('SELECT held FROM holds_people WHERE NOT relrowsecurity', 'every table that holds people has row-level security');
SELECT cmp_ok((SELECT count(*) FROM holds_people), '>=', 30::bigint, 'and they are found');
SELECT is_empty($$ SELECT held FROM holds_people h WHERE nspname = 'registry' AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = h.held) $$, 'each of the registry has a policy');
CREATE TABLE registry.forgotten (enrolment_id uuid);
SELECT isnt_empty('SELECT held FROM holds_people WHERE NOT relrowsecurity', 'a table that is forgotten would be found');
DROP TABLE registry.forgotten;
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v'
    AND n.nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report') AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false) $$,
    'every view shows what its reader may see');
SELECT is_empty($$ SELECT p.polname, p.polrelid::regclass FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'registry'::regnamespace
    AND pg_get_expr(p.polqual, p.polrelid) ~ 'access\.[a-z_]+\(\)' AND pg_get_expr(p.polqual, p.polrelid) !~* 'select access\.[a-z_]+\(\)' $$, 'no policy calls a function of the login for each row');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
    WHERE o.oprname IN ('=', '<', '>=') AND o.oprleft = 'text'::regtype AND o.oprright = 'text'::regtype AND NOT p.proleakproof $$, 'what people compare programme and place by is leakproof');

-- With many rows, by the index. Statistics are made by hand: the rows are not worth making.
CREATE FUNCTION pg_temp.plan_of(login name, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    told text := '';
BEGIN
    EXECUTE format('SET SESSION AUTHORIZATION %I', login);
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        told := told || line || E'\n';
    END LOOP;
    RESET SESSION AUTHORIZATION;
    RETURN told;
END $$;
SET LOCAL enable_seqscan = off;
SELECT matches(pg_temp.plan_of('t_social', 'SELECT count(*) FROM registry.enrolment'), 'enrolment_by_scope.*Index Cond: \(programme = ANY', 'by ministry: the index');
SELECT matches(pg_temp.plan_of('t_both', 'SELECT count(*) FROM registry.enrolment'), 'enrolment_by_scope.*Index Cond: [^\n]*programme = ANY [^\n]*geo >= [^\n]*geo < ', 'by ministry and place: both columns of it');
SELECT matches(pg_temp.plan_of('t_both', $$SELECT name_en FROM registry.enrolment WHERE id = '00000000-0000-0000-0000-000000000001'$$), 'enrolment_pkey', 'one''s own condition still finds its index');
SELECT matches(pg_temp.plan_of('t_both', $$SELECT name_en FROM registry.enrolment WHERE source = 'dss' AND record_id = 's1'$$), 'Index Cond: \(\(source = ''dss''::text\) AND \(record_id', 'also by source and record');
SELECT matches(pg_temp.plan_of('t_all', 'SELECT count(*) FROM registry.enrolment'), 'Filter: ekok.sees_all\(\)', 'everything: no look at the row');

SELECT * FROM finish();
ROLLBACK;
