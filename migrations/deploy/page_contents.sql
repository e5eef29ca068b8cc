-- Deploy ekok:page_contents to pg
-- Promises that a page whose bytes were read before, in the same way, can be taken by what it came to then, without being
-- read anew. Rows are written by sql/registry/functions/page_content.sql; docs/adr/0016 says why that is safe.

BEGIN;

SET LOCAL ROLE ekok_owner;

-- Their arguments change; sql/apply.sql makes them anew.
DROP FUNCTION IF EXISTS etl.merge_page(bigint, int, text, bytea, bigint, int), etl.merge_staged(bigint, int, text, bytea, bigint, int);

CREATE TABLE etl.page_content (
    source text REFERENCES etl.source,
    sha256 bytea CONSTRAINT page_content_sha256_size CHECK (octet_length(sha256) = 32),
    reading bytea NOT NULL CONSTRAINT page_content_reading_size CHECK (octet_length(reading) = 32),
    permitted text[] NOT NULL,
    run_id bigint NOT NULL REFERENCES etl.run,
    page int NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    ids uuid[] NOT NULL,
    macs bytea NOT NULL,
    refused uuid[] NOT NULL,
    set_aside bigint[] NOT NULL,
    named text[] NOT NULL,
    quarantined int NOT NULL CONSTRAINT page_content_quarantined_not_negative CHECK (quarantined >= 0),
    total bigint,
    next text,
    PRIMARY KEY (source, sha256),
    CONSTRAINT page_content_mac_each CHECK (octet_length(macs) = 16 * cardinality(ids)),
    CONSTRAINT page_content_set_aside_counted CHECK (cardinality(named) <= quarantined
        AND cardinality(set_aside) <= quarantined + cardinality(refused))
);
ALTER TABLE etl.page_content ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN macs SET STORAGE EXTERNAL;
COMMENT ON TABLE etl.page_content IS 'What a page of a whole listing came to when it was last read: 32 bytes a record. Forgotten when a listing ends that did not hold the page.';
COMMENT ON COLUMN etl.page_content.source IS 'The system.';
COMMENT ON COLUMN etl.page_content.sha256 IS 'SHA-256 of the page''s bytes, 32 bytes.';
COMMENT ON COLUMN etl.page_content.reading IS 'SHA-256 of all that its reading depends on beside its bytes: definition, programs, keys; 32 bytes, made by the daemon.';
COMMENT ON COLUMN etl.page_content.permitted IS 'The programmes that the source might report, in rising order.';
COMMENT ON COLUMN etl.page_content.run_id IS 'The run that read it last (etl.run).';
COMMENT ON COLUMN etl.page_content.page IS 'Its number in that run.';
COMMENT ON COLUMN etl.page_content.read_at IS 'When it was read last: it is read anew 7 to 14 days later.';
COMMENT ON COLUMN etl.page_content.ids IS 'The enrolments of its good records, in rising order.';
COMMENT ON COLUMN etl.page_content.macs IS 'The row_mac of each of them, 16 bytes, in the same order.';
COMMENT ON COLUMN etl.page_content.refused IS 'Ids, as enrolments, of its records of programmes that the source may not report.';
COMMENT ON COLUMN etl.page_content.set_aside IS 'Where its other records stand in etl.quarantine, each once.';
COMMENT ON COLUMN etl.page_content.named IS 'Record ids of those that were quarantined with one that could be read.';
COMMENT ON COLUMN etl.page_content.quarantined IS 'How many records were quarantined; one that the page holds twice counts twice.';
COMMENT ON COLUMN etl.page_content.total IS 'Records of the whole listing as the page announces them; null when it does not.';
COMMENT ON COLUMN etl.page_content.next IS 'What the page says of its successor, null when nothing.';

ALTER TABLE etl.page ADD COLUMN known boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN etl.page.known IS 'Whether it was taken by what its bytes came to before (etl.page_content), without being read anew.';

DROP FUNCTION IF EXISTS etl.write_records(text, bigint, int, text[]), etl.write_others(text, bigint, text[], uuid[]);

COMMIT;
