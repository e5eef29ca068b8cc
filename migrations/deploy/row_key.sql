-- Deploy ekok:row_key to pg
-- Promises that what was set aside is still found by the name that the key agent's trace has for it, after a rotation of the
-- key of content MACs has given it another one.

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

COMMIT;
