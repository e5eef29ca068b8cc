-- Verify ekok:erasure on pg

BEGIN;

SELECT salt, commitment FROM audit.entry WHERE false;
SELECT id, subject, basis, until, placed_by, placed_at, lifted_by, lifted_at FROM registry.legal_hold WHERE false;
SELECT programme, keep, basis, set_by, set_at FROM registry.retention WHERE false;
SELECT id, subject, basis, case_id, proposed_by, proposed_at, outcome, ended_by, ended_at, ended_in FROM registry.erasure WHERE false;
SELECT id, at, xact, subject, basis, case_id, proposed_by, erased_by, counts, entries FROM audit.erasure WHERE false;
SELECT 'audit.commit_images(bytea, json, json)'::regprocedure, 'audit.let_erasure()'::regprocedure, 'registry.let_erasure()'::regprocedure;
SELECT 1 / (count(*) = 2)::int FROM pg_trigger
WHERE tgrelid = 'audit.entry'::regclass AND tgfoid = 'audit.let_erasure()'::regprocedure AND tgenabled = 'A';

ROLLBACK;
