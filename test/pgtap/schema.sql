-- schema.sql - what must be there, who owns it, and how functions that run as the owner are fenced.
BEGIN;
\ir helper/tap.psql
SELECT plan(23);

SELECT has_extension('ekok', 'ekok', 'the extension stands in schema ekok');
SELECT schemas_are(ARRAY(SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
                         AND nspname NOT IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report'))
                   || ARRAY['registry', 'etl', 'audit', 'keyring', 'access', 'report']::name[], 'all schemas stand');
SELECT tables_are('registry', ARRAY['ministry', 'geo', 'programme', 'household', 'household_member', 'pmt_cutoff', 'person', 'membership', 'enrolment',
                                    'evidence', 'match', 'rule', 'rule_hit', 'rule_exception', 'rule_epoch', 'hold', 'verification', 'evidence_kind', 'blocking', 'pending',
                                    'weights', 'decision', 'person_event', 'sweep_run', 'sweep_count',
                                    'verification_system', 'verification_answer', 'verification_policy', 'payment_list',
                                    'erasure', 'legal_hold', 'retention', 'keeping_proposal']);
SELECT tables_are('etl', ARRAY['source', 'source_programme', 'contract', 'run', 'page', 'cursor', 'quarantine', 'former_mac', 'file', 'source_definition',
                               'breaker', 'generation', 'lease', 'listed', 'page_content', 'release', 'verification_batch',
                               'verification_request', 'verification_spent', 'verification_grant', 'verification_news', 'verification_arrival',
                               'verification_position', 'verification_due', 'definition_proposal', 'allowance']);
SELECT set_eq($$ SELECT relname FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition $$,
              ARRAY['entry', 'checkpoint', 'reading', 'tile', 'edge', 'drill', 'drill_census', 'drill_result', 'export', 'erasure', 'named'], 'schema audit has its tables, beside the months of the trace');
SELECT tables_are('keyring', ARRAY['key', 'progress', 'rotation', 'settlement', 'signer', 'turned', 'unmade_mac']);
SELECT tables_are('access', ARRAY['grant_request', 'approval', 'session', 'duty', 'account', 'scope', 'review', 'attestation', 'glass', 'login', 'factor', 'password']);
SELECT views_are('report', ARRAY['last_runs', 'programmes_overlap', 'people_by_evidence', 'above_limit', 'rule_hits', 'holds', 'refusals',
                                  'sweeps', 'sweep_programme', 'sweep_ministry', 'sweep_upazila', 'waiting', 'verification', 'verification_waiting', 'verdicts', 'ingestion', 'drills', 'continuity', 'pmt']);

SELECT has_function('keyring', 'check_key', ARRAY['text', 'integer', 'bytea']);
SELECT has_function('etl', 'open_run', ARRAY['text', 'bytea', 'text', 'jsonb']);
SELECT has_function('etl', 'merge_page', ARRAY['bigint', 'integer', 'text', 'bytea', 'bigint', 'integer', 'bytea', 'bigint', 'text']);
SELECT has_function('etl', 'keep_page', ARRAY['bigint', 'integer', 'text', 'bytea', 'bigint', 'bytea', 'text']);
SELECT has_function('etl', 'close_run', ARRAY['bigint', 'text', 'text', 'integer']);
SELECT has_function('audit', 'record_reading', ARRAY['text', 'text', 'text', 'text']);
SELECT has_function('registry', 'sweep', ARRAY[]::text[]);
SELECT has_index('registry', 'evidence', 'evidence_key_idx', 'key', 'the double-dipping index leads with the key');
SELECT index_is_type('registry', 'evidence', 'evidence_key_idx', 'btree');

CREATE TEMP VIEW ours AS SELECT oid, nspname FROM pg_namespace
    WHERE nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
                   WHERE pg_get_userbyid(c.relowner) <> 'ekok_owner' $$, 'ekok_owner owns every table, view and index');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                   WHERE pg_get_userbyid(p.proowner) <> 'ekok_owner' $$, 'ekok_owner owns every function');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                   WHERE p.prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false) $$,
                'a function that runs as the owner fixes its search path');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
                   JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
                   WHERE NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false) $$,
                'so does every function in PL/pgSQL');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
                   WHERE c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false) $$,
                'a view shows what its reader may see');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c
                   WHERE c.relnamespace = 'registry'::regnamespace AND c.relkind = 'r' AND NOT c.relrowsecurity
                     AND c.relname NOT IN ('ministry', 'geo', 'programme', 'rule', 'evidence_kind', 'weights', 'sweep_run', 'sweep_count',
                                           'verification_system', 'verification_answer', 'verification_policy', 'payment_list', 'pmt_cutoff', 'retention') $$,
                'row security is on wherever there are people');

SELECT * FROM finish();
ROLLBACK;
