-- Revert ekok:source from pg

BEGIN;

DROP TABLE etl.contract, etl.source_programme, etl.source;
DROP SCHEMA etl;

COMMIT;
