-- Revert ekok:run from pg

BEGIN;

DROP TYPE etl.stage_shape, etl.stage_bad_shape;
DROP TABLE etl.quarantine, etl.cursor, etl.page, etl.run;

COMMIT;
