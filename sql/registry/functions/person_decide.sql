-- person_decide.sql - the human's word. A decision is kept with who took it, why, and upon what; it can be withdrawn, and
-- what it or a sweep did to persons can be undone. Everything goes by functions: no duty writes these tables itself.

CREATE OR REPLACE FUNCTION registry.fingerprint(a uuid, b uuid) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(string_agg(ROW(e.id, e.name_bn, e.name_en, e.father_name, e.mother_name, e.sex, e.birth_date, e.geo,
        e.nid_digits, e.nid_token, e.brn_token, e.mobile_token, e.wallet_token, e.account_token)::text, E'\n' ORDER BY e.id), 'UTF8'))
    FROM registry.enrolment e WHERE e.id IN (fingerprint.a, fingerprint.b);
$$;
COMMENT ON FUNCTION registry.fingerprint(uuid, uuid) IS 'SHA-256 of all that a decision about two enrolments rests on: names, parents, sex, birth date, place and tokens; not money or status.';

CREATE OR REPLACE FUNCTION registry.enter_decision() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1701539691, hashtext('ekok sweep'));
    PERFORM set_config('ekok.purpose', 'decision', true), set_config('ekok.source', '', true),
            set_config('ekok.run', '', true), set_config('ekok.page_sha256', '', true);
END $$;
COMMENT ON FUNCTION registry.enter_decision() IS 'Waits for a sweep or link at work, and says in the audit what the changes are for.';

-- The decision that stands becomes `verdict`, or none when that is null. Returns the event.
CREATE OR REPLACE FUNCTION registry.put_decision(one uuid, other uuid, verdict text, reason text, undoes bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    low uuid := least(one, other);
    high uuid := greatest(one, other);
    event bigint;
BEGIN
    INSERT INTO registry.person_event (kind, cause, enrolments, decision_before, undoes)
    SELECT CASE WHEN verdict IS NULL THEN 'withdrawn' ELSE 'decided' END, reason, ARRAY[low, high],
           (SELECT to_jsonb(d) FROM registry.decision d WHERE d.a = low AND d.b = high), put_decision.undoes
    RETURNING id INTO event;
    IF verdict IS NULL THEN
        DELETE FROM registry.decision d WHERE d.a = low AND d.b = high;
    ELSE
        INSERT INTO registry.decision AS d (a, b, verdict, reason, fingerprint)
        VALUES (low, high, put_decision.verdict, put_decision.reason, registry.fingerprint(low, high))
        ON CONFLICT ON CONSTRAINT decision_pkey DO UPDATE
        SET verdict = excluded.verdict, reason = excluded.reason, fingerprint = excluded.fingerprint,
            decided_by = excluded.decided_by, decided_at = excluded.decided_at;
    END IF;
    RETURN event;
END $$;
COMMENT ON FUNCTION registry.put_decision(uuid, uuid, text, text, bigint) IS 'Writes a decision and its event; persons are settled by the caller. verdict null: withdraws.';

CREATE OR REPLACE FUNCTION registry.decide(one uuid, other uuid, verdict text, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    event bigint;
BEGIN
    IF one = other OR (SELECT count(*) FROM registry.enrolment e WHERE e.id IN (one, other)) <> 2 THEN
        RAISE 'a decision is about two enrolments that exist' USING ERRCODE = 'no_data_found',
            HINT = 'registry.queue lists the pairs that wait.';
    ELSIF (verdict IN ('same', 'different')) IS NOT TRUE OR coalesce(btrim(reason), '') = '' THEN
        RAISE 'a decision is same or different, and has a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM access.must_see(ARRAY[one, other]);
    PERFORM registry.enter_decision();
    event := registry.put_decision(one, other, verdict, reason);
    PERFORM registry.recluster(ARRAY[one, other], reason);
    RETURN event;
END $$;
COMMENT ON FUNCTION registry.decide(uuid, uuid, text, text) IS 'A human decides about two enrolments: verdict same or different, reason in words. Persons follow at once; the pair is not asked again unless what it was decided upon changes. Returns the event, for registry.undo. Errors: P0002 no such enrolments, 22023 no verdict or no reason.';

CREATE OR REPLACE FUNCTION registry.withdraw(one uuid, other uuid, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    event bigint;
BEGIN
    PERFORM access.must_see(ARRAY[one, other]);
    PERFORM registry.enter_decision();
    IF NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = least(one, other) AND d.b = greatest(one, other)) THEN
        RAISE 'nothing is decided about these two' USING ERRCODE = 'no_data_found';
    ELSIF coalesce(btrim(reason), '') = '' THEN
        RAISE 'withdrawing a decision has a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    event := registry.put_decision(one, other, NULL, reason);
    PERFORM registry.recluster(ARRAY[one, other], reason);
    RETURN event;
END $$;
COMMENT ON FUNCTION registry.withdraw(uuid, uuid, text) IS 'Takes a decision back, for a reason; evidence decides again. Returns the event. Errors: P0002 nothing decided, 22023 no reason.';

-- Merged: all pairs that tie the newcomers to the rest are decided to be different. Split: one pair is decided to be the same.
CREATE OR REPLACE FUNCTION registry.undo_move(moved registry.person_event) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    why text := format('undo of event %s', moved.id);
    rest uuid[] := ARRAY(SELECT m.enrolment_id FROM registry.membership m
                         WHERE m.person_id = moved.after AND m.enrolment_id <> ALL (moved.enrolments) ORDER BY 1);
    kin uuid := (SELECT min(m.enrolment_id::text)::uuid FROM registry.membership m
                 WHERE m.person_id = moved.before AND m.enrolment_id <> ALL (moved.enrolments));
BEGIN
    PERFORM registry.put_decision(j.a, j.b, 'different', why)
    FROM registry.join_edges(moved.enrolments || rest) j
    WHERE j.a = ANY (moved.enrolments) AND j.b = ANY (rest) OR j.a = ANY (rest) AND j.b = ANY (moved.enrolments);
    IF kin IS NOT NULL THEN
        PERFORM registry.put_decision(moved.enrolments[1], kin, 'same', why);
    END IF;
    PERFORM registry.recluster(moved.enrolments || rest || array_remove(ARRAY[kin], NULL), why);
END $$;
COMMENT ON FUNCTION registry.undo_move(registry.person_event) IS 'Brings the enrolments of a merge, split or move back, by decisions that keep them there.';

CREATE OR REPLACE FUNCTION registry.undo(event bigint, reason text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    past registry.person_event;
    made bigint;
BEGIN
    PERFORM registry.enter_decision();
    SELECT * INTO past FROM registry.person_event v WHERE v.id = event;
    IF NOT FOUND THEN
        RAISE 'there is no event %', event USING ERRCODE = 'no_data_found', HINT = 'registry.person_event lists them.';
    ELSIF EXISTS (SELECT FROM registry.person_event v WHERE v.undoes = event) THEN
        RAISE 'event % is undone already', event USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF coalesce(btrim(reason), '') = '' THEN
        RAISE 'undoing has a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM access.must_see(past.enrolments);
    IF past.kind IN ('decided', 'withdrawn') THEN
        made := registry.put_decision(past.enrolments[1], past.enrolments[2], past.decision_before ->> 'verdict', reason, event);
        PERFORM registry.recluster(past.enrolments, reason);
    ELSE
        INSERT INTO registry.person_event (kind, cause, enrolments, before, after, undoes)
        VALUES ('moved', reason, past.enrolments, past.after, past.before, event) RETURNING id INTO made;
        PERFORM registry.undo_move(past);
    END IF;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.undo(bigint, text) IS 'Undoes an event of registry.person_event, for a reason: a decision becomes what it was before; a merge or split is turned back by decisions, so that the next sweep leaves it. Returns the new event. Errors: P0002 no such event, 55000 undone already, 22023 no reason.';
