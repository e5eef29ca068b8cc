-- Deploy ekok:person to pg
-- Promises that every enrolment belongs to at most one person, that a pair of enrolments stands once for each kind of
-- evidence, and that a human decision about a pair is kept with who took it and when. registry.sweep writes the rest.

BEGIN;

SET LOCAL ROLE ekok_owner;

CREATE TABLE registry.person (
    id uuid PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE registry.person IS 'The cluster of enrolments held to be one human.';
COMMENT ON COLUMN registry.person.id IS 'Smallest id of its enrolments when it was made by registry.sweep.';
COMMENT ON COLUMN registry.person.made_at IS 'When it was first found.';

CREATE TABLE registry.membership (
    enrolment_id uuid PRIMARY KEY REFERENCES registry.enrolment,
    person_id uuid NOT NULL REFERENCES registry.person,
    basis text NOT NULL CONSTRAINT membership_basis_known CHECK (basis IN ('alone', 'evidence', 'decision'))
);
CREATE INDEX membership_by_person ON registry.membership (person_id);
COMMENT ON TABLE registry.membership IS 'Which person an enrolment belongs to: exactly one after a sweep.';
COMMENT ON COLUMN registry.membership.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN registry.membership.person_id IS 'The person.';
COMMENT ON COLUMN registry.membership.basis IS 'alone: no other enrolment is tied to it; evidence: a certain match ties it; decision: only a human decision does.';

CREATE TABLE registry.match (
    a uuid REFERENCES registry.enrolment,
    b uuid REFERENCES registry.enrolment,
    kind text CONSTRAINT match_kind_known CHECK (kind IN ('nid', 'brn', 'mobile', 'wallet', 'account')),
    state text NOT NULL CONSTRAINT match_state_known CHECK (state IN ('certain', 'probable', 'shared')),
    found_at timestamptz NOT NULL DEFAULT now(),
    decision text CONSTRAINT match_decision_known CHECK (decision IN ('same', 'different')),
    decided_by name,
    decided_at timestamptz,
    PRIMARY KEY (a, b, kind),
    CONSTRAINT match_ordered CHECK (a < b),
    CONSTRAINT match_decision_whole CHECK (num_nulls(decision, decided_by, decided_at) IN (0, 3))
);
CREATE INDEX match_by_b ON registry.match (b);
COMMENT ON TABLE registry.match IS 'Pairs of enrolments that share a piece of evidence, within one programme too.';
COMMENT ON COLUMN registry.match.a IS 'The enrolment with the smaller id.';
COMMENT ON COLUMN registry.match.b IS 'The enrolment with the greater id.';
COMMENT ON COLUMN registry.match.kind IS 'What they share: nid, brn, mobile, wallet or account.';
COMMENT ON COLUMN registry.match.state IS 'certain: one human (nid, brn, nothing contradicts); probable: same birth date too; shared: evidence only, such as a family''s mobile.';
COMMENT ON COLUMN registry.match.found_at IS 'When the sweep first found it.';
COMMENT ON COLUMN registry.match.decision IS 'What a human decided: same or different; null when nobody did. Goes before the state.';
COMMENT ON COLUMN registry.match.decided_by IS 'Who decided.';
COMMENT ON COLUMN registry.match.decided_at IS 'When.';

CREATE TABLE registry.rule_hit (
    rule text REFERENCES registry.rule,
    person_id uuid REFERENCES registry.person,
    programmes text[] NOT NULL CONSTRAINT rule_hit_programmes_given CHECK (cardinality(programmes) > 0),
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule, person_id)
);
COMMENT ON TABLE registry.rule_hit IS 'Persons that break a rule as of the last sweep.';
COMMENT ON COLUMN registry.rule_hit.rule IS 'The rule.';
COMMENT ON COLUMN registry.rule_hit.person_id IS 'The person.';
COMMENT ON COLUMN registry.rule_hit.programmes IS 'Codes of the programmes that were counted, sorted.';
COMMENT ON COLUMN registry.rule_hit.found_at IS 'When the sweep first found it.';

DO $$ BEGIN
    PERFORM audit.attach('registry.person'), audit.attach('registry.membership'), audit.attach('registry.match'),
            audit.attach('registry.rule_hit');
END $$;

COMMIT;
