-- Deploy ekok:reference to pg
-- Promises the tables that say what the words in an enrolment mean: ministries, places, programmes, rules. Every row
-- names its source and how far it is to be believed.

BEGIN;

CREATE SCHEMA registry AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA registry IS 'Who draws which benefit: reference data, enrolments, evidence, matches, persons, rules.';
SET LOCAL ROLE ekok_owner;

-- The words of every column "confidence": documented by an official or first-hand source; reported widely;
-- derived by joining good sources; partial, a part is missing; doubtful, wants an eye; assumed, ours.
CREATE FUNCTION registry.known_confidence(word text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN word IN ('documented', 'reported', 'derived', 'partial', 'doubtful', 'assumed');
COMMENT ON FUNCTION registry.known_confidence(text) IS 'True for documented, reported, derived, partial, doubtful, assumed: the words of every confidence column, best first.';

CREATE TABLE registry.ministry (
    code text PRIMARY KEY CONSTRAINT ministry_code_form CHECK (code ~ '^[A-Za-z0-9]{2,16}$'),
    name_en text NOT NULL,
    name_bn text,
    source text NOT NULL,
    confidence text NOT NULL CONSTRAINT ministry_confidence_known CHECK (registry.known_confidence(confidence))
);
COMMENT ON TABLE registry.ministry IS 'Ministries and divisions that run programmes or the systems that report them.';
COMMENT ON COLUMN registry.ministry.code IS 'Short name, for example MoSW.';
COMMENT ON COLUMN registry.ministry.name_en IS 'English name.';
COMMENT ON COLUMN registry.ministry.name_bn IS 'Bengali name; null where we are not sure.';
COMMENT ON COLUMN registry.ministry.source IS 'Where the row comes from.';
COMMENT ON COLUMN registry.ministry.confidence IS 'How far it is to be believed: see registry.known_confidence.';

CREATE TABLE registry.geo (
    code text PRIMARY KEY CONSTRAINT geo_code_form CHECK (code ~ '^([0-9]{2}){1,4}$'),
    level smallint NOT NULL CONSTRAINT geo_level_fits_code CHECK (level BETWEEN 1 AND 4 AND octet_length(code) = 2 * level),
    parent text REFERENCES registry.geo,
    name_en text NOT NULL,
    name_bn text,
    source text NOT NULL,
    confidence text NOT NULL CONSTRAINT geo_confidence_known CHECK (registry.known_confidence(confidence)),
    CONSTRAINT geo_parent_is_prefix CHECK (level = 1 AND parent IS NULL
                                        OR level > 1 AND parent IS NOT NULL AND parent = left(code, 2 * level - 2))
);
COMMENT ON TABLE registry.geo IS 'Places by BBS geocode, written as P-codes. Census-2011 vintage: a code given by a source may be missing here.';
COMMENT ON COLUMN registry.geo.code IS 'P-code: division 2, district 2, upazila 2, union 2 digits; 2, 4, 6 or 8 digits in all.';
COMMENT ON COLUMN registry.geo.level IS '1 division, 2 district, 3 upazila or thana, 4 union, paurashava or ward.';
COMMENT ON COLUMN registry.geo.parent IS 'The place it lies in: the code without its last two digits; null for a division.';
COMMENT ON COLUMN registry.geo.name_en IS 'English name as BBS spells it.';
COMMENT ON COLUMN registry.geo.name_bn IS 'Bengali name; null where none could be joined.';
COMMENT ON COLUMN registry.geo.source IS 'Where the row comes from.';
COMMENT ON COLUMN registry.geo.confidence IS 'How far it is to be believed, the Bengali name first of all: see registry.known_confidence.';

CREATE TABLE registry.programme (
    code text PRIMARY KEY CONSTRAINT programme_code_form CHECK (code ~ '^[A-Z0-9]{2,32}$'),
    number int NOT NULL UNIQUE CONSTRAINT programme_number_range CHECK (number BETWEEN 1 AND 4095),
    name_en text NOT NULL,
    name_bn text,
    ministry text NOT NULL REFERENCES registry.ministry,
    benefit text NOT NULL CONSTRAINT programme_benefit_known CHECK (benefit IN ('cash', 'in kind', 'workfare')),
    integrated boolean NOT NULL,
    source text NOT NULL,
    confidence text NOT NULL CONSTRAINT programme_confidence_known CHECK (registry.known_confidence(confidence))
);
COMMENT ON TABLE registry.programme IS 'Social protection programmes.';
COMMENT ON COLUMN registry.programme.code IS 'Short name in capitals, for example OAA.';
COMMENT ON COLUMN registry.programme.number IS 'Number inside evidence keys, 1 to 4095; never given to another programme.';
COMMENT ON COLUMN registry.programme.name_en IS 'English name.';
COMMENT ON COLUMN registry.programme.name_bn IS 'Bengali name; null where we are not sure.';
COMMENT ON COLUMN registry.programme.ministry IS 'Ministry that runs it.';
COMMENT ON COLUMN registry.programme.benefit IS 'cash, in kind or workfare: limits on cash programmes look at cash only.';
COMMENT ON COLUMN registry.programme.integrated IS 'Whether a system reports it to the registry already.';
COMMENT ON COLUMN registry.programme.source IS 'Where the row comes from.';
COMMENT ON COLUMN registry.programme.confidence IS 'How far it is to be believed: see registry.known_confidence.';

CREATE TABLE registry.rule (
    code text PRIMARY KEY,
    kind text NOT NULL CONSTRAINT rule_kind_known CHECK (kind IN ('max programmes')),
    benefit text NOT NULL CONSTRAINT rule_benefit_known CHECK (benefit IN ('cash', 'in kind', 'workfare')),
    "limit" int NOT NULL CONSTRAINT rule_limit_not_negative CHECK ("limit" >= 0),
    mode text NOT NULL CONSTRAINT rule_mode_known CHECK (mode IN ('report', 'hold', 'refuse')),
    source text NOT NULL,
    confidence text NOT NULL CONSTRAINT rule_confidence_known CHECK (registry.known_confidence(confidence)),
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT rule_validity_ordered CHECK (valid_to >= valid_from)
);
COMMENT ON TABLE registry.rule IS 'Rules that persons are held against by registry.sweep.';
COMMENT ON COLUMN registry.rule.code IS 'Short name, for example max-cash-programmes.';
COMMENT ON COLUMN registry.rule.kind IS 'max programmes: at most "limit" different active programmes of one benefit a person.';
COMMENT ON COLUMN registry.rule.benefit IS 'The kind of benefit that is counted.';
COMMENT ON COLUMN registry.rule."limit" IS 'Highest number of programmes allowed, 0 or more.';
COMMENT ON COLUMN registry.rule.mode IS 'What a hit does: report it, hold the enrolment, refuse the enrolment. Only report is carried out so far.';
COMMENT ON COLUMN registry.rule.source IS 'Who set or proposed it.';
COMMENT ON COLUMN registry.rule.confidence IS 'How far it is to be believed: see registry.known_confidence.';
COMMENT ON COLUMN registry.rule.valid_from IS 'First day on which it holds.';
COMMENT ON COLUMN registry.rule.valid_to IS 'Last day on which it holds; null: no end.';

DO $$ BEGIN
    PERFORM audit.attach('registry.ministry'), audit.attach('registry.geo'), audit.attach('registry.programme'),
            audit.attach('registry.rule');
END $$;

COMMIT;
