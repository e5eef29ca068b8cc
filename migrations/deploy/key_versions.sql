-- Deploy ekok:key_versions to pg
-- Promises that every change of a key's state, the beginning and the end of every rotation with its receipt stand in the
-- trace; that one rotation runs at a time; that a rotation goes on where it was, whenever it was killed. Never holds a
-- byte of a key.

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE audit.entry DROP CONSTRAINT entry_op_known, DROP CONSTRAINT entry_images_fit_op;
ALTER TABLE audit.entry
    ADD CONSTRAINT entry_op_known CHECK (op IN ('INSERT', 'UPDATE', 'DELETE', 'REKEY')),
    ADD CONSTRAINT entry_images_fit_op CHECK ((op NOT IN ('INSERT', 'REKEY') OR old IS NULL AND new IS NOT NULL)
                                          AND (op <> 'DELETE' OR new IS NULL AND old IS NOT NULL));
COMMENT ON COLUMN audit.entry.op IS 'INSERT, UPDATE, DELETE of one row; REKEY: a key rotation wrote sealed cells, tokens or MACs of many rows anew, and nothing else.';
COMMENT ON COLUMN audit.entry.new IS 'The row after, without columns that are null; null for DELETE. For REKEY {"rows": n, "digests": {row_id: digest}}: what the key-made columns of each row are now, as audit.key_made_digest makes it.';

ALTER TABLE keyring.key ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN keyring.key.changed_at IS 'When its state was last changed.';

CREATE TABLE keyring.rotation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose text NOT NULL,
    to_version int NOT NULL,
    state text NOT NULL DEFAULT 'running'
        CONSTRAINT rotation_state_known CHECK (state IN ('running', 'finished')),
    started_at timestamptz NOT NULL DEFAULT now(),
    started_by name NOT NULL DEFAULT session_user,
    finished_at timestamptz,
    receipt jsonb,
    FOREIGN KEY (purpose, to_version) REFERENCES keyring.key,
    CONSTRAINT rotation_finished_with_receipt CHECK ((state = 'finished') = (finished_at IS NOT NULL) AND (state = 'finished') = (receipt IS NOT NULL))
);
CREATE UNIQUE INDEX rotation_one_running ON keyring.rotation ((true)) WHERE state = 'running';
COMMENT ON TABLE keyring.rotation IS 'Rotations of keys, with the receipt of each: what the proof found. Every change is in the trace.';
COMMENT ON COLUMN keyring.rotation.id IS 'Running number; the purpose of its audit entries names it.';
COMMENT ON COLUMN keyring.rotation.purpose IS 'Which key, as keyring.key.purpose.';
COMMENT ON COLUMN keyring.rotation.to_version IS 'The version that everything is to be on.';
COMMENT ON COLUMN keyring.rotation.state IS 'running or finished.';
COMMENT ON COLUMN keyring.rotation.started_at IS 'When it began.';
COMMENT ON COLUMN keyring.rotation.started_by IS 'The role that logged in and began it.';
COMMENT ON COLUMN keyring.rotation.finished_at IS 'When its proof held.';
COMMENT ON COLUMN keyring.rotation.receipt IS 'The proof: values on each version by table, retired versions with their commitments, what was written.';
COMMENT ON INDEX keyring.rotation_one_running IS 'One rotation at a time.';

CREATE TABLE keyring.progress (
    rotation_id bigint REFERENCES keyring.rotation,
    table_name text,
    pass int NOT NULL DEFAULT 1 CONSTRAINT progress_pass_from_one CHECK (pass >= 1),
    next_block bigint NOT NULL DEFAULT 0 CONSTRAINT progress_next_block_not_negative CHECK (next_block >= 0),
    blocks bigint NOT NULL DEFAULT 0 CONSTRAINT progress_blocks_not_negative CHECK (blocks >= 0),
    values_done bigint NOT NULL DEFAULT 0 CONSTRAINT progress_values_not_negative CHECK (values_done >= 0),
    passed_over bigint NOT NULL DEFAULT 0 CONSTRAINT progress_passed_over_not_negative CHECK (passed_over >= 0),
    done boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rotation_id, table_name)
);
COMMENT ON TABLE keyring.progress IS 'How far a rotation is in each table; written in the transaction of each batch, so that a killed rotation goes on there.';
COMMENT ON COLUMN keyring.progress.rotation_id IS 'The rotation.';
COMMENT ON COLUMN keyring.progress.table_name IS 'Schema and table.';
COMMENT ON COLUMN keyring.progress.pass IS 'How often the table is being gone through, from 1: rows that others were writing are met again.';
COMMENT ON COLUMN keyring.progress.next_block IS 'First block of the table that is still to be looked at in this pass.';
COMMENT ON COLUMN keyring.progress.blocks IS 'Blocks of the table when the pass began.';
COMMENT ON COLUMN keyring.progress.values_done IS 'Values written anew so far, in all passes.';
COMMENT ON COLUMN keyring.progress.passed_over IS 'Rows of this pass that others were writing, left to the next one.';
COMMENT ON COLUMN keyring.progress.done IS 'Whether a whole pass found nothing left to write.';
COMMENT ON COLUMN keyring.progress.changed_at IS 'When the last batch was written.';

CREATE TABLE keyring.turned (
    kind text CONSTRAINT turned_kind_known CHECK (kind IN ('nid', 'brn', 'mobile', 'wallet', 'account')),
    old bytea CONSTRAINT turned_old_size CHECK (octet_length(old) = 16),
    new bytea NOT NULL CONSTRAINT turned_new_size CHECK (octet_length(new) = 16),
    PRIMARY KEY (kind, old)
);
COMMENT ON TABLE keyring.turned IS 'Tokens that a rotation has turned, until the old key is destroyed: whoever still makes the old token is understood.';
COMMENT ON COLUMN keyring.turned.kind IS 'Kind of evidence.';
COMMENT ON COLUMN keyring.turned.old IS 'The token by the version before, 16 bytes.';
COMMENT ON COLUMN keyring.turned.new IS 'The token of the same value by the version that followed, 16 bytes.';

-- A rotation of a token key changes keys in place: no evidence comes or goes.
CREATE OR REPLACE TRIGGER keeps_identity BEFORE UPDATE OF enrolment_id, kind ON registry.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_new_identity();
ALTER TABLE registry.evidence ENABLE ALWAYS TRIGGER keeps_identity;
CREATE INDEX pending_with_keys ON registry.pending (enrolment_id) WHERE cardinality(keys) > 0;
COMMENT ON INDEX registry.pending_with_keys IS 'For a rotation of a token key, which turns these keys too.';

SELECT audit.attach('keyring.key'), audit.attach('keyring.rotation');
SELECT audit.adopt('keyring.key');

COMMIT;
