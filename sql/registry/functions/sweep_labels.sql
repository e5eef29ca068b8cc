-- sweep_labels.sql - persons of the whole registry: connected pieces first, for all at once; only a piece in which two
-- contradict, may be twins or stand in one list is handed to registry.cluster, which divides it by the rule that holds for one
-- enrolment too.

CREATE OR REPLACE FUNCTION registry.sweep_labels() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CREATE TEMP TABLE sweep_edge ON COMMIT DROP AS SELECT j.a, j.b, j.basis FROM registry.join_edges() j;
    ANALYZE pg_temp.sweep_edge;
    CREATE TEMP TABLE sweep_label (id uuid PRIMARY KEY, label uuid NOT NULL) ON COMMIT DROP;
    INSERT INTO pg_temp.sweep_label
    SELECT v.id, v.id FROM (SELECT e.a FROM pg_temp.sweep_edge e UNION SELECT e.b FROM pg_temp.sweep_edge e) v(id);
    ANALYZE pg_temp.sweep_label;
    -- Hook each root to the smallest root next to it, then let every label point to its root; roots at least halve
    -- nearly every round, so even a long chain takes few rounds. What remains is the smallest id of each piece.
    LOOP
        UPDATE pg_temp.sweep_label r SET label = h.low
        FROM (SELECT greatest(x.label, y.label) AS root, min(least(x.label, y.label)::text)::uuid AS low
              FROM pg_temp.sweep_edge e JOIN pg_temp.sweep_label x ON x.id = e.a JOIN pg_temp.sweep_label y ON y.id = e.b
              WHERE x.label <> y.label GROUP BY 1) h
        WHERE r.id = h.root;
        EXIT WHEN NOT FOUND;
        LOOP
            UPDATE pg_temp.sweep_label l SET label = r.label
            FROM pg_temp.sweep_label r WHERE r.id = l.label AND r.label <> l.label;
            EXIT WHEN NOT FOUND;
        END LOOP;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.sweep_labels() IS 'Makes pg_temp.sweep_edge, the pairs that join, and pg_temp.sweep_label: for each enrolment in one of them, the smallest id of its piece.';

CREATE OR REPLACE FUNCTION registry.sweep_split() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    piece uuid[];
BEGIN
    FOR piece IN
        SELECT array_agg(l.id) FROM pg_temp.sweep_label l JOIN registry.enrolment e ON e.id = l.id
        GROUP BY l.label
        HAVING count(DISTINCT e.nid_token) FILTER (WHERE e.nid_digits = 10) > 1
            OR count(DISTINCT e.nid_token) FILTER (WHERE e.nid_digits > 10) > 1
            OR count(DISTINCT e.sex) FILTER (WHERE e.sex <> 'unknown') > 1
            OR count(*) > count(DISTINCT e.source || ' ' || e.programme)
            OR EXISTS (SELECT FROM registry.decision d JOIN pg_temp.sweep_label x ON x.id = d.a JOIN pg_temp.sweep_label y ON y.id = d.b
                       WHERE d.verdict = 'different' AND x.label = l.label AND y.label = l.label)
            OR l.label IN (SELECT x.label FROM registry.match m JOIN pg_temp.sweep_label x ON x.id = m.a
                           JOIN pg_temp.sweep_label y ON y.id = m.b AND y.label = x.label WHERE m.twins)
    LOOP
        UPDATE pg_temp.sweep_label l SET label = c.person_id FROM registry.cluster(piece) c WHERE l.id = c.enrolment_id;
    END LOOP;
END $$;
COMMENT ON FUNCTION registry.sweep_split() IS 'Divides the pieces of pg_temp.sweep_label in which two enrolments contradict each other, may be twins or stand in one list.';

CREATE OR REPLACE FUNCTION registry.sweep_members() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[];
    persons uuid[];
    bases text[];
BEGIN
    PERFORM registry.sweep_labels(), registry.sweep_split();
    WITH tied AS (
        SELECT v.id, min(array_position(ARRAY['evidence', 'likeness', 'decision'], e.basis)) AS basis
        FROM pg_temp.sweep_edge e
        JOIN pg_temp.sweep_label x ON x.id = e.a JOIN pg_temp.sweep_label y ON y.id = e.b AND y.label = x.label
        CROSS JOIN LATERAL (VALUES (e.a), (e.b)) AS v(id)
        GROUP BY v.id
    ), home AS (
        SELECT e.id, coalesce(l.label, e.id) AS person_id,
               coalesce((ARRAY['evidence', 'likeness', 'decision'])[t.basis], 'alone') AS basis
        FROM registry.enrolment e LEFT JOIN pg_temp.sweep_label l ON l.id = e.id LEFT JOIN tied t ON t.id = e.id
        WHERE NOT EXISTS (SELECT FROM registry.pending p WHERE p.enrolment_id = e.id AND NOT EXISTS (
            SELECT FROM sweep.taken k WHERE k.enrolment_id = p.enrolment_id AND k.stamp = p.stamp)))
    SELECT array_agg(h.id), array_agg(h.person_id), array_agg(h.basis) INTO ids, persons, bases
    FROM home h LEFT JOIN registry.membership m ON m.enrolment_id = h.id
    WHERE m.enrolment_id IS NULL OR m.person_id <> h.person_id OR m.basis <> h.basis;
    IF ids IS NOT NULL THEN
        PERFORM registry.settle(ids, persons, bases, 'sweep');
    END IF;
    PERFORM registry.mark_held();
    DROP TABLE pg_temp.sweep_edge, pg_temp.sweep_label;
END $$;
COMMENT ON FUNCTION registry.sweep_members() IS 'Step 6: gives every enrolment its person: the smallest enrolment id of its cluster, or itself; writes only what differs.';
