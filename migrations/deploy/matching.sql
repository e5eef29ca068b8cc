-- Deploy ekok:matching to pg
-- Promises that a pair of enrolments stands once, with its score and what it shares; that a human's decision about a pair
-- outlives the match and says what it was taken upon; that weights are never changed, only followed by another version;
-- that every change of who is one person leaves an event; and that what is only working material is never logged.
-- Matches found before are deleted, with a trace: the next sweep finds them again. Decisions are kept.

BEGIN;

CREATE SCHEMA sweep AUTHORIZATION ekok_owner;
COMMENT ON SCHEMA sweep IS 'Working material of the running sweep: unlogged, empty between sweeps.';
SET LOCAL ROLE ekok_owner;
SET LOCAL ekok.purpose = 'migration matching: the next sweep finds the pairs again';

CREATE TABLE registry.evidence_kind (
    code text PRIMARY KEY CONSTRAINT evidence_kind_code_form CHECK (code ~ '^[a-z0-9_]{2,32}$'),
    number smallint NOT NULL UNIQUE CONSTRAINT evidence_kind_number_range CHECK (number BETWEEN 1 AND 255),
    class text NOT NULL CONSTRAINT evidence_kind_class_known CHECK (class IN ('strong', 'weak', 'sound')),
    most int NOT NULL CONSTRAINT evidence_kind_most_range CHECK (most BETWEEN 2 AND 1000),
    meaning text NOT NULL
);
COMMENT ON TABLE registry.evidence_kind IS 'Kinds of evidence and what each may do. A key held by more than "most" enrolments is not paired: a finer kind takes over.';
COMMENT ON COLUMN registry.evidence_kind.code IS 'The kind, as in ekok.evidence and ekok.blocking_keys.';
COMMENT ON COLUMN registry.evidence_kind.number IS 'Its number in registry.blocking; also the order of strength, the strongest first.';
COMMENT ON COLUMN registry.evidence_kind.class IS 'strong: a number of one human; weak: a number that families share; sound: a key made from names, dates and places, which says nothing by itself.';
COMMENT ON COLUMN registry.evidence_kind.most IS 'Enrolments that may hold one key, 2 to 1000; beyond it the key is common and not paired.';
COMMENT ON COLUMN registry.evidence_kind.meaning IS 'What the key is made of.';
INSERT INTO registry.evidence_kind (code, number, class, most, meaning) VALUES
    ('nid', 1, 'strong', 50, 'token of the national ID; 13 and 17 digits of one card have the same'),
    ('brn', 2, 'strong', 50, 'token of the birth registration number'),
    ('account', 3, 'weak', 50, 'token of bank and account'),
    ('wallet', 4, 'weak', 50, 'token of provider and wallet'),
    ('mobile', 5, 'weak', 50, 'token of the mobile number');
INSERT INTO registry.evidence_kind (code, number, class, most, meaning)
SELECT k.kind, 10 + k.n, 'sound', k.most, 'sounding key of ' || replace(k.kind, '_', ', ')
FROM ekok.blocking_kinds() WITH ORDINALITY AS k(kind, finer, most, n)
-- With a date, without one, and without a place, each where needed with the finer kind that takes over for a common key.
-- Another kind of ekok.blocking_kinds is added by a row here and registry.rebuild_blocking().
WHERE k.kind IN ('date_word', 'date_word_upazila', 'date_father', 'date_mother', 'year_word_upazila', 'year_name_upazila',
                 'name_father_upazila', 'name_father_mother');

CREATE TABLE registry.blocking (
    enrolment_id uuid NOT NULL,
    key ekok.evidence NOT NULL,
    kind smallint NOT NULL
);
-- Twenty rows of one enrolment are one posting list: a primary key (enrolment_id, key) would take five times the room.
CREATE INDEX blocking_by_enrolment ON registry.blocking (enrolment_id);
CREATE INDEX blocking_key_idx ON registry.blocking (key);
COMMENT ON TABLE registry.blocking IS 'Sounding keys of the enrolments, several of a kind allowed; made from registry.enrolment alone by registry.make_blocking, hence not audited.';
COMMENT ON COLUMN registry.blocking.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN registry.blocking.key IS 'Hash of kind and key (52 bits) with the programme''s number (12 bits). Equal keys make a pair worth scoring and nothing more.';
COMMENT ON COLUMN registry.blocking.kind IS 'Number of the kind (registry.evidence_kind).';
COMMENT ON INDEX registry.blocking_key_idx IS 'The double-dipping index of the sounding keys.';

CREATE SEQUENCE registry.pending_stamp;
CREATE TABLE registry.pending (
    enrolment_id uuid PRIMARY KEY,
    stamp bigint NOT NULL DEFAULT nextval('registry.pending_stamp'),
    keys ekok.evidence[]
);
COMMENT ON TABLE registry.pending IS 'Enrolments that came or changed and are not linked yet: written by the merge, emptied by registry.link_pending and registry.sweep. Not audited: working material.';
COMMENT ON COLUMN registry.pending.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN registry.pending.stamp IS 'Grows with each change, so that a change during linking is not lost.';
COMMENT ON COLUMN registry.pending.keys IS 'Evidence of an enrolment known before that came or went; null: it is new, or nothing is known.';

CREATE TABLE registry.weights (
    version int PRIMARY KEY CONSTRAINT weights_version_from_one CHECK (version >= 1),
    made_at timestamptz NOT NULL DEFAULT now(),
    made_by name NOT NULL DEFAULT session_user,
    weights real[] NOT NULL,
    prior real NOT NULL CONSTRAINT weights_prior_negative CHECK (prior < 0),
    basis text NOT NULL CONSTRAINT weights_basis_given CHECK (btrim(basis) <> ''),
    active boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX weights_one_active ON registry.weights (active) WHERE active;
COMMENT ON TABLE registry.weights IS 'Versions of the weights of ekok.match_score; one is active. A version is never changed but for being active.';
COMMENT ON COLUMN registry.weights.version IS 'Number, from 1.';
COMMENT ON COLUMN registry.weights.made_at IS 'When it was made.';
COMMENT ON COLUMN registry.weights.made_by IS 'Role that made it (session_user).';
COMMENT ON COLUMN registry.weights.weights IS 'Bits for each level of each field, in the order of ekok.match_weights.';
COMMENT ON COLUMN registry.weights.prior IS 'Odds in bits that two enrolments taken at random are one person, negative (ekok.match_prior): what a score must make up for.';
COMMENT ON COLUMN registry.weights.basis IS 'What they rest on, in words.';
COMMENT ON COLUMN registry.weights.active IS 'True for the version that registry.sweep uses.';
INSERT INTO registry.weights (version, made_by, weights, prior, basis, active)
SELECT 1, 'ekok_owner', array_agg(w.bits ORDER BY w.place), ekok.match_prior(1000000), 'estimates compiled into the extension', true
FROM ekok.match_weights() w;

CREATE TABLE registry.decision (
    a uuid REFERENCES registry.enrolment,
    b uuid REFERENCES registry.enrolment,
    verdict text NOT NULL CONSTRAINT decision_verdict_known CHECK (verdict IN ('same', 'different')),
    reason text NOT NULL CONSTRAINT decision_reason_given CHECK (btrim(reason) <> ''),
    fingerprint bytea CONSTRAINT decision_fingerprint_size CHECK (octet_length(fingerprint) = 32),
    decided_by name NOT NULL DEFAULT session_user,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (a, b),
    CONSTRAINT decision_ordered CHECK (a < b)
);
CREATE INDEX decision_by_b ON registry.decision (b);
COMMENT ON TABLE registry.decision IS 'What a human decided about a pair. Goes before any state; the pair is not asked again unless what it was decided upon changes.';
COMMENT ON COLUMN registry.decision.a IS 'The enrolment with the smaller id.';
COMMENT ON COLUMN registry.decision.b IS 'The enrolment with the greater id.';
COMMENT ON COLUMN registry.decision.verdict IS 'same or different.';
COMMENT ON COLUMN registry.decision.reason IS 'Why, in words; never empty.';
COMMENT ON COLUMN registry.decision.fingerprint IS 'SHA-256 of what stood in both enrolments when it was decided (registry.fingerprint); null: not known, never asked again.';
COMMENT ON COLUMN registry.decision.decided_by IS 'Who decided (session_user).';
COMMENT ON COLUMN registry.decision.decided_at IS 'When.';

INSERT INTO registry.decision (a, b, verdict, reason, decided_by, decided_at)
SELECT DISTINCT ON (m.a, m.b) m.a, m.b, m.decision, 'decided before reasons were kept', m.decided_by, m.decided_at
FROM registry.match m WHERE m.decision IS NOT NULL ORDER BY m.a, m.b, m.decided_at DESC, m.kind;

DELETE FROM registry.match;
ALTER TABLE registry.match DROP CONSTRAINT match_pkey, DROP COLUMN kind, DROP COLUMN decision CASCADE,
    DROP COLUMN decided_by, DROP COLUMN decided_at, DROP CONSTRAINT match_state_known;
ALTER TABLE registry.match
    ADD COLUMN kinds text[] NOT NULL,
    ADD COLUMN score real NOT NULL,
    ADD COLUMN held boolean NOT NULL DEFAULT false,
    ADD PRIMARY KEY (a, b),
    ADD CONSTRAINT match_state_known CHECK (state IN ('certain', 'probable', 'shared', 'refuted')),
    ADD CONSTRAINT match_held_joins CHECK (NOT held OR state = 'certain');
CREATE INDEX match_open ON registry.match (a) WHERE state IN ('probable', 'refuted') OR held;
COMMENT ON TABLE registry.match IS 'Pairs of enrolments that share a piece of evidence, or that are alike enough to be asked about; within one programme too.';
COMMENT ON COLUMN registry.match.state IS 'certain: one human, joins; probable: a human is asked; shared: a number in common and nothing more, such as a family''s mobile; refuted: a number of one human in common, or as alike as one, yet something contradicts: kept apart, a human is asked.';
COMMENT ON COLUMN registry.match.kinds IS 'What they share, the strongest first: nid, brn, account, wallet, mobile; empty: only names, dates and places are alike.';
COMMENT ON COLUMN registry.match.score IS 'Likelihood ratio in bits (ekok.match_score) under the weights then active.';
COMMENT ON COLUMN registry.match.held IS 'True: it is certain by itself, but joining it would put two that contradict into one person; kept apart, a human is asked.';

ALTER TABLE registry.membership DROP CONSTRAINT membership_basis_known;
ALTER TABLE registry.membership ADD CONSTRAINT membership_basis_known CHECK (basis IN ('alone', 'evidence', 'likeness', 'decision'));
COMMENT ON COLUMN registry.membership.basis IS 'alone: no other enrolment is tied to it; evidence: a certain match with NID or BRN ties it; likeness: a certain match by score; decision: only a human decision does.';

CREATE TABLE registry.person_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor name NOT NULL DEFAULT session_user,
    kind text NOT NULL CONSTRAINT person_event_kind_known CHECK (kind IN ('merged', 'split', 'moved', 'decided', 'withdrawn')),
    cause text NOT NULL,
    enrolments uuid[] NOT NULL CONSTRAINT person_event_enrolments_given CHECK (cardinality(enrolments) > 0),
    before uuid,
    after uuid,
    decision_before jsonb,
    undoes bigint REFERENCES registry.person_event,
    CONSTRAINT person_event_whole CHECK (num_nulls(before, after) = CASE WHEN kind IN ('decided', 'withdrawn') THEN 2 ELSE 0 END)
);
CREATE INDEX person_event_by_enrolment ON registry.person_event USING gin (enrolments);
CREATE UNIQUE INDEX person_event_undone_once ON registry.person_event (undoes) WHERE undoes IS NOT NULL;
COMMENT ON TABLE registry.person_event IS 'How persons came to be what they are: one row for each merge, split or decision; insert-only. First sights (an enrolment that had no person) make none.';
COMMENT ON COLUMN registry.person_event.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.person_event.at IS 'When.';
COMMENT ON COLUMN registry.person_event.actor IS 'Login role that caused it.';
COMMENT ON COLUMN registry.person_event.kind IS 'merged: the person before is gone and its enrolments went to one that stood; split: it stands, and some of its enrolments made a new one; moved: anything else, a new name of the same person too; decided, withdrawn: a decision about a pair, whether it moved anybody or not.';
COMMENT ON COLUMN registry.person_event.cause IS 'sweep, link, or what the human gave as the reason.';
COMMENT ON COLUMN registry.person_event.enrolments IS 'The enrolments that went from one person to the other, sorted; of a decision the pair.';
COMMENT ON COLUMN registry.person_event.before IS 'Their person before; null for a decision.';
COMMENT ON COLUMN registry.person_event.after IS 'Their person after it; null for a decision.';
COMMENT ON COLUMN registry.person_event.decision_before IS 'Of a decision: the decision that stood before, null when none did.';
COMMENT ON COLUMN registry.person_event.undoes IS 'The event that this one undoes; null mostly.';

-- No foreign key to the weights: its check would lock their row, and a sweep that finds nothing new leaves no mark.
CREATE TABLE registry.sweep_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'running' CONSTRAINT sweep_run_state_known CHECK (state IN ('running', 'finished', 'abandoned')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    started_by name NOT NULL DEFAULT session_user,
    weights_version int NOT NULL,
    step smallint NOT NULL DEFAULT 1,
    part smallint NOT NULL DEFAULT 0,
    resumed int NOT NULL DEFAULT 0,
    scored bigint NOT NULL DEFAULT 0,
    matches_new bigint NOT NULL DEFAULT 0,
    matches_gone bigint NOT NULL DEFAULT 0,
    persons bigint,
    queued bigint,
    rule_hits bigint,
    CONSTRAINT sweep_run_ends_with_state CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX sweep_run_one_running ON registry.sweep_run ((true)) WHERE state = 'running';
COMMENT ON TABLE registry.sweep_run IS 'One sweep over the whole registry, and how far it is: committed after each part.';
COMMENT ON COLUMN registry.sweep_run.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.sweep_run.state IS 'running (also when nobody goes on with it), finished, or abandoned: what was done was thrown away.';
COMMENT ON COLUMN registry.sweep_run.started_at IS 'When it began.';
COMMENT ON COLUMN registry.sweep_run.touched_at IS 'When its last part ended.';
COMMENT ON COLUMN registry.sweep_run.ended_at IS 'When it ended; null while running.';
COMMENT ON COLUMN registry.sweep_run.started_by IS 'Login role that began it.';
COMMENT ON COLUMN registry.sweep_run.weights_version IS 'The weights it scores with.';
COMMENT ON COLUMN registry.sweep_run.step IS 'Step at work: see registry.sweep_steps.';
COMMENT ON COLUMN registry.sweep_run.part IS 'Parts of the step that are done.';
COMMENT ON COLUMN registry.sweep_run.resumed IS 'How often it was gone on with after its working material was lost.';
COMMENT ON COLUMN registry.sweep_run.scored IS 'Pairs of enrolments that were scored.';
COMMENT ON COLUMN registry.sweep_run.matches_new IS 'Matches that were not known before.';
COMMENT ON COLUMN registry.sweep_run.matches_gone IS 'Matches that stand no more.';
COMMENT ON COLUMN registry.sweep_run.persons IS 'Persons at its end.';
COMMENT ON COLUMN registry.sweep_run.queued IS 'Pairs that waited for a human at its end.';
COMMENT ON COLUMN registry.sweep_run.rule_hits IS 'Rule hits at its end.';

CREATE TABLE registry.sweep_count (
    run_id bigint REFERENCES registry.sweep_run,
    dimension text CONSTRAINT sweep_count_dimension_known CHECK (dimension IN ('programme', 'ministry', 'upazila')),
    code text,
    enrolments bigint NOT NULL,
    in_several bigint NOT NULL,
    queued bigint NOT NULL,
    above_limit bigint NOT NULL,
    paisa_in_several numeric NOT NULL,
    PRIMARY KEY (run_id, dimension, code)
);
COMMENT ON TABLE registry.sweep_count IS 'What stood at the end of each sweep, by programme, ministry and upazila, so that the next can be compared.';
COMMENT ON COLUMN registry.sweep_count.run_id IS 'The sweep.';
COMMENT ON COLUMN registry.sweep_count.dimension IS 'programme, ministry or upazila.';
COMMENT ON COLUMN registry.sweep_count.code IS 'Code of the programme or ministry, or 6 digits of the upazila; - where none is given.';
COMMENT ON COLUMN registry.sweep_count.enrolments IS 'Enrolments there.';
COMMENT ON COLUMN registry.sweep_count.in_several IS 'Those whose person is in two or more programmes.';
COMMENT ON COLUMN registry.sweep_count.queued IS 'Those in a pair that waits for a human.';
COMMENT ON COLUMN registry.sweep_count.above_limit IS 'Those whose person breaks a rule.';
COMMENT ON COLUMN registry.sweep_count.paisa_in_several IS 'Benefit of one payment in paisa of those whose person is in several programmes.';

-- Working material of a sweep: unlogged, so that after a crash of the server it is empty and the sweep begins anew, the
-- mark of each part with it.
CREATE UNLOGGED TABLE sweep.mark (run_id bigint, step smallint, part smallint, PRIMARY KEY (run_id, step, part));
COMMENT ON TABLE sweep.mark IS 'Parts whose results stand in these tables.';
COMMENT ON COLUMN sweep.mark.run_id IS 'The sweep (registry.sweep_run).';
COMMENT ON COLUMN sweep.mark.step IS 'The step.';
COMMENT ON COLUMN sweep.mark.part IS 'The part, from 1.';
CREATE UNLOGGED TABLE sweep.taken (enrolment_id uuid, stamp bigint);
COMMENT ON TABLE sweep.taken IS 'What stood in registry.pending when the keys were made.';
COMMENT ON COLUMN sweep.taken.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN sweep.taken.stamp IS 'Its stamp then.';
CREATE UNLOGGED TABLE sweep.candidate (a uuid, b uuid, kind smallint);
COMMENT ON TABLE sweep.candidate IS 'Pairs that share a key; those of one part in a table of its own that inherits from this.';
COMMENT ON COLUMN sweep.candidate.a IS 'The enrolment with the smaller id.';
COMMENT ON COLUMN sweep.candidate.b IS 'The enrolment with the greater id.';
COMMENT ON COLUMN sweep.candidate.kind IS 'Number of the kind (registry.evidence_kind).';
CREATE UNLOGGED TABLE sweep.holders (evidence_key bigint, holders int);
COMMENT ON TABLE sweep.holders IS 'Evidence keys that several enrolments hold.';
COMMENT ON COLUMN sweep.holders.evidence_key IS 'The key (ekok.evidence_key).';
COMMENT ON COLUMN sweep.holders.holders IS 'How many enrolments hold it.';
CREATE UNLOGGED TABLE sweep.record (id uuid, p ekok.person, tokens bytea[], list text);
COMMENT ON TABLE sweep.record IS 'Enrolments as they are compared; those of one part in a table of its own that inherits from this.';
COMMENT ON COLUMN sweep.record.id IS 'The enrolment.';
COMMENT ON COLUMN sweep.record.p IS 'As ekok.match_score compares it.';
COMMENT ON COLUMN sweep.record.tokens IS 'Its tokens (registry.tokens_of).';
COMMENT ON COLUMN sweep.record.list IS 'Its source and programme.';
CREATE UNLOGGED TABLE sweep.scored (a uuid, b uuid, kinds text[], state text, score real);
COMMENT ON TABLE sweep.scored IS 'What registry.match shall hold; those of one part in a table of its own that inherits from this.';
COMMENT ON COLUMN sweep.scored.a IS 'As registry.match.a.';
COMMENT ON COLUMN sweep.scored.b IS 'As registry.match.b.';
COMMENT ON COLUMN sweep.scored.kinds IS 'As registry.match.kinds.';
COMMENT ON COLUMN sweep.scored.state IS 'As registry.match.state.';
COMMENT ON COLUMN sweep.scored.score IS 'As registry.match.score.';

DROP FUNCTION IF EXISTS registry.sweep_pairs(), registry.sweep_matches(), registry.sweep_labels(), registry.sweep_members(),
    registry.match_state(text, date, date, text, text), registry.same_birth_date(date, date);

DO $$
BEGIN
    PERFORM audit.attach('registry.match'), audit.attach('registry.decision'), audit.attach('registry.weights'),
            audit.attach('registry.evidence_kind'), audit.attach('registry.person_event');
    -- What is older is not known to be linked by names.
    INSERT INTO registry.pending (enrolment_id) SELECT e.id FROM registry.enrolment e;
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.person_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE registry.person_event ENABLE ALWAYS TRIGGER insert_only;

COMMIT;
