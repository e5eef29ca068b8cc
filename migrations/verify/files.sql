-- Verify ekok:files on pg

BEGIN;

SELECT source, sha256, bytes, name, state, problem, first_run, last_run, taken_at, ended_at FROM etl.file WHERE false;

ROLLBACK;
