-- Deploy ekok:rules to pg
-- Promises that a rule says all that its kind needs and nothing else, so that no empty field switches one off; that a rule
-- in force is looked at by every statement that enrols, changes or gives evidence; that an exception has a reason, a
-- grantor and an end. Refuses a rule that nothing could ever break.

BEGIN;

SET LOCAL ROLE ekok_owner;

-- A set of programmes: at least one, none null, none twice. Null is no set.
CREATE FUNCTION registry.is_programme_set(given text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(array_ndims(given) = 1 AND cardinality(given) > 0 AND array_position(given, NULL) IS NULL
                    AND cardinality(given) = (SELECT count(DISTINCT g) FROM unnest(given) g), false);
COMMENT ON FUNCTION registry.is_programme_set(text[]) IS 'True for a list of one or more programmes without null and without repetition; false, never null, else.';

ALTER TABLE registry.rule
    DROP CONSTRAINT rule_kind_known, DROP CONSTRAINT rule_benefit_known, DROP CONSTRAINT rule_limit_not_negative,
    ALTER benefit DROP NOT NULL,
    ALTER "limit" DROP NOT NULL,
    ADD counted text,
    ADD evidence text,
    ADD programmes text[],
    ADD not_with text[],
    ADD state text NOT NULL DEFAULT 'active' CONSTRAINT rule_state_known CHECK (state IN ('proposed', 'active', 'retired')),
    ADD replaces text REFERENCES registry.rule,
    ADD proposed_by name NOT NULL DEFAULT session_user,
    ADD proposed_at timestamptz NOT NULL DEFAULT now(),
    ADD activated_by name,
    ADD activated_at timestamptz;
UPDATE registry.rule SET activated_by = session_user, activated_at = now();
ALTER TABLE registry.rule
    ALTER state SET DEFAULT 'proposed',
    ADD CONSTRAINT rule_code_form CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    ADD CONSTRAINT rule_kind_known CHECK (kind IN ('max programmes', 'excluded combination', 'max per evidence', 'max per household')),
    ADD CONSTRAINT rule_benefit_fits CHECK (CASE WHEN kind = 'excluded combination' THEN benefit IS NULL
                                            ELSE coalesce(benefit IN ('cash', 'in kind', 'workfare', 'any'), false) END),
    ADD CONSTRAINT rule_limit_fits CHECK (CASE WHEN kind = 'excluded combination' THEN "limit" IS NULL
                                          ELSE coalesce("limit" >= 0, false) END),
    ADD CONSTRAINT rule_counted_fits CHECK (CASE WHEN kind IN ('max per evidence', 'max per household')
                                            THEN coalesce(counted IN ('enrolments', 'names', 'programmes'), false)
                                            ELSE counted IS NULL END),
    ADD CONSTRAINT rule_evidence_fits CHECK (CASE WHEN kind = 'max per evidence'
                                             THEN coalesce(evidence IN ('nid', 'brn', 'mobile', 'wallet', 'account'), false)
                                             ELSE evidence IS NULL END),
    ADD CONSTRAINT rule_sets_fit CHECK (CASE WHEN kind = 'excluded combination'
                                        THEN registry.is_programme_set(programmes) AND registry.is_programme_set(not_with)
                                        ELSE programmes IS NULL AND not_with IS NULL END),
    ADD CONSTRAINT rule_can_be_broken CHECK (kind <> 'excluded combination' OR cardinality(programmes) > 1
                                             OR cardinality(not_with) > 1 OR programmes <> not_with),
    ADD CONSTRAINT rule_days_finite CHECK (isfinite(valid_from) AND (valid_to IS NULL OR isfinite(valid_to))),
    ADD CONSTRAINT rule_replaces_another CHECK (replaces <> code),
    ADD CONSTRAINT rule_activation_whole CHECK (num_nulls(activated_by, activated_at) IN (0, 2)
                                                AND (state = 'proposed') <= (activated_by IS NULL)
                                                AND (state = 'active') <= (activated_by IS NOT NULL));
COMMENT ON CONSTRAINT rule_code_form ON registry.rule IS 'A code is 1 to 63 small letters, digits and hyphens.';
COMMENT ON CONSTRAINT rule_kind_known ON registry.rule IS 'Kinds: max programmes, excluded combination, max per evidence, max per household.';
COMMENT ON CONSTRAINT rule_benefit_fits ON registry.rule IS 'benefit is cash, in kind, workfare or any; an excluded combination has none.';
COMMENT ON CONSTRAINT rule_limit_fits ON registry.rule IS 'limit is 0 (none allowed) or more, never missing; an excluded combination has none.';
COMMENT ON CONSTRAINT rule_counted_fits ON registry.rule IS 'counted is enrolments, names or programmes for max per evidence and max per household; other kinds have none.';
COMMENT ON CONSTRAINT rule_evidence_fits ON registry.rule IS 'evidence is nid, brn, mobile, wallet or account for max per evidence; other kinds have none.';
COMMENT ON CONSTRAINT rule_sets_fit ON registry.rule IS 'programmes and not_with each list one programme or more, none null, none twice, for an excluded combination; other kinds have none.';
COMMENT ON CONSTRAINT rule_can_be_broken ON registry.rule IS 'A programme cannot exclude itself alone: name another in programmes or not_with.';
COMMENT ON CONSTRAINT rule_days_finite ON registry.rule IS 'valid_from is a day; valid_to is a day, or null for no end.';
COMMENT ON CONSTRAINT rule_replaces_another ON registry.rule IS 'A rule does not replace itself: propose the change under another code.';
COMMENT ON CONSTRAINT rule_activation_whole ON registry.rule IS 'Who activated it and when stand together, and in every active rule.';
COMMENT ON CONSTRAINT rule_mode_known ON registry.rule IS 'mode is report, hold or refuse.';
COMMENT ON CONSTRAINT rule_state_known ON registry.rule IS 'state is proposed, active or retired.';
COMMENT ON CONSTRAINT rule_validity_ordered ON registry.rule IS 'valid_to is not before valid_from.';
COMMENT ON TABLE registry.rule IS 'Rules that enrolments are held against: proposed by one (registry.propose_rule), activated by another (registry.activate_rule).';
COMMENT ON COLUMN registry.rule.kind IS 'max programmes: a person draws from at most "limit" programmes; excluded combination: nobody draws from one of programmes and from another one of not_with; max per evidence: one wallet, mobile and so on serves at most "limit"; max per household: a household has at most "limit".';
COMMENT ON COLUMN registry.rule.benefit IS 'Only programmes of this benefit count: cash, in kind, workfare, or any; null for an excluded combination.';
COMMENT ON COLUMN registry.rule."limit" IS 'Highest number allowed, 0 or more; 0 allows none. Null for an excluded combination only.';
COMMENT ON COLUMN registry.rule.mode IS 'report: the sweep writes a registry.rule_hit; hold: the enrolment is kept under a registry.hold and draws nothing; refuse: the statement fails, the record of a page is set aside.';
COMMENT ON COLUMN registry.rule.counted IS 'For max per evidence and max per household: enrolments, names (that sound different) or programmes.';
COMMENT ON COLUMN registry.rule.evidence IS 'For max per evidence: nid, brn, mobile, wallet or account.';
COMMENT ON COLUMN registry.rule.programmes IS 'For an excluded combination: who draws from one of these ...';
COMMENT ON COLUMN registry.rule.not_with IS '... does not draw from another one of these. The same list twice: at most one of the list.';
COMMENT ON COLUMN registry.rule.state IS 'proposed: holds nobody yet; active: holds from valid_from to valid_to; retired.';
COMMENT ON COLUMN registry.rule.replaces IS 'The rule that is retired when this one is activated.';
COMMENT ON COLUMN registry.rule.proposed_by IS 'Who proposed it (session_user).';
COMMENT ON COLUMN registry.rule.proposed_at IS 'When.';
COMMENT ON COLUMN registry.rule.activated_by IS 'Who put it into force; registry.activate_rule wants another than who proposed it. Rules of sql/reference/rule.csv: who loaded them.';
COMMENT ON COLUMN registry.rule.activated_at IS 'When.';

-- One row that changes with every rule: a transaction of an old snapshot that locks it learns that rules have changed.
CREATE TABLE registry.rule_epoch (
    single boolean PRIMARY KEY DEFAULT true CONSTRAINT rule_epoch_one_row CHECK (single),
    number bigint NOT NULL DEFAULT 0
);
INSERT INTO registry.rule_epoch DEFAULT VALUES;
COMMENT ON TABLE registry.rule_epoch IS 'One row: how often registry.rule has changed.';
COMMENT ON COLUMN registry.rule_epoch.single IS 'Always true.';
COMMENT ON COLUMN registry.rule_epoch.number IS 'Rises with each change of a rule.';

CREATE TABLE registry.rule_exception (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule text NOT NULL REFERENCES registry.rule,
    enrolment_id uuid,
    person_id uuid,
    reason text NOT NULL CONSTRAINT rule_exception_reason_given CHECK (btrim(reason) <> ''),
    granted_by name NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_by name,
    revoked_at timestamptz,
    CONSTRAINT rule_exception_for_one CHECK (num_nonnulls(enrolment_id, person_id) = 1),
    CONSTRAINT rule_exception_ends CHECK (isfinite(expires_at) AND expires_at > granted_at
                                          AND expires_at <= granted_at + interval '366 days'),
    CONSTRAINT rule_exception_revoked_whole CHECK (num_nulls(revoked_by, revoked_at) IN (0, 2))
);
CREATE INDEX rule_exception_by_rule ON registry.rule_exception (rule) WHERE revoked_at IS NULL;
COMMENT ON TABLE registry.rule_exception IS 'A person or an enrolment that a rule does not hold, for a reason, until a day. Made by registry.grant_exception.';
COMMENT ON COLUMN registry.rule_exception.id IS 'Running number, with gaps.';
COMMENT ON COLUMN registry.rule_exception.rule IS 'The rule.';
COMMENT ON COLUMN registry.rule_exception.enrolment_id IS 'The enrolment; it may have been refused and not stand in the registry yet.';
COMMENT ON COLUMN registry.rule_exception.person_id IS 'Or the person, with all enrolments.';
COMMENT ON COLUMN registry.rule_exception.reason IS 'Why, in words without identifiers; never empty.';
COMMENT ON COLUMN registry.rule_exception.granted_by IS 'Who granted it (session_user).';
COMMENT ON COLUMN registry.rule_exception.granted_at IS 'When.';
COMMENT ON COLUMN registry.rule_exception.expires_at IS 'When it ends, at most 366 days later. What was enrolled under it stays and is reported.';
COMMENT ON COLUMN registry.rule_exception.revoked_by IS 'Who ended it earlier; null when nobody did.';
COMMENT ON COLUMN registry.rule_exception.revoked_at IS 'When.';

CREATE TABLE registry.hold (
    enrolment_id uuid REFERENCES registry.enrolment ON DELETE CASCADE,
    rule text REFERENCES registry.rule,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    counted int NOT NULL,
    released_at timestamptz,
    released_by name,
    released_reason text CONSTRAINT hold_released_reason_given CHECK (btrim(released_reason) <> ''),
    PRIMARY KEY (enrolment_id, rule, since),
    CONSTRAINT hold_released_whole CHECK (num_nulls(released_at, released_by, released_reason) IN (0, 3))
);
CREATE UNIQUE INDEX hold_standing ON registry.hold (enrolment_id, rule) WHERE released_at IS NULL;
COMMENT ON TABLE registry.hold IS 'Enrolments kept but not drawing, because a rule of mode hold would be broken. Released by registry.release_hold.';
COMMENT ON COLUMN registry.hold.enrolment_id IS 'The enrolment.';
COMMENT ON COLUMN registry.hold.rule IS 'The rule.';
COMMENT ON COLUMN registry.hold.since IS 'When it was put on hold.';
COMMENT ON COLUMN registry.hold.counted IS 'What the rule counted with this enrolment.';
COMMENT ON COLUMN registry.hold.released_at IS 'When it was released; null while it stands.';
COMMENT ON COLUMN registry.hold.released_by IS 'Who released it (session_user).';
COMMENT ON COLUMN registry.hold.released_reason IS 'Why, in words without identifiers.';

CREATE INDEX enrolment_by_household ON registry.enrolment (source, household) WHERE household IS NOT NULL;
COMMENT ON INDEX registry.enrolment_by_household IS 'For the rules on households.';

-- A change of rules waits for the transactions that are writing, and is seen by all that write later.
CREATE FUNCTION registry.rule_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown text;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        SELECT p INTO unknown FROM unnest(NEW.programmes || NEW.not_with) p
        WHERE NOT EXISTS (SELECT FROM registry.programme k WHERE k.code = p) LIMIT 1;
        IF FOUND THEN
            RAISE 'rule "%" names programme "%", which does not exist', NEW.code, unknown
                USING ERRCODE = 'foreign_key_violation', HINT = 'Programmes stand in registry.programme.';
        END IF;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state = 'proposed' THEN
        RETURN NULL;
    END IF;
    LOCK TABLE registry.enrolment, registry.evidence IN SHARE ROW EXCLUSIVE MODE;
    UPDATE registry.rule_epoch SET number = number + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION registry.rule_changed() IS 'Row trigger on registry.rule: waits for the transactions that write enrolments or evidence, keeps others waiting until this one ends, and counts the change. Error 23503 when a rule names a programme that does not exist.';
CREATE TRIGGER rule_changed AFTER INSERT OR UPDATE OR DELETE ON registry.rule
    FOR EACH ROW EXECUTE FUNCTION registry.rule_changed();

-- What registry.enforce (sql/registry/functions) is called for.
CREATE FUNCTION registry.hold_to_rules() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    touched uuid[];
    kinds text[];
    strong ekok.evidence[];
    others ekok.evidence[];
BEGIN
    IF NOT registry.rules_bind() THEN
        RETURN NULL;
    ELSIF TG_TABLE_NAME = 'evidence' THEN
        kinds := registry.binding_kinds();
        SELECT array_agg(DISTINCT n.enrolment_id),
               coalesce(array_agg(ekok.with_programme(n.key, 0)) FILTER (WHERE n.kind IN ('nid', 'brn')), '{}'),
               coalesce(array_agg(ekok.with_programme(n.key, 0)) FILTER (WHERE n.kind NOT IN ('nid', 'brn')), '{}')
        INTO touched, strong, others FROM new_rows n WHERE n.kind = ANY (kinds);
    ELSIF TG_OP = 'INSERT' THEN
        -- Evidence comes by a statement of its own, and is what counts. A page brings it in the same transaction.
        IF registry.rules_bind_alone() OR current_setting('ekok.purpose', true) IS DISTINCT FROM 'ingestion' THEN
            touched := ARRAY(SELECT n.id FROM new_rows n);
        END IF;
    ELSE
        touched := ARRAY(SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
                         WHERE (n.status = 'active' OR n.status IS NULL)
                           AND (o.status NOT IN ('active') OR o.programme <> n.programme
                                OR o.household IS DISTINCT FROM n.household
                                OR (o.name_bn, o.name_en) IS DISTINCT FROM (n.name_bn, n.name_en)));
    END IF;
    IF cardinality(touched) > 0 THEN
        PERFORM registry.enforce(touched, strong, others);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION registry.hold_to_rules() IS 'Statement trigger: holds the enrolments that a statement brought, gave evidence or made active to the rules in force. Errors as registry.enforce.';
CREATE TRIGGER zz_holds_to_rules AFTER INSERT ON registry.evidence REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.hold_to_rules();
CREATE TRIGGER zz_holds_to_rules AFTER INSERT ON registry.enrolment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.hold_to_rules();
CREATE TRIGGER zz_holds_still AFTER UPDATE ON registry.enrolment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry.hold_to_rules();
ALTER TABLE registry.evidence ENABLE ALWAYS TRIGGER zz_holds_to_rules;
ALTER TABLE registry.enrolment ENABLE ALWAYS TRIGGER zz_holds_to_rules, ENABLE ALWAYS TRIGGER zz_holds_still;
ALTER TABLE registry.rule ENABLE ALWAYS TRIGGER rule_changed;

COMMENT ON COLUMN etl.quarantine.disposition IS 'quarantined: wrong in form; refused: the source may not report the programme, or a rule of mode refuse would be broken.';
COMMENT ON COLUMN etl.run.refused IS 'Records set aside because the source may not report the programme, or because a rule of mode refuse would be broken.';

-- What sql/apply.sql makes anew with other arguments.
DROP FUNCTION IF EXISTS etl.add_new(text, bigint, text[]), etl.apply_changed(bigint, text[]);

DO $$ BEGIN
    PERFORM audit.attach('registry.rule_exception'), audit.attach('registry.hold'), audit.attach('registry.rule_epoch');
END $$;

COMMIT;
