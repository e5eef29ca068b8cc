-- Verify ekok:run_faults on pg

BEGIN;

SELECT name, fence, held, holder, taken_at, expires_at FROM etl.lease WHERE false;
SELECT source, state, failures, pause_seconds, retry_at, problem, changed_at FROM etl.breaker WHERE false;
SELECT source, number, state, first_run, last_run, known, listed, vanished, unnamed, ended_at FROM etl.generation WHERE false;
SELECT source, generation, run_id, page, ids, unnamed, broken FROM etl.listed WHERE false;
SELECT run_id, released_by, released_at, reason, vanished FROM etl.release WHERE false;
SELECT fence, terms, generation, vanished FROM etl.run WHERE false;

ROLLBACK;
