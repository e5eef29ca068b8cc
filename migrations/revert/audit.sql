-- Revert ekok:audit from pg
-- Takes the whole trace away: only for a registry that is being taken down.

BEGIN;

DROP TABLE audit.entry, audit.checkpoint, audit.reading;
DROP FUNCTION audit.attach(regclass);
DROP FUNCTION audit.record_change();
DROP FUNCTION audit.refuse_change();
DROP SCHEMA audit;

COMMIT;
