-- Revert ekok:files from pg

BEGIN;

DROP TABLE etl.file;

COMMIT;
