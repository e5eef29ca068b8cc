-- Deploy ekok:enrolment to pg
-- Promises one enrolment for each record of a source, no identifier in the clear (each is a sealed value and a token,
-- or absent), money that is never negative, and evidence keys that can be told from the enrolment alone.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.household (
    id uuid PRIMARY KEY,
    source text NOT NULL REFERENCES etl.source,
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
    source text NOT NULL REFERENCES etl.source,
    record_id text NOT NULL CONSTRAINT enrolment_record_id_size CHECK (octet_length(record_id) BETWEEN 1 AND 64),
    programme text NOT NULL REFERENCES registry.programme,
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
    enrolment_id uuid REFERENCES registry.enrolment,
    kind text CONSTRAINT evidence_kind_known CHECK (kind IN ('nid', 'brn', 'mobile', 'wallet', 'account')),
    key ekok.evidence NOT NULL,
    PRIMARY KEY (enrolment_id, kind)
);
CREATE INDEX evidence_key_idx ON registry.evidence (key);
COMMENT ON TABLE registry.evidence IS 'Evidence keys of the enrolments, made from their tokens alone: can be told again from registry.enrolment at any time, hence not audited.';
COMMENT ON COLUMN registry.evidence.enrolment_id IS 'The enrolment that gives the evidence.';
COMMENT ON COLUMN registry.evidence.kind IS 'nid, brn, mobile, wallet or account.';
COMMENT ON COLUMN registry.evidence.key IS 'Hash of kind and token (52 bits) with the programme''s number (12 bits). Equal hashes are rechecked by the token.';
COMMENT ON INDEX registry.evidence_key_idx IS 'The double-dipping index: ekok.double_dips sweeps its leaf pages.';

DO $$ BEGIN
    PERFORM audit.attach('registry.household'), audit.attach('registry.enrolment');
END $$;

COMMIT;
