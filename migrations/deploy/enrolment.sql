-- Deploy ekok:enrolment to pg
-- Promises one enrolment for each record of a source, no identifier in the clear (each is a sealed value and a token,
-- or absent), money that is never negative, and evidence keys that can be told from the enrolment alone.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.household (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    household_key text NOT NULL CONSTRAINT household_key_size CHECK (octet_length(household_key) BETWEEN 1 AND 64),
    geo text CONSTRAINT household_geo_form CHECK (geo ~ '^([0-9]{2}){1,4}$'),
    UNIQUE (source, household_key)
);
COMMENT ON TABLE registry.household IS 'Households as a source names them; two sources'' households are not joined.';
COMMENT ON COLUMN registry.household.id IS 'Made from source and key by registry.household_id.';
COMMENT ON COLUMN registry.household.source IS 'The system that names it.';
COMMENT ON COLUMN registry.household.household_key IS 'The source''s own name of the household, at most 64 bytes.';
COMMENT ON COLUMN registry.household.geo IS 'P-code that an enrolment of the household gave last; null when none did.';

CREATE TABLE registry.enrolment (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    record_id text NOT NULL CONSTRAINT enrolment_record_id_size CHECK (octet_length(record_id) BETWEEN 1 AND 64),
    programme text NOT NULL,
    status text CONSTRAINT enrolment_status_known CHECK (status IN ('active', 'inactive', 'suspended', 'waiting')),
    name_bn text CONSTRAINT enrolment_name_bn_size CHECK (octet_length(name_bn) BETWEEN 1 AND 300),
    name_en text CONSTRAINT enrolment_name_en_size CHECK (octet_length(name_en) BETWEEN 1 AND 300),
    father_name text CONSTRAINT enrolment_father_name_size CHECK (octet_length(father_name) BETWEEN 1 AND 300),
    mother_name text CONSTRAINT enrolment_mother_name_size CHECK (octet_length(mother_name) BETWEEN 1 AND 300),
    sex text CONSTRAINT enrolment_sex_known CHECK (sex IN ('male', 'female', 'other', 'unknown')),
    birth_date date NOT NULL CONSTRAINT enrolment_birth_date_range CHECK (birth_date BETWEEN '1850-01-01' AND '2200-01-01'),
    geo text CONSTRAINT enrolment_geo_form CHECK (geo ~ '^([0-9]{2}){1,4}$'),
    household text CONSTRAINT enrolment_household_size CHECK (octet_length(household) BETWEEN 1 AND 64),
    amount_paisa bigint CONSTRAINT enrolment_amount_not_negative CHECK (amount_paisa >= 0),
    enrolled_on date,
    nid_digits smallint CONSTRAINT enrolment_nid_digits_known CHECK (nid_digits IN (10, 13, 17)),
    nid_sealed bytea,
    nid_token bytea CONSTRAINT enrolment_nid_token_size CHECK (octet_length(nid_token) = 16),
    brn_sealed bytea,
    brn_token bytea CONSTRAINT enrolment_brn_token_size CHECK (octet_length(brn_token) = 16),
    mobile_sealed bytea,
    mobile_token bytea CONSTRAINT enrolment_mobile_token_size CHECK (octet_length(mobile_token) = 16),
    wallet_provider text,
    wallet_sealed bytea,
    wallet_token bytea CONSTRAINT enrolment_wallet_token_size CHECK (octet_length(wallet_token) = 16),
    account_sealed bytea,
    account_token bytea CONSTRAINT enrolment_account_token_size CHECK (octet_length(account_token) = 16),
    routing text CONSTRAINT enrolment_routing_size CHECK (octet_length(routing) BETWEEN 1 AND 17),
    row_mac bytea NOT NULL CONSTRAINT enrolment_row_mac_size CHECK (octet_length(row_mac) = 16),
    first_run bigint NOT NULL,
    last_run bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, record_id),
    CONSTRAINT enrolment_named CHECK (name_bn IS NOT NULL OR name_en IS NOT NULL),
    CONSTRAINT enrolment_nid_whole CHECK ((nid_sealed IS NULL) = (nid_token IS NULL) AND (nid_token IS NULL) = (nid_digits IS NULL)),
    CONSTRAINT enrolment_brn_whole CHECK ((brn_sealed IS NULL) = (brn_token IS NULL)),
    CONSTRAINT enrolment_mobile_whole CHECK ((mobile_sealed IS NULL) = (mobile_token IS NULL)),
    CONSTRAINT enrolment_wallet_whole CHECK ((wallet_sealed IS NULL) = (wallet_token IS NULL)
                                         AND (wallet_token IS NULL OR wallet_provider IS NOT NULL)),
    CONSTRAINT enrolment_account_whole CHECK ((account_sealed IS NULL) = (account_token IS NULL))
);
COMMENT ON TABLE registry.enrolment IS 'One beneficiary record of one programme in one source. A sealed value and its token stand together or not at all.';
COMMENT ON COLUMN registry.enrolment.id IS 'Made by the daemon from source and record_id, the same every time.';
COMMENT ON COLUMN registry.enrolment.source IS 'The system that reports it.';
COMMENT ON COLUMN registry.enrolment.record_id IS 'The source''s own id of the record, at most 64 bytes.';
COMMENT ON COLUMN registry.enrolment.programme IS 'The programme it draws from.';
COMMENT ON COLUMN registry.enrolment.status IS 'active, inactive, suspended or waiting; null when the source does not say, which counts as active.';
COMMENT ON COLUMN registry.enrolment.name_bn IS 'Name in Bengali script as the source spells it, at most 300 bytes.';
COMMENT ON COLUMN registry.enrolment.name_en IS 'Name in Latin script as the source spells it, at most 300 bytes; this or name_bn is given.';
COMMENT ON COLUMN registry.enrolment.father_name IS 'Father''s name in either script, at most 300 bytes.';
COMMENT ON COLUMN registry.enrolment.mother_name IS 'Mother''s name in either script, at most 300 bytes.';
COMMENT ON COLUMN registry.enrolment.sex IS 'male, female, other, unknown; null when the source does not say.';
COMMENT ON COLUMN registry.enrolment.birth_date IS 'Date of birth as reported; 1 January is often an estimate.';
COMMENT ON COLUMN registry.enrolment.geo IS 'P-code as given, 2 to 8 digits; may be missing in registry.geo, which is older than some upazilas.';
COMMENT ON COLUMN registry.enrolment.household IS 'The source''s own name of the household, at most 64 bytes: see registry.household.';
COMMENT ON COLUMN registry.enrolment.amount_paisa IS 'Benefit of one payment in paisa (1/100 taka), 0 or more.';
COMMENT ON COLUMN registry.enrolment.enrolled_on IS 'Day of enrolment.';
COMMENT ON COLUMN registry.enrolment.nid_digits IS 'Length of the NID as reported: 10, 13 or 17.';
COMMENT ON COLUMN registry.enrolment.nid_sealed IS 'National ID, sealed.';
COMMENT ON COLUMN registry.enrolment.nid_token IS 'Token of the NID, 16 bytes; a 13- and a 17-digit number of one card have the same.';
COMMENT ON COLUMN registry.enrolment.brn_sealed IS 'Birth registration number, sealed.';
COMMENT ON COLUMN registry.enrolment.brn_token IS 'Token of the BRN, 16 bytes.';
COMMENT ON COLUMN registry.enrolment.mobile_sealed IS 'Mobile number, sealed.';
COMMENT ON COLUMN registry.enrolment.mobile_token IS 'Token of the mobile number, 16 bytes.';
COMMENT ON COLUMN registry.enrolment.wallet_provider IS 'Provider of the mobile wallet, for example BKASH.';
COMMENT ON COLUMN registry.enrolment.wallet_sealed IS 'Wallet number as the provider writes it, sealed.';
COMMENT ON COLUMN registry.enrolment.wallet_token IS 'Token of provider and wallet number, 16 bytes.';
COMMENT ON COLUMN registry.enrolment.account_sealed IS 'Bank account number, sealed.';
COMMENT ON COLUMN registry.enrolment.account_token IS 'Token of bank and account number, 16 bytes.';
COMMENT ON COLUMN registry.enrolment.routing IS 'Bank routing number; names a branch, not a person.';
COMMENT ON COLUMN registry.enrolment.row_mac IS 'Keyed hash of the row''s content, 16 bytes: equal means unchanged.';
COMMENT ON COLUMN registry.enrolment.first_run IS 'Run that brought it (etl.run).';
COMMENT ON COLUMN registry.enrolment.last_run IS 'Run that changed it last.';
COMMENT ON COLUMN registry.enrolment.created_at IS 'When it came.';
COMMENT ON COLUMN registry.enrolment.changed_at IS 'When it changed last.';

CREATE TABLE registry.evidence (
    enrolment_id uuid,
    kind text CONSTRAINT evidence_kind_known CHECK (kind IN ('nid', 'brn', 'mobile', 'wallet', 'account')),
    key ekok.evidence NOT NULL,
    PRIMARY KEY (enrolment_id, kind)
);
CREATE INDEX evidence_key_idx ON registry.evidence (key);
COMMENT ON TABLE registry.evidence IS 'Evidence keys of the enrolments, made from their tokens alone: can be told again from registry.enrolment at any time, hence not audited.';
COMMENT ON COLUMN registry.evidence.enrolment_id IS 'The enrolment that gives the evidence: it exists, see registry.check_references.';
COMMENT ON COLUMN registry.evidence.kind IS 'nid, brn, mobile, wallet or account.';
COMMENT ON COLUMN registry.evidence.key IS 'Hash of kind and token (52 bits) with the programme''s number (12 bits). Equal hashes are rechecked by the token.';
COMMENT ON INDEX registry.evidence_key_idx IS 'The double-dipping index: ekok.double_dips sweeps its leaf pages.';

-- What foreign keys would promise, checked once a statement instead of once a row: row by row the four of them cost more
-- than a third of the time of a merge. Rows keep their identity, so inserts, changes of programme and deletes are looked at.
CREATE FUNCTION registry.check_references() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF TG_TABLE_NAME = 'evidence' THEN
        IF EXISTS (SELECT FROM new_rows n
                   WHERE NOT EXISTS (SELECT FROM registry.enrolment e WHERE e.id = n.enrolment_id)) THEN
            RAISE 'evidence of an enrolment that does not exist' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM (SELECT DISTINCT n.source FROM new_rows n) n
               WHERE NOT EXISTS (SELECT FROM etl.source s WHERE s.code = n.source)) THEN
        RAISE 'a row of %.% names a source that does not exist', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', HINT = 'Sources stand in etl.source.';
    ELSIF TG_TABLE_NAME = 'enrolment' THEN
        IF EXISTS (SELECT FROM (SELECT DISTINCT n.programme FROM new_rows n) n
                   WHERE NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = n.programme)) THEN
            RAISE 'an enrolment names a programme that does not exist'
                USING ERRCODE = 'foreign_key_violation', HINT = 'Programmes stand in registry.programme.';
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION registry.check_references() IS 'Statement trigger on new rows: error 23503 when a row names a source, programme or enrolment that does not exist.';

CREATE FUNCTION registry.check_gone() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    still_named boolean;
BEGIN
    EXECUTE CASE TG_TABLE_NAME
        WHEN 'enrolment' THEN 'SELECT EXISTS (SELECT FROM gone_rows g JOIN registry.evidence v ON v.enrolment_id = g.id)'
        WHEN 'programme' THEN 'SELECT EXISTS (SELECT FROM gone_rows g JOIN registry.enrolment e ON e.programme = g.code
                                              WHERE NOT EXISTS (SELECT FROM registry.programme p WHERE p.code = g.code))'
        ELSE 'SELECT EXISTS (SELECT FROM gone_rows g JOIN registry.enrolment e ON e.source = g.code
                             WHERE NOT EXISTS (SELECT FROM etl.source s WHERE s.code = g.code))
                  OR EXISTS (SELECT FROM gone_rows g JOIN registry.household h ON h.source = g.code
                             WHERE NOT EXISTS (SELECT FROM etl.source s WHERE s.code = g.code))'
        END INTO still_named;
    IF still_named THEN
        RAISE 'a row of %.% is still named by others', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', HINT = 'What names it goes first.';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION registry.check_gone() IS 'Statement trigger on deleted or renamed rows: error 23503 when an enrolment still names the source or programme, or evidence the enrolment.';

CREATE FUNCTION registry.refuse_new_identity() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE 'the identity of a row of %.% does not change', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', HINT = 'Delete the row and insert another.';
END $$;
COMMENT ON FUNCTION registry.refuse_new_identity() IS 'Statement trigger: error 23000 when a statement sets a column that says which row it is.';

CREATE TRIGGER keeps_identity BEFORE UPDATE ON registry.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_new_identity();
CREATE TRIGGER keeps_identity BEFORE UPDATE OF id, source, record_id ON registry.enrolment
    FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_new_identity();
CREATE TRIGGER keeps_identity BEFORE UPDATE OF id, source, household_key ON registry.household
    FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_new_identity();
CREATE TRIGGER refers AFTER INSERT ON registry.evidence REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_references();
CREATE TRIGGER refers AFTER INSERT ON registry.household REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_references();
CREATE TRIGGER refers AFTER INSERT ON registry.enrolment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_references();
CREATE TRIGGER refers_still AFTER UPDATE ON registry.enrolment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_references();
CREATE TRIGGER gone AFTER DELETE ON registry.enrolment REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_gone();
CREATE TRIGGER gone AFTER DELETE ON registry.programme REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_gone();
CREATE TRIGGER gone_by_name AFTER UPDATE ON registry.programme REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_gone();
CREATE TRIGGER gone AFTER DELETE ON etl.source REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_gone();
CREATE TRIGGER gone_by_name AFTER UPDATE ON etl.source REFERENCING OLD TABLE AS gone_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.check_gone();
ALTER TABLE registry.evidence ENABLE ALWAYS TRIGGER keeps_identity, ENABLE ALWAYS TRIGGER refers;
ALTER TABLE registry.household ENABLE ALWAYS TRIGGER keeps_identity, ENABLE ALWAYS TRIGGER refers;
ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER keeps_identity, ENABLE ALWAYS TRIGGER refers,
    ENABLE ALWAYS TRIGGER refers_still, ENABLE ALWAYS TRIGGER gone;
ALTER TABLE registry.programme ENABLE ALWAYS TRIGGER gone, ENABLE ALWAYS TRIGGER gone_by_name;
ALTER TABLE etl.source ENABLE ALWAYS TRIGGER gone, ENABLE ALWAYS TRIGGER gone_by_name;

DO $$ BEGIN
    PERFORM audit.attach('registry.household'), audit.attach('registry.enrolment');
END $$;

COMMIT;
