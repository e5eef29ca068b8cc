-- Deploy ekok:keyring to pg
-- Promises to know which keys exist and whether a key is the right one. Never holds a byte of a key.

BEGIN;

CREATE SCHEMA keyring AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA keyring IS 'Which keys exist and in which state; never a key.';
SET LOCAL ROLE ekok_owner;

CREATE TABLE keyring.key (
    purpose text CONSTRAINT key_purpose_form CHECK (purpose ~ '^[a-z_]{1,32}$'),
    version int CONSTRAINT key_version_from_one CHECK (version >= 1),
    state text NOT NULL DEFAULT 'active'
        CONSTRAINT key_state_known CHECK (state IN ('pre-active', 'active', 'decrypt-only', 'retired', 'destroyed')),
    commitment bytea NOT NULL CONSTRAINT key_commitment_size CHECK (octet_length(commitment) = 32),
    registered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (purpose, version)
);
CREATE UNIQUE INDEX key_one_active ON keyring.key (purpose) WHERE state = 'active';
COMMENT ON TABLE keyring.key IS 'One version of one key. At most one version of a purpose is active.';
COMMENT ON COLUMN keyring.key.purpose IS 'What it is for: data, row, token_nid, token_brn, token_mobile, token_wallet, token_account.';
COMMENT ON COLUMN keyring.key.version IS 'Version, from 1.';
COMMENT ON COLUMN keyring.key.state IS 'pre-active, active, decrypt-only, retired, destroyed: a key only moves on.';
COMMENT ON COLUMN keyring.key.commitment IS 'HMAC-SHA-256 of a fixed text under the key, 32 bytes: tells the right key from a wrong one, tells nothing else.';
COMMENT ON COLUMN keyring.key.registered_at IS 'When it was first seen.';
COMMENT ON INDEX keyring.key_one_active IS 'At most one active version for each purpose.';

COMMIT;
