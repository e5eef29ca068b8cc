-- Deploy ekok:signing_keys to pg
-- Promises to know every key that ever signed the trace by its public half, which follows which and since what size of the
-- tree, every change of it in the trace. Never holds a private half, and decides nothing: verifiers go by signatures.

BEGIN;

SET LOCAL ROLE ekok_owner;

COMMENT ON COLUMN keyring.key.purpose IS 'What it is for: data, row, token_nid, token_brn, token_mobile, token_wallet, token_account; audit: signs checkpoints of the trace.';
COMMENT ON COLUMN keyring.key.commitment IS 'HMAC-SHA-256 of a fixed text under the key, 32 bytes: tells the right key from a wrong one, tells nothing else. Of purpose audit: SHA-256 of name, line feed, 0x01 and the public key, which begins with the fingerprint.';

CREATE TABLE keyring.signer (
    version int PRIMARY KEY,
    purpose text NOT NULL DEFAULT 'audit' CONSTRAINT signer_signs_audit CHECK (purpose = 'audit'),
    fingerprint text NOT NULL UNIQUE CONSTRAINT signer_fingerprint_form CHECK (fingerprint ~ '^[0-9a-f]{8}$'),
    public_key text NOT NULL UNIQUE CONSTRAINT signer_public_key_form CHECK (public_key ~ '^[^\s+]{1,100}[+][0-9a-f]{8}[+][A-Za-z0-9+/]{44}$'),
    follows text UNIQUE REFERENCES keyring.signer (fingerprint),
    handover text CONSTRAINT signer_handover_size CHECK (octet_length(handover) BETWEEN 1 AND 1023),
    first_size bigint CONSTRAINT signer_first_size_positive CHECK (first_size > 0),
    trusted_size bigint CONSTRAINT signer_trusted_size_not_negative CHECK (trusted_size >= 0),
    revocation text CONSTRAINT signer_revocation_size CHECK (octet_length(revocation) BETWEEN 1 AND 1023),
    FOREIGN KEY (purpose, version) REFERENCES keyring.key,
    CONSTRAINT signer_handover_names_both CHECK ((follows IS NULL) = (handover IS NULL)),
    CONSTRAINT signer_revocation_names_size CHECK ((trusted_size IS NULL) = (revocation IS NULL))
);
COMMENT ON TABLE keyring.signer IS 'Public halves of the keys that sign the trace. What counts is what its texts are signed with: ekok verify-audit believes no row.';
COMMENT ON COLUMN keyring.signer.version IS 'Version of the key, as keyring.key.version.';
COMMENT ON COLUMN keyring.signer.purpose IS 'audit.';
COMMENT ON COLUMN keyring.signer.fingerprint IS 'Eight hexadecimal digits that name the key in its public half and in checkpoints (C2SP signed-note).';
COMMENT ON COLUMN keyring.signer.public_key IS 'NAME+FINGERPRINT+KEY, as auditors have it.';
COMMENT ON COLUMN keyring.signer.follows IS 'Fingerprint of the key that it follows; null: the first one, or not active yet.';
COMMENT ON COLUMN keyring.signer.handover IS 'The change as a text signed by both keys, by the new one alone where the old one was lost.';
COMMENT ON COLUMN keyring.signer.first_size IS 'Entries under the first checkpoint that it signed; null: the first key, or none yet.';
COMMENT ON COLUMN keyring.signer.trusted_size IS 'Of a destroyed key: its checkpoints count up to this size of the tree. Null: all of its time.';
COMMENT ON COLUMN keyring.signer.revocation IS 'That limit as a text signed by a key that follows.';

-- No rotation of values, and no proof by counting them, is a rotation of this key.
ALTER TABLE keyring.rotation ADD CONSTRAINT rotation_not_of_audit CHECK (purpose <> 'audit');

SELECT audit.attach('keyring.signer');

COMMIT;
