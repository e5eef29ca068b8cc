-- Revert ekok:passwords from pg
-- Logins keep the passwords that they have.

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;
DROP INDEX audit.reading_by_row, audit.reading_by_actor;
DROP TABLE audit.export, access.password, access.factor CASCADE;
ALTER TABLE access.account DROP COLUMN first_until CASCADE, DROP COLUMN password_at CASCADE;

COMMIT;
