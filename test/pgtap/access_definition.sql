-- access_definition.sql - the definition of a source is put in force by two persons.
BEGIN;
\ir helper/tap.psql
\ir helper/access.psql
SELECT plan(10);

SELECT pg_temp.let('d_maker', 'operator'), pg_temp.let('d_checker', 'operator'), pg_temp.let('d_analyst', 'analyst') \g /dev/null
CREATE FUNCTION pg_temp.call(login name, call text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.as_login(login, 'SELECT ' || call) $$;
CREATE TEMP TABLE written AS SELECT quote_literal(jsonb_build_object('source', jsonb_build_object('name', 'dss'), 'n', 1)::text) AS definition;

SELECT is(pg_temp.call('d_maker', format('etl.add_definition(%s)', definition)), '42501', 'a person puts none in force alone') FROM written;
SELECT is(pg_temp.call('d_analyst', format('etl.propose_definition(%s)', definition)), '42501', 'an analyst proposes none') FROM written;
SELECT is(pg_temp.call('d_maker', 'etl.propose_definition(''{}'')'), '22023', 'it names a source');
SELECT pg_temp.call('d_maker', format('etl.propose_definition(%s)', definition))::text AS proposed FROM written \gset
SELECT matches(:'proposed'::text, '^[0-9]+$', 'an operator proposes one');
SELECT is_empty($$ SELECT FROM etl.source_definition WHERE source = 'dss' $$, 'that changes nothing');
SELECT is(pg_temp.call('d_maker', format('etl.activate_definition(%s)', :'proposed')), '42501', 'nobody activates their own');
SELECT is(pg_temp.call('d_checker', format('etl.activate_definition(%s)', :'proposed')), '(dss,1,t)', 'another does');
SELECT is(pg_temp.call('d_checker', format('etl.activate_definition(%s)', :'proposed')), 'P0002', 'once');
SELECT results_eq($$ SELECT proposed_by, activated_by, version FROM etl.definition_proposal $$, $$ VALUES ('d_maker'::name, 'd_checker'::name, 1) $$, 'both stand there');
SELECT throws_ok($$ UPDATE etl.definition_proposal SET activated_by = proposed_by $$, '23514', NULL, 'no row says that one did both');

SELECT * FROM finish();
ROLLBACK;
