-- rule_govern.sql - how rules, exceptions and holds come and go. One proposes, another activates, and says how many persons
-- it will newly affect: so nobody puts a rule into force without having seen what it does. Run as the owner; who did it is
-- session_user, and the audit keeps every row.

CREATE OR REPLACE FUNCTION registry.propose_rule(code text, definition jsonb, replaces text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given registry.rule;
    unknown text;
    broken text;
    missing text;
BEGIN
    SELECT k INTO unknown FROM jsonb_object_keys(definition) k
    WHERE k NOT IN ('kind', 'benefit', 'limit', 'counted', 'evidence', 'programmes', 'not_with', 'mode', 'source', 'confidence',
                    'valid_from', 'valid_to') LIMIT 1;
    IF FOUND THEN
        RAISE 'a rule has no field "%"', unknown USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Fields: kind, benefit, limit, counted, evidence, programmes, not_with, mode, source, confidence, valid_from, valid_to.';
    END IF;
    given := jsonb_populate_record(NULL::registry.rule, definition);
    INSERT INTO registry.rule (code, kind, benefit, "limit", counted, evidence, programmes, not_with, mode, source, confidence,
                               valid_from, valid_to, state, replaces)
    VALUES (propose_rule.code, given.kind, given.benefit, given."limit", given.counted, given.evidence, given.programmes,
            given.not_with, given.mode, given.source, given.confidence, given.valid_from, given.valid_to, 'proposed',
            propose_rule.replaces);
EXCEPTION
    WHEN check_violation THEN
        GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
        RAISE 'rule "%" is not complete or says too much', code USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            HINT = coalesce((SELECT obj_description(k.oid, 'pg_constraint') FROM pg_constraint k
                             WHERE k.conrelid = 'registry.rule'::regclass AND k.conname = broken), 'Its constraint is ' || broken || '.');
    WHEN not_null_violation THEN
        GET STACKED DIAGNOSTICS missing = COLUMN_NAME;
        RAISE 'rule "%" lacks "%"', code, missing USING ERRCODE = 'not_null_violation', COLUMN = missing,
            HINT = (SELECT col_description(a.attrelid, a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = 'registry.rule'::regclass AND a.attname = missing);
END $$;
COMMENT ON FUNCTION registry.propose_rule(text, jsonb, text) IS 'Proposes a rule: {"kind", "benefit", "limit", "counted", "evidence", "programmes", "not_with", "mode", "source", "confidence", "valid_from", "valid_to"}, as the columns of registry.rule; replaces: the active rule it changes. Holds nobody until registry.activate_rule. Errors: 22023 unknown field, 23502 or 23514 a field missing or out of place, with what is wanted as the hint; 23503 unknown programme or rule; 23505 the code is taken.';

CREATE OR REPLACE FUNCTION registry.affected_by(code text) RETURNS TABLE (person_id uuid, programmes text[], newly boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' AS $$
DECLARE
    r registry.rule;
    before registry.rule;
BEGIN
    SELECT k.* INTO r FROM registry.rule k WHERE k.code = affected_by.code;
    IF NOT FOUND THEN
        RAISE 'rule "%" does not exist', code USING ERRCODE = 'no_data_found', HINT = 'Rules stand in registry.rule.';
    END IF;
    SELECT k.* INTO before FROM registry.rule k WHERE k.code = r.replaces AND k.state = 'active';
    RETURN QUERY
        WITH earlier AS MATERIALIZED (SELECT b.person_id FROM registry.rule_breaches(before) b WHERE before.code IS NOT NULL)
        SELECT b.person_id, b.programmes, b.person_id NOT IN (SELECT e.person_id FROM earlier e)
        FROM registry.rule_breaches(r) b
        WHERE b.person_id NOT IN (SELECT registry.excepted_persons(r.code))
        ORDER BY 3 DESC, cardinality(b.programmes) DESC, 1;
END $$;
COMMENT ON FUNCTION registry.affected_by(text) IS 'Rows of registry.preview_rule over all ministries. Error P0002: no such rule.';

CREATE OR REPLACE FUNCTION registry.preview_rule(code text) RETURNS TABLE (person_id uuid, programmes text[], newly boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.* FROM registry.affected_by(preview_rule.code) p WHERE (SELECT access.sees_all()) OR access.sees_person(p.person_id)
    ORDER BY 3 DESC, cardinality(p.programmes) DESC, 1;
$$;
COMMENT ON FUNCTION registry.preview_rule(text) IS 'Whom a rule would affect if it were in force today, over all persons of the last sweep with an enrolment in the caller''s scope: newly is true for those whom the rule it replaces does not affect. Writes nothing. Error P0002: no such rule.';

CREATE OR REPLACE FUNCTION registry.activate_rule(code text, newly_affected bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r registry.rule;
    affected bigint;
BEGIN
    LOCK TABLE registry.enrolment, registry.evidence IN SHARE ROW EXCLUSIVE MODE;
    SELECT k.* INTO r FROM registry.rule k WHERE k.code = activate_rule.code FOR UPDATE;
    IF NOT FOUND THEN
        RAISE 'rule "%" does not exist', code USING ERRCODE = 'no_data_found', HINT = 'Propose it with registry.propose_rule.';
    ELSIF r.state <> 'proposed' THEN
        RAISE 'rule "%" is %', code, r.state USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Propose the change as a rule that replaces it.';
    ELSIF r.proposed_by = session_user THEN
        RAISE 'rule "%" was proposed by the same role', code USING ERRCODE = 'insufficient_privilege',
            HINT = 'Another than the one who proposed a rule activates it.';
    END IF;
    affected := (SELECT count(*) FROM registry.affected_by(code) p WHERE p.newly);
    IF affected IS DISTINCT FROM newly_affected THEN
        RAISE 'rule "%" newly affects % persons, not %', code, affected, coalesce(newly_affected::text, 'NULL')
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Look at registry.preview_rule, then give that number.';
    END IF;
    UPDATE registry.rule k SET state = 'retired' WHERE k.code = r.replaces AND k.state = 'active';
    UPDATE registry.rule k SET state = 'active', activated_by = session_user, activated_at = now() WHERE k.code = r.code;
    PERFORM registry.sweep_rules();
    RETURN affected;
END $$;
COMMENT ON FUNCTION registry.activate_rule(text, bigint) IS 'Puts a proposed rule into force, retires the one it replaces, renews registry.rule_hit, and returns how many persons it newly affects; newly_affected must be that number. Waits for all who are writing enrolments. Whom it affects already is reported, never put on hold or refused afterwards. Errors: P0002 no such rule, 55000 not proposed or another number, 42501 by the proposer.';

CREATE OR REPLACE FUNCTION registry.retire_rule(code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE registry.enrolment, registry.evidence IN SHARE ROW EXCLUSIVE MODE;
    UPDATE registry.rule k SET state = 'retired' WHERE k.code = retire_rule.code AND k.state <> 'retired';
    IF NOT FOUND THEN
        RAISE 'no rule "%" is proposed or active', code USING ERRCODE = 'no_data_found', HINT = 'Rules stand in registry.rule.';
    END IF;
    PERFORM registry.sweep_rules();
END $$;
COMMENT ON FUNCTION registry.retire_rule(text) IS 'Ends a rule, or withdraws a proposal. Its holds stand until they are released. Error P0002: no such rule.';

CREATE OR REPLACE FUNCTION registry.grant_exception(rule text, enrolment_id uuid, person_id uuid, reason text, expires_at timestamptz)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT access.must_see(ARRAY[grant_exception.enrolment_id], grant_exception.person_id);
    INSERT INTO registry.rule_exception (rule, enrolment_id, person_id, reason, expires_at)
    VALUES (grant_exception.rule, grant_exception.enrolment_id, grant_exception.person_id, grant_exception.reason,
            grant_exception.expires_at) RETURNING id;
$$;
COMMENT ON FUNCTION registry.grant_exception(text, uuid, uuid, text, timestamptz) IS 'Lets an enrolment (of a refused record: "enrolment" in etl.quarantine.reasons), or else a person with all enrolments, go beyond a rule until a time at most 366 days ahead; returns the exception''s id. Errors: 23503 no such rule, 23514 neither or both given, no reason, or no such end, 23502 no end.';

CREATE OR REPLACE FUNCTION registry.revoke_exception(id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_see(ARRAY[x.enrolment_id], x.person_id) FROM registry.rule_exception x WHERE x.id = revoke_exception.id;
    UPDATE registry.rule_exception x SET revoked_by = session_user, revoked_at = clock_timestamp()
    WHERE x.id = revoke_exception.id AND x.revoked_at IS NULL;
    IF NOT FOUND THEN
        RAISE 'no exception % stands', id USING ERRCODE = 'no_data_found', HINT = 'Exceptions stand in registry.rule_exception.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.revoke_exception(bigint) IS 'Ends an exception now; what was enrolled under it stays and is reported. Error P0002: it does not stand.';

CREATE OR REPLACE FUNCTION registry.release_hold(enrolment_id uuid, rule text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c registry.enrolment;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'a hold cannot be released at isolation level %', current_setting('transaction_isolation')
            USING ERRCODE = 'feature_not_supported', HINT = 'Release it at READ COMMITTED.';
    END IF;
    PERFORM access.must_see(ARRAY[release_hold.enrolment_id]);
    PERFORM registry.lock_persons(coalesce(k.strong, '{}'), coalesce(k.others, '{}'), 1)
    FROM registry.rule_keys(ARRAY[release_hold.enrolment_id]) k;
    SELECT e.* INTO c FROM registry.enrolment e WHERE e.id = release_hold.enrolment_id;
    UPDATE registry.hold h SET released_at = clock_timestamp(), released_by = session_user, released_reason = reason
    WHERE h.enrolment_id = release_hold.enrolment_id AND h.rule = release_hold.rule AND h.released_at IS NULL;
    IF NOT FOUND THEN
        RAISE 'no hold by rule "%" stands on that enrolment', rule USING ERRCODE = 'no_data_found', HINT = 'Standing holds are in report.holds.';
    ELSIF registry.draws(c) AND EXISTS (SELECT FROM registry.judge(c) j) THEN
        RAISE 'a rule would be broken' USING ERRCODE = 'EK001',
            HINT = 'End another enrolment of the person first, or have an exception granted: registry.grant_exception.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.release_hold(uuid, text, text) IS 'Releases a hold, for a reason. Errors: P0002 there is none, 23514 no reason, EK001 the enrolment would then break a rule in force and no exception stands, 0A000 not at READ COMMITTED.';
