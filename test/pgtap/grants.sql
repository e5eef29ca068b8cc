-- grants.sql - each duty may do its own and nothing else.
BEGIN;
\ir helper/tap.psql
\ir helper/page.psql
\ir helper/access.psql
SELECT plan(33);

CREATE ROLE test_etld LOGIN IN ROLE ekok_etl;
CREATE ROLE test_analyst LOGIN IN ROLE ekok_analyst;
CREATE ROLE test_operator LOGIN IN ROLE ekok_operator;
CREATE ROLE test_auditor LOGIN IN ROLE ekok_auditor;
CREATE ROLE test_nobody LOGIN;
CREATE TEMP VIEW ours AS SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report');
CREATE FUNCTION pg_temp.denied(statement text, told text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT throws_ok(statement, '42501', NULL, coalesce(told, statement)) $$;

SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                   WHERE has_function_privilege('test_nobody', p.oid, 'EXECUTE') $$, 'nobody else may call anything');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN ours o ON o.oid = c.relnamespace WHERE c.relkind IN ('r', 'v')
                   AND has_any_column_privilege('test_nobody', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') $$, 'nor read or write anything');
SELECT is_empty($$ SELECT c.oid::regclass, r FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
                   CROSS JOIN unnest(ARRAY['test_etld', 'test_analyst', 'test_operator', 'test_auditor']) r
                   WHERE c.relkind IN ('r', 'v') AND (has_any_column_privilege(r, c.oid, 'INSERT, UPDATE, REFERENCES')
                         OR has_table_privilege(r, c.oid, 'DELETE, TRUNCATE, TRIGGER')) $$, 'no duty writes a table itself');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace IN ('registry'::regnamespace, 'audit'::regnamespace,
                   'keyring'::regnamespace, 'access'::regnamespace) AND c.relkind IN ('r', 'v')
                   AND has_any_column_privilege('test_etld', c.oid, 'SELECT') $$, 'the daemon reads no table of registry, audit, keyring, access');
SELECT set_eq($$ SELECT p.oid::regprocedure::text FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                 WHERE has_function_privilege('test_etld', p.oid, 'EXECUTE') AND o.nspname <> 'report' $$,
              ARRAY['access.cells()', 'access.covers(text[],text,text)', 'access.sees_all()', 'access.sources()', 'access.list_held()', 'access.sweep()', 'keyring.check_key(text,integer,bytea)', 'etl.open_run(text,bytea,text,jsonb)', 'etl.open_runs(jsonb)', 'etl.wait_for_connection(bigint,integer,boolean)', 'etl.close_run(bigint,text,text,integer)',
                    'etl.hold_run(bigint,text,text[])', 'etl.pause_run(bigint,text,text)', 'etl.take_request(text,integer,integer,bigint)',
                    'etl.take_grant(text,integer)', 'etl.list_schedule()', 'etl.tick()',
                    'etl.renew_lease(bigint,integer)', 'etl.keep_seat(integer)', 'etl.ask_breaker(text,boolean)', 'etl.begin_anew(bigint)',
                    'etl.merge_page(bigint,integer,text,bytea,bigint,integer,bytea,bigint,text)',
                    'etl.merge_staged(bigint,integer,text,bytea,bigint,integer,bytea,bigint,text)',
                    'etl.recall_page(bigint,bytea,bytea)', 'etl.accept_pages(bigint,integer,text,bytea[],bigint[],bytea)',
                    'etl.keep_page(bigint,integer,text,bytea,bigint,bytea,text)', 'etl.take_file(bigint,bytea,bigint,text)',
                    'etl.end_file(bigint,bytea,text,text)', 'etl.open_replay(text,bytea,text,jsonb)',
                    'etl.list_superseded(text,uuid[],timestamp with time zone[])',
                    'etl.resolve_quarantined(bigint,bigint[],uuid[],bigint[])', 'etl.resolve_members(bigint,bigint[],uuid[],bigint[])',
                    'etl.merge_member_page(bigint,integer,text,bytea,bigint,integer)', 'etl.merge_staged_members(bigint,integer,text,bytea,bigint,integer)', 'registry.sweep()', 'registry.begin_sweep()', 'registry.step_sweep(bigint)',
                    'registry.sweep_steps()', 'registry.link_new(uuid[])', 'registry.link_pending(integer)', 'audit.record_reading(text,text,text,text)', 'audit.record_readings(text,text,text[],text)',
                    'etl.verification_left(text)', 'etl.plan_verification(text,integer)', 'etl.reserve_verification(text,integer)',
                    'etl.record_verdicts(bigint,jsonb)', 'etl.fail_verification(bigint,text,boolean)', 'etl.share_verdicts(text)',
                    'etl.reserve_grant(text)', 'etl.keep_token(bigint,bytea,integer)', 'etl.drop_token(bigint)',
                    'keyring.check_version(text,integer,text,bytea)', 'keyring.hold_rotation()', 'keyring.begin_rotation(text,integer)',
                    'keyring.next_part(bigint,integer)', 'keyring.note_part(bigint,text,bigint,bigint,bigint)', 'keyring.sealed_version(bytea)',
                    'keyring.take_enrolments(bigint,bigint,integer)', 'keyring.take_cells(text,bigint,bigint,integer)',
                    'keyring.put_rows(bigint,text,tid[],xid[],bytea[])',
                    'keyring.put_cell(bigint,text,tid,xid,bytea)', 'keyring.finish_rotation(bigint)', 'keyring.count_values(integer)',
                    'keyring.destroy_key(text,integer)', 'keyring.take_tokens(text,text,bigint,bigint)',
                    'keyring.take_members(bigint,bigint,integer)', 'keyring.turn_tokens(bigint,bytea[],bytea[])',
                    'keyring.activate_tokens(bigint)', 'keyring.go_through_again(bigint)', 'keyring.finish_tokens(bigint,bigint)',
                    'keyring.take_contents(text,bigint,bigint)', 'keyring.take_records(bigint,bigint)', 'keyring.put_macs(bigint,text,tid[],xid[],bytea[])',
                    'keyring.put_record(bigint,tid,xid,bytea,bytea)', 'keyring.note_unmade(bigint,text,uuid[],bytea[])', 'keyring.activate_macs(bigint)',
                    'keyring.finish_macs(bigint,bigint)', 'etl.stage_macs(bigint,integer[],bytea,bytea)', 'etl.lend_staging()', 'etl.map_macs(bigint,integer[],bytea,bytea)'],
              'what the daemon may call');
SELECT set_eq($$ SELECT p.oid::regprocedure::text FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                 WHERE has_function_privilege('test_operator', p.oid, 'EXECUTE') AND o.nspname <> 'report' $$,
              ARRAY['registry.sweep()', 'registry.begin_sweep()', 'registry.step_sweep(bigint)', 'registry.sweep_steps()', 'registry.link_new(uuid[])',
                    'registry.link_pending(integer)', 'registry.decide(uuid,uuid,text,text)', 'registry.withdraw(uuid,uuid,text)',
                    'registry.undo(bigint,text)', 'registry.estimate_weights(integer)', 'registry.activate_weights(integer)',
                    'registry.rebuild_blocking()', 'registry.list_queue()', 'registry.explain_match(uuid,uuid,text)',
                    'registry.find_person(ekok.person,integer)', 'audit.record_reading(text,text,text,text)', 'audit.record_readings(text,text,text[],text)', 'registry.place_of(ekok.nid)',
                    'registry.place_of(ekok.brn)', 'registry.place_of(ekok.geocode)', 'registry.place_at(text,text,text,text,text)',
                    'registry.propose_rule(text,jsonb,text)', 'registry.preview_rule(text)', 'registry.activate_rule(text,bigint)',
                    'registry.retire_rule(text)', 'registry.grant_exception(text,uuid,uuid,text,timestamp with time zone)',
                    'registry.revoke_exception(bigint)', 'registry.release_hold(uuid,text,text)', 'registry.check_enrolment(jsonb,text)', 'etl.release_run(bigint,text)',
                    'etl.propose_definition(jsonb)', 'etl.activate_definition(bigint)', 'etl.add_definition(jsonb)', 'etl.retire_source(text)',
                    'registry.verification_needed(text)', 'registry.announce_payment(text,date)', 'registry.payment_check(uuid[])',
                    'registry.payment_check(text)', 'registry.reopen_verification(text)',
                    'registry.change_verification(text,integer,integer,text)', 'registry.preview_verification(text,integer)', 'keyring.count_values(integer)', 'keyring.list_left()', 'keyring.propose_settlement(text)', 'keyring.approve_settlement(bigint)',
                    'keyring.end_settlement(bigint)', 'registry.sealed_value(uuid,text,text)',
                    'registry.propose_erasure(uuid,text,text)', 'registry.preview_erasure(uuid)', 'registry.erasure_obstacles(uuid)',
                    'registry.end_erasure(bigint)', 'registry.erase_subject(bigint)', 'registry.place_legal_hold(uuid,text,date)',
                    'registry.lift_legal_hold(bigint,text)', 'registry.set_retention(text,interval,text)', 'registry.approve_keeping(bigint)',
                    'registry.end_keeping(bigint)'],
              'what an operator may call');
SELECT is_empty($$ SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'registry.enrolment'::regclass AND a.attname ~ '(_sealed|_token|_mac)$'
                   AND has_column_privilege('test_analyst', a.attrelid, a.attnum, 'SELECT') $$, 'an analyst reads no sealed value, token or MAC');
SELECT ok(NOT has_table_privilege('test_analyst', 'registry.evidence', 'SELECT'), 'nor evidence');
SELECT ok(NOT has_schema_privilege('test_analyst', 'audit', 'USAGE'), 'nor the audit');
SELECT ok(NOT has_schema_privilege('test_operator', 'access', 'USAGE'), 'an operator does not see requests for access');
SELECT ok(NOT has_database_privilege(r, current_database(), 'CREATE, TEMPORARY'), r || ' makes no tables')
FROM unnest(ARRAY['test_analyst', 'test_operator', 'test_auditor', 'test_nobody']) r;

-- As the daemon.
DROP TABLE stage, stage_bad;
SET SESSION AUTHORIZATION test_etld;
CREATE TEMP TABLE stage (LIKE etl.stage_shape) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE stage_bad (LIKE etl.stage_bad_shape) ON COMMIT DELETE ROWS;
SELECT pg_temp.open('dss') AS run \gset
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a"}');
SELECT is(pg_temp.merge(:run), '1 0 0 0 0', 'the daemon merges a page');
SELECT pg_temp.give('dss', '1', 'OAA', '{"nid": "a"}');
SELECT is(pg_temp.merge(:run), '0 0 1 0 0', 'and another');
SELECT lives_ok('SELECT registry.sweep()', 'sweeps');
SELECT lives_ok('SELECT * FROM report.last_runs, report.people_by_evidence, report.above_limit, report.programmes_overlap', 'reads the reports');
SELECT isnt_empty($$ SELECT FROM report.last_runs WHERE inserted = 1 $$, 'with what is in them');
SELECT lives_ok('SELECT * FROM report.striking_cases(3)', 'reads striking cases');
SELECT pg_temp.denied(s) FROM unnest(ARRAY['SELECT FROM registry.enrolment', 'INSERT INTO registry.person VALUES (gen_random_uuid())',
    'UPDATE registry.enrolment SET status = NULL', 'DELETE FROM registry.evidence', 'SELECT FROM audit.entry',
    'INSERT INTO audit.entry (table_name, op, new) VALUES (''x'', ''INSERT'', ''{}'')', 'UPDATE etl.run SET fetched = 1',
    'SELECT FROM keyring.key', 'CREATE TABLE etl.mine (x int)', 'SET ROLE ekok_owner']) s;
SELECT pg_temp.denied($$ CREATE TRIGGER t AFTER INSERT ON stage REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
                         EXECUTE FUNCTION audit.record_change('x') $$, 'the daemon cannot forge audit entries by a trigger of its own');
RESET SESSION AUTHORIZATION;

-- As an analyst, with a scope and without.
SELECT is(pg_temp.as_login('test_analyst', 'SELECT name_en FROM registry.enrolment'), '', 'an analyst without a scope sees nobody');
SELECT pg_temp.let('test_analyst', 'analyst') \g /dev/null
SET SESSION AUTHORIZATION test_analyst;
SELECT isnt_empty('SELECT name_en FROM registry.enrolment', 'an analyst reads names');

SELECT * FROM finish();
ROLLBACK;
