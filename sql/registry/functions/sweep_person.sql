-- sweep_person.sql - the second half of registry.sweep: from pairs to persons. Broken rules: rule_sweep.sql.

CREATE OR REPLACE FUNCTION registry.sweep_labels() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moved bigint;
BEGIN
    -- A human decision about a pair, the latest if there are several, goes before any state.
    CREATE TEMP TABLE sweep_edge ON COMMIT DROP AS
    SELECT p.a, p.b, p.certain AS by_evidence
    FROM (SELECT m.a, m.b, bool_or(m.state = 'certain') AS certain,
                 (array_agg(m.decision ORDER BY m.decided_at DESC, m.kind) FILTER (WHERE m.decision IS NOT NULL))[1] AS decision
          FROM registry.match m GROUP BY m.a, m.b) p
    WHERE p.decision = 'same' OR p.certain AND p.decision IS NULL;
    ANALYZE pg_temp.sweep_edge;
    CREATE TEMP TABLE sweep_label (id uuid PRIMARY KEY, label uuid NOT NULL, by_evidence boolean NOT NULL) ON COMMIT DROP;
    INSERT INTO pg_temp.sweep_label
    SELECT v.id, v.id, bool_or(v.by_evidence)
    FROM (SELECT a, by_evidence FROM pg_temp.sweep_edge UNION ALL SELECT b, by_evidence FROM pg_temp.sweep_edge) v(id, by_evidence)
    GROUP BY v.id;
    ANALYZE pg_temp.sweep_label;
    -- Hook each root to the smallest root next to it, then let every label point to its root; roots at least halve
    -- nearly every round, so even a long chain takes few rounds. What remains is the smallest id of each cluster.
    LOOP
        UPDATE pg_temp.sweep_label r SET label = h.low
        FROM (SELECT DISTINCT ON (1) greatest(x.label, y.label) AS root, least(x.label, y.label) AS low
              FROM pg_temp.sweep_edge e JOIN pg_temp.sweep_label x ON x.id = e.a JOIN pg_temp.sweep_label y ON y.id = e.b
              WHERE x.label <> y.label ORDER BY 1, 2) h
        WHERE r.id = h.root;
        EXIT WHEN NOT FOUND;
        LOOP
            UPDATE pg_temp.sweep_label l SET label = r.label
            FROM pg_temp.sweep_label r WHERE r.id = l.label AND r.label <> l.label;
            EXIT WHEN NOT FOUND;
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.sweep_labels() IS 'Makes pg_temp.sweep_label: for each enrolment that is tied to another, the smallest id of its cluster. Edges are certain matches that nobody decided to be different, and pairs decided to be the same.';

CREATE OR REPLACE FUNCTION registry.sweep_members() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CREATE TEMP TABLE sweep_home ON COMMIT DROP AS
    SELECT e.id AS enrolment_id, coalesce(l.label, e.id) AS person_id,
           CASE WHEN l.id IS NULL THEN 'alone' WHEN l.by_evidence THEN 'evidence' ELSE 'decision' END AS basis
    FROM registry.enrolment e LEFT JOIN pg_temp.sweep_label l ON l.id = e.id;
    ANALYZE pg_temp.sweep_home;
    INSERT INTO registry.person (id)
    SELECT DISTINCT h.person_id FROM pg_temp.sweep_home h
    WHERE NOT EXISTS (SELECT FROM registry.person p WHERE p.id = h.person_id);
    UPDATE registry.membership m SET person_id = h.person_id, basis = h.basis FROM pg_temp.sweep_home h
    WHERE h.enrolment_id = m.enrolment_id AND (m.person_id <> h.person_id OR m.basis <> h.basis);
    INSERT INTO registry.membership (enrolment_id, person_id, basis)
    SELECT h.enrolment_id, h.person_id, h.basis FROM pg_temp.sweep_home h
    WHERE NOT EXISTS (SELECT FROM registry.membership m WHERE m.enrolment_id = h.enrolment_id);
    DROP TABLE pg_temp.sweep_home;
END $$;
COMMENT ON FUNCTION registry.sweep_members() IS 'Gives every enrolment its person: the smallest enrolment id of its cluster, or itself.';
