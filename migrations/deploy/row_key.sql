-- Deploy ekok:row_key to pg
-- Promises that what was set aside is still found by the name that the key agent's trace has for it, after a rotation of the
-- key of content MACs has given it another one; and that rows which such a rotation cannot turn are counted until a pull has.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE etl.former_mac (
    quarantine_id bigint NOT NULL REFERENCES etl.quarantine ON DELETE CASCADE,
    row_mac bytea NOT NULL CONSTRAINT former_mac_size CHECK (octet_length(row_mac) = 16),
    until timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (quarantine_id, until)
);
CREATE INDEX former_mac_by_mac ON etl.former_mac (row_mac);
COMMENT ON TABLE etl.former_mac IS 'MACs by which quarantined records were known before a rotation of the key of content MACs: the key agent''s trace names what it opened by them.';
COMMENT ON COLUMN etl.former_mac.quarantine_id IS 'The record in etl.quarantine.';
COMMENT ON COLUMN etl.former_mac.row_mac IS 'Its row_mac until then, 16 bytes.';
COMMENT ON COLUMN etl.former_mac.until IS 'When it got its next one.';
COMMENT ON INDEX etl.former_mac_by_mac IS 'For the readings of what the key agent''s trace names by a former MAC.';

CREATE TABLE keyring.unmade_mac (
    rotation_id bigint REFERENCES keyring.rotation,
    table_name text,
    row_id uuid,
    row_mac bytea NOT NULL CONSTRAINT unmade_mac_size CHECK (octet_length(row_mac) = 16),
    PRIMARY KEY (rotation_id, table_name, row_id)
);
COMMENT ON TABLE keyring.unmade_mac IS 'Rows whose content MAC a rotation could not make anew of what stands: they stay on an older version until their source is pulled. Forgotten when the rotation ends.';
COMMENT ON COLUMN keyring.unmade_mac.rotation_id IS 'The rotation.';
COMMENT ON COLUMN keyring.unmade_mac.table_name IS 'Schema and table.';
COMMENT ON COLUMN keyring.unmade_mac.row_id IS 'The row.';
COMMENT ON COLUMN keyring.unmade_mac.row_mac IS 'Its MAC when the rotation met it first: once it is another, the new version of the key made it.';

COMMIT;
