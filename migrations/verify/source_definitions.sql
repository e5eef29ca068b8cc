-- Verify ekok:source_definitions on pg

BEGIN;

SELECT source, version, definition, sha256, added_by, added_at, state FROM etl.source_definition WHERE false;
SELECT kind FROM etl.run WHERE false;
SELECT resolved_run, resolution FROM etl.quarantine WHERE false;

ROLLBACK;
