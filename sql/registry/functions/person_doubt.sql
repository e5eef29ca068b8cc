-- person_doubt.sql - who is certain to be either of two that may be twins (registry.match.twins), by what both have in common, is
-- for a human to place: likeness joins it to neither. Two that are each torn so between twins are not joined to each other, since
-- either may be the one or the other. What becomes of one pair becomes of all between the same two groups that numbers and
-- decisions have made. Looks at the pairs alone, so the order in which they came does not matter.

CREATE OR REPLACE FUNCTION registry.twin_pairs(ids uuid[]) RETURNS TABLE (a uuid, b uuid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.a, m.b FROM registry.match m
    WHERE m.twins AND m.a = ANY (ids) AND m.b = ANY (ids)
      AND NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = m.a AND d.b = m.b AND d.verdict = 'same');
$$;
COMMENT ON FUNCTION registry.twin_pairs(uuid[]) IS 'Pairs among these enrolments that may be twins and were not decided to be one.';

-- Nodes and edges as in registry.cluster: up, the groups that the first `proven` edges (a[i], b[i]) made; (x[i], y[i]) twins.
CREATE OR REPLACE FUNCTION registry.doubtful(up int[], a int[], b int[], proven int, x int[], y int[]) RETURNS boolean[] -- signature: arrays of registry.cluster
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH edge AS MATERIALIZED (
        SELECT e.at, e.a, e.b, e.at <= proven AS by_number FROM unnest(a, b) WITH ORDINALITY AS e(a, b, at)
    ), tie AS MATERIALIZED (
        SELECT e.at, e.a AS one, e.b AS other, e.by_number FROM edge e UNION ALL SELECT e.at, e.b, e.a, e.by_number FROM edge e
    ), either AS MATERIALIZED (
        SELECT p.other AS node, p.at AS at_x, q.at AS at_y, p.by_number AS number_x, q.by_number AS number_y
        FROM unnest(x, y) AS t(x, y) JOIN tie p ON p.one = t.x JOIN tie q ON q.one = t.y AND q.other = p.other
    ), torn AS MATERIALIZED (
        SELECT DISTINCT r.node FROM either r WHERE NOT r.number_x AND NOT r.number_y
    ), doubt AS MATERIALIZED (
        SELECT r.at_x AS at FROM either r WHERE NOT r.number_x
        UNION SELECT r.at_y FROM either r WHERE NOT r.number_y
        UNION SELECT e.at FROM edge e WHERE NOT e.by_number AND e.a IN (SELECT t.node FROM torn t) AND e.b IN (SELECT t.node FROM torn t)
    ), rooted AS MATERIALIZED (
        SELECT e.at, registry.root_of(up, e.a) AS one, registry.root_of(up, e.b) AS other, e.at IN (SELECT d.at FROM doubt d) AS doubted
        FROM edge e)
    SELECT array_agg(g.doubted ORDER BY g.at)
    FROM (SELECT r.at, bool_or(r.doubted) OVER (PARTITION BY least(r.one, r.other), greatest(r.one, r.other)) AS doubted FROM rooted r) g;
$$;
COMMENT ON FUNCTION registry.doubtful(int[], int[], int[], int, int[], int[]) IS 'For each edge whether a human has to say: one end is certain to be either of two twins, both ends are, or another edge between the same two groups is doubted so.';
