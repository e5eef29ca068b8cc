-- Revert ekok:erasure from pg
-- The trace keeps salts and commitments, which leaves that were sealed with them need, and entries whose images are gone.

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;
DROP TABLE audit.erasure, registry.erasure, registry.retention, registry.legal_hold CASCADE;
DROP TRIGGER erased_only ON audit.entry;
DROP TRIGGER insert_only ON audit.entry;
SELECT audit.guard('audit.entry');
SELECT audit.guard('registry.person_event');
DROP FUNCTION audit.let_erasure();
DROP FUNCTION registry.let_erasure();

COMMIT;
