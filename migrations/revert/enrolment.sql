-- Revert ekok:enrolment from pg

BEGIN;

DROP TABLE registry.evidence, registry.enrolment, registry.household;

COMMIT;
