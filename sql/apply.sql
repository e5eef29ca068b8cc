-- apply.sql - puts functions, views, policies and grants on a migrated registry; may be repeated at any time.
-- Run by a superuser after sqitch deploy: psql -f sql/apply.sql. All or nothing: one transaction. Objects belong to
-- ekok_owner. A function whose OUT parameters change needs a migration that drops it first.
\set ON_ERROR_STOP on
\set QUIET on

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;

\ir registry/functions/access_factor.sql
\ir registry/functions/access_scope.sql
\ir registry/functions/access_password.sql
\ir registry/functions/access_grant.sql
\ir registry/functions/access_glass.sql
\ir registry/functions/access_sweep.sql
\ir registry/views/access.sql
\ir registry/functions/keyring.sql
\ir registry/functions/rotate.sql
\ir registry/functions/rotate_rows.sql
\ir registry/functions/rotate_left.sql
\ir registry/functions/signing.sql
\ir registry/functions/audit.sql
\ir registry/functions/audit_compare.sql
\ir registry/functions/drill.sql
\ir registry/functions/source.sql
\ir registry/functions/lease.sql
\ir registry/functions/breaker.sql
\ir registry/functions/generation.sql
\ir registry/functions/run.sql
\ir registry/functions/run_starts.sql
\ir registry/functions/page_content.sql
\ir registry/functions/file.sql
\ir registry/functions/staging.sql
\ir registry/functions/evidence.sql
\ir registry/functions/merge.sql
\ir registry/functions/household_merge.sql
\ir registry/functions/replay.sql
\ir registry/functions/rule_merge.sql
\ir registry/functions/person_match.sql
\ir registry/functions/person_blocking.sql
\ir registry/functions/person_cluster.sql
\ir registry/functions/person_doubt.sql
\ir registry/functions/person_settle.sql
\ir registry/functions/person_decide.sql
\ir registry/functions/person_queue.sql
\ir registry/functions/sweep_pairs.sql
\ir registry/functions/sweep_steps.sql
\ir registry/functions/sweep_labels.sql
\ir registry/functions/sweep_books.sql
\ir registry/functions/sweep.sql
\ir registry/functions/link.sql
\ir registry/functions/find_person.sql
\ir registry/functions/weights.sql
\ir registry/functions/rule_judge.sql
\ir registry/functions/rule_enforce.sql
\ir registry/functions/rule_sweep.sql
\ir registry/functions/rule_govern.sql
\ir registry/functions/rule_check.sql
\ir registry/functions/place_of.sql
\ir registry/views/definition.sql
\ir registry/functions/limit.sql
\ir registry/functions/verification_need.sql
\ir registry/functions/verification_news.sql
\ir registry/functions/verification_due.sql
\ir registry/functions/verification_ask.sql
\ir registry/functions/verification_record.sql
\ir registry/functions/rotate_tokens.sql
\ir registry/functions/payment_check.sql
\ir registry/views/verification_queue.sql
\ir registry/views/beneficiary.sql
\ir registry/views/payable.sql
\ir registry/functions/find.sql
\ir registry/functions/keep.sql
\ir registry/functions/erase_trace.sql
\ir registry/functions/erase.sql
\ir reports/runs.sql
\ir reports/ingestion.sql
\ir reports/continuity.sql
\ir reports/people.sql
\ir reports/cases.sql
\ir reports/rules.sql
\ir reports/sweeps.sql
\ir reports/verification.sql
\ir reports/verification_waiting.sql
\ir reports/pmt.sql
\ir registry/policies/read.sql
\ir registry/grants/close.sql
\ir registry/grants/open.sql
\ir registry/grants/drill.sql

COMMIT;
