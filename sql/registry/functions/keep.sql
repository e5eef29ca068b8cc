-- keep.sql - what keeps a subject's data from erasure: legal holds, and terms of keeping by programme. To place a hold or to keep
-- longer is one operator's act, since it protects; to lift one, or to keep for less time, is proposed by one and approved by
-- another within a week. Refuses a person who has two logins, and an approval of what has changed since it was proposed.

-- Terms of months and terms of days compare by what they come to; 1,461 days are all places in the years between two leap days.
CREATE OR REPLACE FUNCTION registry.is_shorter(keep interval, than interval) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT than IS NOT NULL AND (keep IS NULL OR EXISTS (
        SELECT FROM generate_series(0, 1460) d WHERE date '2024-01-01' + d + keep < date '2024-01-01' + d + than));
$$;
COMMENT ON FUNCTION registry.is_shorter(interval, interval) IS 'Whether a term, from some day on, ends before another would: 1800 days are shorter than 5 years. Null is no term, the shortest.';

-- A hold outlives its subject's row when it ends by a date: then whoever sees everything decides.
CREATE OR REPLACE FUNCTION registry.must_see_hold(hold bigint) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT access.sees_all() THEN
        PERFORM registry.must_see_subject(h.subject) FROM registry.legal_hold h WHERE h.id = must_see_hold.hold;
    END IF;
END $$;
COMMENT ON FUNCTION registry.must_see_hold(bigint) IS 'Nothing, or error P0002 when the subject of a hold does not lie wholly in the caller''s scope.';

CREATE OR REPLACE FUNCTION registry.must_see_programme(programme text) RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT access.covers(access.cells(), must_see_programme.programme, NULL) THEN
        RAISE 'no such programme in your scope' USING ERRCODE = 'no_data_found', HINT = 'access.mine lists what you may see; a part of a programme is not enough.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.must_see_programme(text) IS 'Nothing, or error P0002 when a programme does not lie wholly in the caller''s scope.';

CREATE OR REPLACE FUNCTION registry.place_legal_hold(subject uuid, basis text, until date DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    LOCK TABLE registry.legal_hold IN ROW EXCLUSIVE MODE; -- an erasure under way ends first, and then there may be nobody to hold
    PERFORM registry.must_see_subject(place_legal_hold.subject);
    INSERT INTO registry.legal_hold (subject, basis, until) VALUES (place_legal_hold.subject, place_legal_hold.basis, place_legal_hold.until) RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.place_legal_hold(uuid, text, date) IS 'A subject is not erased while this stands; returns its number. basis: law or case, 3 to 500 bytes. By one operator: it protects. Errors: P0002 unknown or out of scope, 23514 no basis.';

-- What nobody decided within its week makes room for another.
CREATE OR REPLACE FUNCTION registry.propose_keeping(asked registry.keeping_proposal) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM access.must_hold('operator');
    UPDATE registry.keeping_proposal p SET outcome = 'expired', ended_by = 'ekok_owner', ended_at = clock_timestamp()
    WHERE p.outcome IS NULL AND p.expires_at < clock_timestamp();
    INSERT INTO registry.keeping_proposal (hold, programme, keep, was, basis) VALUES (asked.hold, asked.programme, asked.keep, asked.was, asked.basis)
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION registry.propose_keeping(registry.keeping_proposal) IS 'Writes a proposal; returns its number. Granted to nobody. Errors: 42501 no operator, 23514 no basis or a term out of range, 23505 one waits already.';

CREATE OR REPLACE FUNCTION registry.lift_legal_hold(hold bigint, basis text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked registry.keeping_proposal;
BEGIN
    IF NOT EXISTS (SELECT FROM registry.legal_hold h WHERE h.id = lift_legal_hold.hold AND h.lifted_at IS NULL) THEN
        RAISE 'no legal hold % stands', hold USING ERRCODE = 'no_data_found', HINT = 'They stand in registry.legal_hold.';
    END IF;
    PERFORM registry.must_see_hold(hold);
    asked.hold := hold;
    asked.basis := basis;
    RETURN registry.propose_keeping(asked);
END $$;
COMMENT ON FUNCTION registry.lift_legal_hold(bigint, text) IS 'Proposes that a legal hold be lifted; returns the proposal''s number, which another operator gives to registry.approve_keeping within seven days. basis: why, 3 to 500 bytes, no name or number of the subject. Errors: P0002 none of that number stands, or out of scope; 42501 not an operator; 23514 no basis; 23505 one waits already.';

CREATE OR REPLACE FUNCTION registry.set_retention(programme text, keep interval, basis text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked registry.keeping_proposal;
BEGIN
    PERFORM registry.must_see_programme(programme);
    IF keep IS NOT NULL THEN
        INSERT INTO registry.retention AS r (programme, keep, basis) VALUES (programme, keep, basis)
        ON CONFLICT ON CONSTRAINT retention_pkey DO UPDATE SET keep = excluded.keep, basis = excluded.basis, set_by = session_user, set_at = clock_timestamp()
        WHERE NOT registry.is_shorter(excluded.keep, r.keep);
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    asked.programme := programme;
    asked.keep := keep;
    asked.was := (SELECT r.keep FROM registry.retention r WHERE r.programme = set_retention.programme);
    asked.basis := basis;
    IF asked.was IS NULL THEN
        RAISE 'no term stands for this programme' USING ERRCODE = 'no_data_found', HINT = 'They stand in registry.retention.';
    END IF;
    RETURN registry.propose_keeping(asked);
END $$;
COMMENT ON FUNCTION registry.set_retention(text, interval, text) IS 'How long a programme''s enrolments are kept after their last change, 1 day to 100 years, by which law (3 to 500 bytes). A first term, or one that ends on no day earlier than the one in force, is in force at once, and null is returned. A shorter one, or null for none any more, is proposed: its number is returned, which another operator gives to registry.approve_keeping within seven days. Errors: P0002 out of scope, or no term stands that could end; 23503 unknown programme; 23514 a term out of range or no law; 42501 not an operator; 23505 a shorter one waits already.';

CREATE OR REPLACE FUNCTION registry.approve_keeping(proposal bigint) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p registry.keeping_proposal;
BEGIN
    PERFORM access.must_hold('operator');
    SELECT k.* INTO p FROM registry.keeping_proposal k WHERE k.id = proposal AND k.outcome IS NULL FOR UPDATE;
    PERFORM access.must_approve(proposal, p.proposed_by, p.expires_at, 'registry.keeping_proposal');
    IF p.hold IS NOT NULL THEN
        PERFORM registry.must_see_hold(p.hold);
        UPDATE registry.legal_hold h SET lifted_by = session_user, lifted_at = clock_timestamp() WHERE h.id = p.hold AND h.lifted_at IS NULL;
    ELSE
        PERFORM registry.must_see_programme(p.programme);
        IF p.keep IS NULL THEN
            DELETE FROM registry.retention r WHERE r.programme = p.programme AND r.keep::text = p.was::text;
        ELSE
            UPDATE registry.retention r SET keep = p.keep, basis = p.basis, set_by = session_user, set_at = clock_timestamp()
            WHERE r.programme = p.programme AND r.keep::text = p.was::text; -- as text: 1800 days equal 5 years else
        END IF;
    END IF;
    IF NOT FOUND THEN
        RAISE 'what stands is not what it was when proposal % was made', proposal USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'registry.end_keeping ends it; registry.set_retention proposes anew.';
    END IF;
    UPDATE registry.keeping_proposal k SET outcome = 'approved', ended_by = session_user, ended_at = clock_timestamp() WHERE k.id = proposal;
    RETURN CASE WHEN p.hold IS NOT NULL THEN format('Hold %s is lifted.', p.hold)
                ELSE format('Enrolments of %s are kept %s.', p.programme, coalesce('for ' || p.keep, 'by no term any more')) END;
END $$;
COMMENT ON FUNCTION registry.approve_keeping(bigint) IS 'Puts in force what another operator proposed: a hold is lifted, a term becomes shorter; says what. Errors: P0002 none waits, or out of scope; 42501 not an operator, or one''s own, under whatever login; 55000 expired, or the term has changed since.';

CREATE OR REPLACE FUNCTION registry.end_keeping(proposal bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM access.must_hold('operator');
    UPDATE registry.keeping_proposal p SET outcome = CASE WHEN p.proposed_by = session_user THEN 'withdrawn' ELSE 'refused' END,
        ended_by = session_user, ended_at = clock_timestamp() WHERE p.id = proposal AND p.outcome IS NULL;
    IF NOT FOUND THEN
        RAISE 'no proposal % waits', proposal USING ERRCODE = 'no_data_found', HINT = 'They stand in registry.keeping_proposal.';
    END IF;
END $$;
COMMENT ON FUNCTION registry.end_keeping(bigint) IS 'Ends a proposal; what keeps data stays as it is: withdrawn by who made it, refused by another. Errors: P0002 none waits; 42501 not an operator.';
