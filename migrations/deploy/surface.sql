-- Deploy ekok:surface to pg
-- Promises the schema of the reports and, on revert, the end of everything that sql/apply.sql puts on the tables:
-- functions, views and grants live in sql/ and are applied again after every deploy.

BEGIN;

CREATE SCHEMA report AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA report IS 'What the registry tells: views and functions for analysts, operators and the command line.';

COMMIT;
