-- Revert ekok:enrolment from pg

BEGIN;

DROP TABLE registry.evidence, registry.enrolment, registry.household;
DROP TRIGGER gone ON registry.programme;
DROP TRIGGER gone_by_name ON registry.programme;
DROP TRIGGER gone ON etl.source;
DROP TRIGGER gone_by_name ON etl.source;
DROP FUNCTION registry.check_references();
DROP FUNCTION registry.check_gone();
DROP FUNCTION registry.refuse_new_identity();

COMMIT;
