-- Verify ekok:rules on pg

BEGIN;

SELECT counted, evidence, programmes, not_with, state, replaces, proposed_by, proposed_at, activated_by, activated_at
FROM registry.rule WHERE false;
SELECT id, rule, enrolment_id, person_id, reason, granted_by, granted_at, expires_at, revoked_by, revoked_at
FROM registry.rule_exception WHERE false;
SELECT enrolment_id, rule, since, counted, released_at, released_by, released_reason FROM registry.hold WHERE false;
SELECT 1 / (count(*) = 1)::int FROM registry.rule_epoch;
SELECT 1 / (count(*) = 4)::int FROM pg_trigger
WHERE tgname IN ('zz_holds_to_rules', 'zz_holds_still', 'rule_changed') AND tgenabled = 'A';

ROLLBACK;
