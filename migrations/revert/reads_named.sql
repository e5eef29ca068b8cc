-- Revert ekok:reads_named from pg

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;
DROP TABLE audit.named CASCADE;

COMMIT;
