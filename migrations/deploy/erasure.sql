-- Deploy ekok:erasure to pg
-- Promises entries that are sealed by a salted commitment to their images, so that images can be destroyed and every leaf,
-- checkpoint and proof stays what it was; proposals to erase a subject, holds and terms of keeping that speak against it;
-- and a receipt in the trace that names each entry whose images were destroyed. Refuses any other change of an entry.
-- Entries from before keep their form: their images are part of their leaves and cannot be destroyed.

BEGIN;

SET LOCAL ROLE ekok_owner;

ALTER TABLE audit.entry ADD COLUMN IF NOT EXISTS salt bytea, ADD COLUMN IF NOT EXISTS commitment bytea;
ALTER TABLE audit.entry DROP CONSTRAINT entry_images_fit_op, DROP CONSTRAINT IF EXISTS entry_salted;
ALTER TABLE audit.entry
    ADD CONSTRAINT entry_images_fit_op CHECK (commitment IS NOT NULL AND salt IS NULL OR (op NOT IN ('INSERT', 'REKEY') OR old IS NULL AND new IS NOT NULL)
                                          AND (op <> 'DELETE' OR new IS NULL AND old IS NOT NULL)),
    ADD CONSTRAINT entry_salted CHECK (CASE WHEN commitment IS NULL THEN salt IS NULL WHEN octet_length(commitment) <> 32 THEN false
                                            WHEN salt IS NULL THEN old IS NULL AND new IS NULL ELSE octet_length(salt) = 16 END);
COMMENT ON COLUMN audit.entry.salt IS '16 random bytes, drawn for this entry alone: the key to its images. Null when these were destroyed, and of an entry from before commitments.';
COMMENT ON COLUMN audit.entry.commitment IS 'What stands in the tree for the images: SHA-256 over "ekok audit images" and a line feed, the salt, and of each image a byte 0, or a byte 1, its length in 8 bytes and its text. Nothing can be guessed from it without the salt. Null: an entry from before commitments, whose images are sealed themselves.';

CREATE OR REPLACE FUNCTION audit.commit_images(salt bytea, old json, new json) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to('ekok audit images' || chr(10), 'UTF8') || salt
        || coalesce('\x01'::bytea || int8send(octet_length(old::text)) || convert_to(old::text, 'UTF8'), '\x00')
        || coalesce('\x01'::bytea || int8send(octet_length(new::text)) || convert_to(new::text, 'UTF8'), '\x00'));
$$;
COMMENT ON FUNCTION audit.commit_images(bytea, json, json) IS 'The commitment to an entry''s images under a salt, 32 bytes, as ekok.record_change makes it.';

CREATE OR REPLACE FUNCTION audit.adopt(audited regclass) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET bytea_output = 'hex' SET "TimeZone" = 'UTC' SET "DateStyle" = 'ISO, YMD' AS $$
DECLARE
    adopted bigint;
BEGIN
    EXECUTE format($query$
        INSERT INTO audit.entry (purpose, table_name, op, row_id, new, salt, commitment)
        SELECT 'stood before it was audited', $1, 'INSERT', r.k, r.image, r.salt, audit.commit_images(r.salt, NULL, r.image)
        FROM (SELECT %s AS k, jsonb_strip_nulls(to_jsonb(r))::text::json AS image, uuid_send(gen_random_uuid()) AS salt FROM %s r OFFSET 0) r
        WHERE NOT EXISTS (SELECT FROM audit.entry e WHERE e.table_name = $1 AND e.row_id = r.k)$query$, audit.key_of(audited, 'r'), audited)
        USING (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = audited);
    GET DIAGNOSTICS adopted = ROW_COUNT;
    RETURN adopted;
END $$;

CREATE TABLE registry.legal_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject uuid NOT NULL,
    basis text NOT NULL CONSTRAINT legal_hold_basis_given CHECK (octet_length(btrim(basis)) BETWEEN 3 AND 500),
    until date,
    placed_by name NOT NULL DEFAULT session_user,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_by name,
    lifted_at timestamptz,
    CONSTRAINT legal_hold_lifted_by_somebody CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE INDEX legal_hold_standing ON registry.legal_hold (subject) WHERE lifted_at IS NULL;
COMMENT ON TABLE registry.legal_hold IS 'Another law, a case or a court wants a subject''s data kept: not erased while one stands.';
COMMENT ON COLUMN registry.legal_hold.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.legal_hold.subject IS 'Person, enrolment or surveyed member.';
COMMENT ON COLUMN registry.legal_hold.basis IS 'Law or case, in words, 3 to 500 bytes; never a name or a number of the subject.';
COMMENT ON COLUMN registry.legal_hold.until IS 'Last day; null: until it is lifted.';
COMMENT ON COLUMN registry.legal_hold.placed_by IS 'Who placed it.';
COMMENT ON COLUMN registry.legal_hold.placed_at IS 'When.';
COMMENT ON COLUMN registry.legal_hold.lifted_by IS 'Who lifted it; null: it stands.';
COMMENT ON COLUMN registry.legal_hold.lifted_at IS 'When it was lifted.';

CREATE TABLE registry.retention (
    programme text PRIMARY KEY REFERENCES registry.programme,
    keep interval NOT NULL CONSTRAINT retention_range CHECK (keep BETWEEN interval '1 day' AND interval '100 years'),
    basis text NOT NULL CONSTRAINT retention_basis_given CHECK (octet_length(btrim(basis)) BETWEEN 3 AND 500),
    set_by name NOT NULL DEFAULT session_user,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE registry.retention IS 'How long an enrolment of a programme is to be kept after it last changed, by which law. Empty until an institution says so: no such term is known to us.';
COMMENT ON COLUMN registry.retention.programme IS 'The programme.';
COMMENT ON COLUMN registry.retention.keep IS 'How long after the enrolment''s last change, 1 day to 100 years.';
COMMENT ON COLUMN registry.retention.basis IS 'Law, in words, 3 to 500 bytes.';
COMMENT ON COLUMN registry.retention.set_by IS 'Who said so.';
COMMENT ON COLUMN registry.retention.set_at IS 'When.';

CREATE TABLE registry.erasure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject uuid NOT NULL,
    basis text NOT NULL CONSTRAINT erasure_basis_given CHECK (octet_length(btrim(basis)) BETWEEN 3 AND 500),
    case_id text NOT NULL CONSTRAINT erasure_case_given CHECK (octet_length(btrim(case_id)) BETWEEN 1 AND 100),
    proposed_by name NOT NULL DEFAULT session_user,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text CONSTRAINT erasure_outcome_known CHECK (outcome IN ('erased', 'withdrawn', 'refused')),
    ended_by name,
    ended_at timestamptz,
    ended_in xid8,
    CONSTRAINT erasure_ends_by_somebody CHECK (num_nulls(outcome, ended_by, ended_at, ended_in) IN (0, 4)),
    CONSTRAINT erasure_by_two CHECK (outcome IS DISTINCT FROM 'erased' OR ended_by <> proposed_by)
);
CREATE UNIQUE INDEX erasure_waiting ON registry.erasure (subject) WHERE outcome IS NULL;
COMMENT ON TABLE registry.erasure IS 'Proposals to erase a subject, and what came of them: one operator proposes, another erases.';
COMMENT ON COLUMN registry.erasure.id IS 'Running number, with gaps; that of the receipt too.';
COMMENT ON COLUMN registry.erasure.subject IS 'Person, enrolment or surveyed member, as named in the proposal.';
COMMENT ON COLUMN registry.erasure.basis IS 'Legal basis, in words, 3 to 500 bytes; never a name or a number of the subject.';
COMMENT ON COLUMN registry.erasure.case_id IS 'The case, 1 to 100 bytes.';
COMMENT ON COLUMN registry.erasure.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN registry.erasure.proposed_at IS 'When.';
COMMENT ON COLUMN registry.erasure.outcome IS 'erased, withdrawn by who proposed it, refused by another; null: it waits.';
COMMENT ON COLUMN registry.erasure.ended_by IS 'Who ended it.';
COMMENT ON COLUMN registry.erasure.ended_at IS 'When.';
COMMENT ON COLUMN registry.erasure.ended_in IS 'The transaction that ended it; in that of an erasure rows may go that else never do.';

CREATE TABLE audit.erasure (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    subject uuid NOT NULL,
    basis text NOT NULL,
    case_id text NOT NULL,
    proposed_by name NOT NULL,
    erased_by name NOT NULL DEFAULT session_user,
    counts jsonb NOT NULL,
    entries bigint[] NOT NULL
);
CREATE INDEX erasure_by_xact ON audit.erasure (xact);
COMMENT ON TABLE audit.erasure IS 'Receipts of erasures; insert-only, and each stands in the trace, where ekok verify-audit holds it against the entries whose images are gone.';
COMMENT ON COLUMN audit.erasure.id IS 'The proposal''s number (registry.erasure).';
COMMENT ON COLUMN audit.erasure.at IS 'When.';
COMMENT ON COLUMN audit.erasure.xact IS 'The transaction that erased.';
COMMENT ON COLUMN audit.erasure.subject IS 'Person, enrolment or surveyed member, as named in the proposal.';
COMMENT ON COLUMN audit.erasure.basis IS 'Legal basis.';
COMMENT ON COLUMN audit.erasure.case_id IS 'The case.';
COMMENT ON COLUMN audit.erasure.proposed_by IS 'Who proposed it.';
COMMENT ON COLUMN audit.erasure.erased_by IS 'Who put it in force: another.';
COMMENT ON COLUMN audit.erasure.counts IS 'How many rows went, by table.';
COMMENT ON COLUMN audit.erasure.entries IS 'Numbers of the entries of the trace whose images and salts were destroyed, in rising order.';

CREATE FUNCTION audit.let_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        IF TG_OP = 'UPDATE' AND EXISTS (SELECT FROM audit.erasure r WHERE r.xact = pg_current_xact_id_if_assigned()) THEN
            RETURN NULL;
        END IF;
    ELSIF OLD.commitment IS NOT NULL AND OLD.table_name <> 'audit.erasure' AND num_nonnulls(NEW.old, NEW.new, NEW.salt) = 0
          AND EXISTS (SELECT FROM audit.erasure r WHERE r.xact = pg_current_xact_id_if_assigned() AND OLD.id = ANY (r.entries))
          AND (NEW.id, NEW.at, NEW.xact, NEW.actor, NEW.source, NEW.run_id, NEW.page_sha256, NEW.purpose, NEW.table_name, NEW.op, NEW.row_id, NEW.commitment)
              IS NOT DISTINCT FROM
              (OLD.id, OLD.at, OLD.xact, OLD.actor, OLD.source, OLD.run_id, OLD.page_sha256, OLD.purpose, OLD.table_name, OLD.op, OLD.row_id, OLD.commitment) THEN
        RETURN NEW;
    END IF;
    RAISE 'table %.% refuses %', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'The audit only grows; images and salt of an entry are destroyed by an erasure whose receipt names it, and nothing else ever changes.';
END $$;
COMMENT ON FUNCTION audit.let_erasure() IS 'Trigger of the trace: refuses (42501) every change but the destruction of images and salts that a receipt of the same transaction names.';

DROP TRIGGER insert_only ON audit.entry;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.let_erasure();
CREATE TRIGGER erased_only BEFORE UPDATE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.let_erasure();
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER insert_only;
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER erased_only;

-- What was done to persons is insert-only too, but for an erasure: the update of its proposal comes first.
CREATE FUNCTION registry.let_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM registry.erasure e WHERE e.outcome = 'erased' AND e.ended_in = pg_current_xact_id_if_assigned()) THEN
        RETURN NULL;
    END IF;
    RAISE 'table %.% refuses %', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'It only grows; rows of a subject go with its erasure.';
END $$;
COMMENT ON FUNCTION registry.let_erasure() IS 'Statement trigger that refuses (42501) the statement unless it deletes in a transaction that erases a subject.';

CREATE OR REPLACE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.person_event FOR EACH STATEMENT
    EXECUTE FUNCTION registry.let_erasure();
ALTER TABLE registry.person_event ENABLE ALWAYS TRIGGER insert_only;

SELECT audit.guard('audit.erasure');
SELECT audit.attach(t) FROM unnest(ARRAY['audit.erasure', 'registry.erasure', 'registry.legal_hold', 'registry.retention']::regclass[]) t;

COMMIT;
