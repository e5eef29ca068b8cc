-- Revert ekok:second_factors from pg
-- A sealed secret cannot be had back in the clear here: its factor goes, and an officer gives another one.

BEGIN;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE ekok_owner;
DROP FUNCTION IF EXISTS access.register(name, text, text, text, bytea), access.reset_login(name, bytea), access.install_login(name, text, bytea),
    access.begin_login(name, bytea), access.install_factor(name, bytea), access.clear_factors(), access.seal_factor(name, bytea) CASCADE;
ALTER TABLE access.factor DROP CONSTRAINT factor_secret_gone;
DELETE FROM access.factor WHERE secret IS NULL;
ALTER TABLE access.factor ALTER COLUMN secret SET NOT NULL, DROP COLUMN sealed, DROP COLUMN exposed;
RESET ROLE;
GRANT EXECUTE ON FUNCTION ekok.hotp(bytea, bigint, int, text), ekok.code_equal(text, text) TO ekok_owner;
REVOKE EXECUTE ON FUNCTION ekok.agent_code(name, bytea, text, bigint) FROM ekok_owner;

COMMIT;
