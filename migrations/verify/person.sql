-- Verify ekok:person on pg

BEGIN;

SELECT id, made_at FROM registry.person WHERE false;
SELECT enrolment_id, person_id, basis FROM registry.membership WHERE false;
SELECT a, b, kind, state, found_at, decision, decided_by, decided_at FROM registry.match WHERE false;
SELECT rule, person_id, programmes, found_at FROM registry.rule_hit WHERE false;

ROLLBACK;
