-- apply.sql - puts functions, views, policies and grants on a migrated registry; may be repeated at any time.
-- Run by a superuser after sqitch deploy: psql -f sql/apply.sql. All or nothing: one transaction. Objects belong to
-- ekok_owner. A function whose OUT parameters change needs a migration that drops it first.
\set ON_ERROR_STOP on
\set QUIET on

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;

\ir registry/functions/keyring.sql
\ir registry/functions/audit.sql
\ir registry/functions/run.sql
\ir registry/functions/file.sql
\ir registry/functions/staging.sql
\ir registry/functions/evidence.sql
\ir registry/functions/merge.sql
\ir registry/functions/sweep.sql
\ir registry/functions/sweep_person.sql
\ir registry/functions/place_of.sql
\ir registry/views/beneficiary.sql
\ir reports/runs.sql
\ir reports/people.sql
\ir reports/cases.sql
\ir registry/policies/read.sql
\ir registry/grants/close.sql
\ir registry/grants/open.sql

COMMIT;
