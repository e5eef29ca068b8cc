-- Verify ekok:person on pg

BEGIN;

SELECT id, made_at FROM registry.person WHERE false;
SELECT enrolment_id, person_id, basis FROM registry.membership WHERE false;
SELECT a, b, state, found_at FROM registry.match WHERE false; -- its other columns: see matching
SELECT rule, person_id, programmes, found_at FROM registry.rule_hit WHERE false;

ROLLBACK;
