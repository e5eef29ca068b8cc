-- Deploy ekok:run_starts to pg
-- Promises that a run which waits for a connection to its source, because others have all that the daemon may have, says so.
-- Written by etl.wait_for_connection only.

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE etl.run ADD COLUMN waits_since timestamptz;
COMMENT ON COLUMN etl.run.waits_since IS 'Of a running run: since when it waits for a connection to its source, of which the daemon has no more to give; null: it has one, or has not waited long. Of an ended run it means nothing.';

COMMIT;
