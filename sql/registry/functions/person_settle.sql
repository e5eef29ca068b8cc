-- person_settle.sql - writes who is one person: membership, persons, the pairs held apart, the events. Writes what differs
-- and nothing else.

CREATE OR REPLACE FUNCTION registry.note_moves(ids uuid[], persons uuid[], cause text) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
    WITH moved AS (
        SELECT m.person_id AS before, w.person_id AS after, array_agg(m.enrolment_id ORDER BY m.enrolment_id) AS enrolments
        FROM unnest(ids, persons) AS w(enrolment_id, person_id)
        JOIN registry.membership m ON m.enrolment_id = w.enrolment_id AND m.person_id <> w.person_id
        GROUP BY m.person_id, w.person_id
    ), judged AS (
        SELECT v.*, EXISTS (SELECT FROM registry.person p WHERE p.id = v.after) AS stood,
               EXISTS (SELECT FROM registry.membership m WHERE m.person_id = v.before AND m.enrolment_id <> ALL (v.enrolments)
                       AND NOT EXISTS (SELECT FROM unnest(ids, persons) AS w(enrolment_id, person_id)
                                       WHERE w.enrolment_id = m.enrolment_id AND w.person_id <> v.before)) AS stays
        FROM moved v)
    INSERT INTO registry.person_event (kind, cause, enrolments, before, after)
    SELECT CASE WHEN j.stood AND NOT j.stays THEN 'merged' WHEN j.stays AND NOT j.stood THEN 'split' ELSE 'moved' END,
           note_moves.cause, j.enrolments, j.before, j.after
    FROM judged j ORDER BY j.before, j.after;
$$;
COMMENT ON FUNCTION registry.note_moves(uuid[], uuid[], text) IS 'Writes the events of what registry.settle is about to do: one for each person before and after.';

CREATE OR REPLACE FUNCTION registry.settle(ids uuid[], persons uuid[], bases text[], cause text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    left_behind uuid[];
BEGIN
    PERFORM registry.note_moves(ids, persons, cause);
    INSERT INTO registry.person (id)
    SELECT DISTINCT w.id FROM unnest(persons) AS w(id) WHERE NOT EXISTS (SELECT FROM registry.person p WHERE p.id = w.id);
    SELECT array_agg(DISTINCT m.person_id) INTO left_behind
    FROM unnest(ids, persons) AS w(enrolment_id, person_id)
    JOIN registry.membership m ON m.enrolment_id = w.enrolment_id AND m.person_id <> w.person_id;
    UPDATE registry.membership m SET person_id = w.person_id, basis = w.basis
    FROM unnest(ids, persons, bases) AS w(enrolment_id, person_id, basis)
    WHERE w.enrolment_id = m.enrolment_id AND (m.person_id <> w.person_id OR m.basis <> w.basis);
    -- Locked, so that programme and place do not change between this and registry.follow_enrolment.
    INSERT INTO registry.membership (enrolment_id, person_id, basis, programme, geo)
    SELECT w.enrolment_id, w.person_id, w.basis, e.programme, e.geo
    FROM unnest(ids, persons, bases) AS w(enrolment_id, person_id, basis) JOIN registry.enrolment e ON e.id = w.enrolment_id
    WHERE NOT EXISTS (SELECT FROM registry.membership m WHERE m.enrolment_id = w.enrolment_id)
    FOR SHARE OF e;
    IF left_behind IS NOT NULL THEN
        SELECT array_agg(g.id) INTO left_behind FROM unnest(left_behind) AS g(id)
        WHERE NOT EXISTS (SELECT FROM registry.membership m WHERE m.person_id = g.id);
        DELETE FROM registry.rule_hit h USING unnest(left_behind) AS g(id) WHERE h.person_id = g.id;
        DELETE FROM registry.person p USING unnest(left_behind) AS g(id) WHERE p.id = g.id;
    END IF;
END $$;
COMMENT ON FUNCTION registry.settle(uuid[], uuid[], text[], text) IS 'Gives enrolments their persons (three arrays of one length), writes events, removes persons that nobody belongs to any more and their rule hits. cause: for the events.';

CREATE OR REPLACE FUNCTION registry.mark_held(ids uuid[] DEFAULT NULL) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- One text for a few and another for all, so that each has a plan of its own.
    IF ids IS NULL THEN
        UPDATE registry.match m SET held = NOT m.held
        FROM registry.membership x, registry.membership y
        WHERE m.state = 'certain' AND x.enrolment_id = m.a AND y.enrolment_id = m.b AND m.held <> (x.person_id <> y.person_id
              AND NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = m.a AND d.b = m.b AND d.verdict = 'different'));
    ELSE
        UPDATE registry.match m SET held = NOT m.held
        FROM unnest(ids) AS u(id), registry.membership x, registry.membership y
        WHERE m.a = u.id AND m.state = 'certain' AND x.enrolment_id = m.a AND y.enrolment_id = m.b AND m.held <> (x.person_id <> y.person_id
              AND NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = m.a AND d.b = m.b AND d.verdict = 'different'));
    END IF;
END $$;
COMMENT ON FUNCTION registry.mark_held(uuid[]) IS 'Brings registry.match.held in line with the persons, for pairs whose smaller end is one of ids; null: for all.';

CREATE OR REPLACE FUNCTION registry.recluster(ids uuid[], cause text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reached uuid[] := registry.reach(ids);
    persons uuid[];
    bases text[];
BEGIN
    WITH home AS MATERIALIZED (SELECT c.enrolment_id, c.person_id FROM registry.cluster(reached) c),
    tied AS MATERIALIZED (
        SELECT v.id, min(array_position(ARRAY['evidence', 'likeness', 'decision'], j.basis)) AS basis
        FROM registry.join_edges(reached) j
        JOIN home x ON x.enrolment_id = j.a JOIN home y ON y.enrolment_id = j.b AND y.person_id = x.person_id
        CROSS JOIN LATERAL (VALUES (j.a), (j.b)) AS v(id)
        GROUP BY v.id)
    SELECT array_agg(h.enrolment_id), array_agg(h.person_id),
           array_agg(coalesce((ARRAY['evidence', 'likeness', 'decision'])[t.basis], 'alone'))
    INTO reached, persons, bases
    FROM home h LEFT JOIN tied t ON t.id = h.enrolment_id;
    IF reached IS NOT NULL THEN
        PERFORM registry.settle(reached, persons, bases, cause), registry.mark_held(reached);
    END IF;
END $$;
COMMENT ON FUNCTION registry.recluster(uuid[], text) IS 'Settles the persons of these enrolments and of all that can be reached from them, after their matches or decisions changed. cause: for the events.';
