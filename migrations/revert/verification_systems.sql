-- Revert ekok:verification_systems from pg

BEGIN;

SET LOCAL client_min_messages = warning;

DROP TABLE etl.verification_request, etl.verification_batch, etl.verification_spent, etl.verification_grant CASCADE;
ALTER TABLE registry.verification DROP COLUMN answer CASCADE, DROP COLUMN reason CASCADE, DROP COLUMN basis CASCADE,
    DROP COLUMN risk CASCADE;
DROP TABLE registry.payment_list, registry.verification_policy, registry.verification_answer, registry.verification_system CASCADE;

COMMIT;
