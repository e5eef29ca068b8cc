-- Deploy ekok:second_factors to pg
-- Promises that no new secret of a second factor stands in access.factor in the clear: what is written there is sealed by the key
-- agent. Secrets from before stay until `ekok access seal` has them sealed; until then no code is right for them. The column
-- stays, empty, since the check of an earlier change reads it. What was readable once is marked, and reported until it is reset.

BEGIN;

ALTER EXTENSION ekok UPDATE;
GRANT EXECUTE ON FUNCTION ekok.agent_code(name, bytea, text, bigint) TO ekok_owner;
REVOKE EXECUTE ON FUNCTION ekok.hotp(bytea, bigint, int, text), ekok.code_equal(text, text) FROM ekok_owner;
SET LOCAL ROLE ekok_owner;

-- Those that gave a secret out by SQL, or looked at one; sql/ has what takes their place.
DROP FUNCTION IF EXISTS access.register(name, text, text, text), access.reset_login(name), access.install_login(name, text), access.begin_login(name);

ALTER TABLE access.factor ADD COLUMN sealed bytea, ADD COLUMN exposed boolean NOT NULL DEFAULT false;
UPDATE access.factor SET exposed = true;
ALTER TABLE access.factor ALTER COLUMN secret DROP NOT NULL,
    ADD CONSTRAINT factor_sealed_size CHECK (octet_length(sealed) = 65),
    ADD CONSTRAINT factor_secret_gone CHECK (secret IS NULL AND sealed IS NOT NULL) NOT VALID;
COMMENT ON TABLE access.factor IS 'Second factor of a login (RFC 6238: SHA-1, 6 digits, 30 seconds), sealed; only the key agent can look at a code. Written in transactions apart, so that no rollback undoes a try.';
COMMENT ON COLUMN access.factor.secret IS 'Null, but for a factor from before secrets were sealed, until ekok access seal: 20 bytes, in the clear.';
COMMENT ON COLUMN access.factor.sealed IS 'The shared secret, sealed by the key agent for this login: 65 bytes; null only beside a secret in the clear, and then no code is right.';
COMMENT ON COLUMN access.factor.exposed IS 'Whether the secret once stood here in the clear, so that backups and whoever was superuser then may have it: to be reset.';

COMMIT;
