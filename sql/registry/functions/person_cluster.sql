-- person_cluster.sql - from pairs to persons. One rule for one enrolment and for a million, whatever order they came in:
-- pairs join in the order of registry.join_edge (what a human decided, then numbers, then likeness by its score), each
-- unless it would put two enrolments that contradict each other into one person; such a pair is held for a human.
-- Two contradict when they have different NIDs of one length, or known sexes that differ, or were decided to be different.
-- A human who decided "same" goes before numbers and sex, never before another decision. Nobody stands twice in one list by
-- likeness: where two of one list are alike over any number of steps, and no number or decision ties them, they may be twins
-- whose records elsewhere cannot be told apart, so likeness joins nobody of that piece. Nor does likeness put two that may be twins
-- (registry.match.twins) into one person, over any number of steps, or join who is like both (person_doubt.sql).

CREATE OR REPLACE FUNCTION registry.join_edges(ids uuid[] DEFAULT NULL) RETURNS TABLE (a uuid, b uuid, basis text, score real)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT m.a, m.b, CASE WHEN m.kinds && '{nid,brn}' THEN 'evidence' ELSE 'likeness' END, m.score
    FROM registry.match m
    WHERE m.state = 'certain' AND (ids IS NULL OR m.a = ANY (ids))
      AND NOT EXISTS (SELECT FROM registry.decision d WHERE d.a = m.a AND d.b = m.b)
    UNION ALL
    SELECT d.a, d.b, 'decision', 0 FROM registry.decision d WHERE d.verdict = 'same' AND (ids IS NULL OR d.a = ANY (ids));
$$;
COMMENT ON FUNCTION registry.join_edges(uuid[]) IS 'Pairs that make one person of two enrolments: certain and not decided otherwise, or decided to be the same. ids: only pairs whose smaller end is one of them; null: all. basis as in registry.membership; score in bits, 0 for a decision.';

CREATE OR REPLACE FUNCTION registry.root_of(up int[], node int) RETURNS int LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WHILE up[node] <> node LOOP
        node := up[node];
    END LOOP;
    RETURN node;
END $$;
COMMENT ON FUNCTION registry.root_of(int[], int) IS 'The group of a node: follows up to the node that stands above itself.';

CREATE OR REPLACE FUNCTION registry.groups_apart(up int[], x int[], y int[], one int, other int) RETURNS boolean LANGUAGE plpgsql
IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    FOR i IN 1 .. coalesce(cardinality(x), 0) LOOP
        IF (registry.root_of(up, x[i]), registry.root_of(up, y[i])) IN ((one, other), (other, one)) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;
COMMENT ON FUNCTION registry.groups_apart(int[], int[], int[], int, int) IS 'True when some pair (x[i], y[i]) that is to be kept apart has one end in each of two groups.';

-- What a group holds in a field: 0 nothing, n a value, -1 several, because a human said so: that contradicts nothing more.
CREATE OR REPLACE FUNCTION registry.holds_together(one int, other int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN one = other OR other = 0 THEN one WHEN one = 0 THEN other ELSE -1 END;
COMMENT ON FUNCTION registry.holds_together(int, int) IS 'What two groups hold together: 0 nothing, a value, or -1 for several.';

CREATE OR REPLACE FUNCTION registry.crowded(up int[], lists text[], a int[], b int[]) RETURNS boolean[] LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whole int[] := up;          -- groups as they would be if every edge joined
    one int;
    other int;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(lists) AS l(list) GROUP BY l.list HAVING count(*) > 1) THEN
        RETURN NULL;
    END IF;
    FOR i IN 1 .. coalesce(cardinality(a), 0) LOOP
        one := registry.root_of(whole, a[i]);
        other := registry.root_of(whole, b[i]);
        whole[greatest(one, other)] := least(one, other);
    END LOOP;
    RETURN (SELECT array_agg(n.crowd ORDER BY n.at)
            FROM (SELECT r.at, bool_or(r.twice) OVER (PARTITION BY r.piece) AS crowd
                  FROM (SELECT g.at, g.piece, min(g.own) OVER w <> max(g.own) OVER w AS twice
                        FROM (SELECT l.at, l.list, registry.root_of(whole, l.at::int) AS piece, registry.root_of(up, l.at::int) AS own
                              FROM unnest(lists) WITH ORDINALITY AS l(list, at)) g
                        WINDOW w AS (PARTITION BY g.piece, g.list)) r) n);
END $$;
COMMENT ON FUNCTION registry.crowded(int[], text[], int[], int[]) IS 'For each enrolment whether two of one list stand in its piece - what edges (a[i], b[i]) connect - and are in two of the groups that stand; null: of none.';

CREATE OR REPLACE FUNCTION registry.cluster(ids uuid[]) RETURNS TABLE (enrolment_id uuid, person_id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$ -- long: one loop over the edges, with what the groups hold
DECLARE
    id uuid[];
    up int[];                   -- towards the first enrolment of the group, which has its smallest id
    held int[][];               -- per group: NID of 10 digits, of 13 or 17, sex
    lists text[];
    x int[];                    -- decided to be different
    y int[];
    twin_x int[];
    twin_y int[];
    a int[];                    -- the edges, and how many of them a decision or a number made: those come first
    b int[];
    decisions int;
    proven int;
    low int;
    high int;
    apart boolean;
    crowd boolean[];
    doubt boolean[];
BEGIN
    SELECT array_agg(n.id ORDER BY n.id), array_agg(n.at ORDER BY n.id), array_agg(n.held ORDER BY n.id), array_agg(n.list ORDER BY n.id)
    INTO id, up, held, lists
    FROM (SELECT e.id, row_number() OVER (ORDER BY e.id)::int AS at, e.source || ' ' || e.programme AS list,
                 ARRAY[CASE WHEN e.nid_digits = 10 THEN dense_rank() OVER (ORDER BY e.nid_token) ELSE 0 END::int,
                       CASE WHEN e.nid_digits > 10 THEN dense_rank() OVER (ORDER BY e.nid_token) ELSE 0 END::int,
                       coalesce(array_position(ARRAY['female', 'male', 'other'], e.sex), 0)] AS held
          FROM registry.enrolment e WHERE e.id = ANY (ids)) n;
    SELECT array_agg(array_position(id, d.a)), array_agg(array_position(id, d.b)) INTO x, y
    FROM registry.decision d WHERE d.verdict = 'different' AND d.a = ANY (ids) AND d.b = ANY (ids);
    SELECT array_agg(array_position(id, t.a)), array_agg(array_position(id, t.b)) INTO twin_x, twin_y
    FROM registry.twin_pairs(ids) t;
    SELECT array_agg(array_position(id, j.a) ORDER BY j.rank, j.score DESC, j.a, j.b), array_agg(array_position(id, j.b) ORDER BY j.rank, j.score DESC, j.a, j.b),
           count(*) FILTER (WHERE j.rank = 1), count(*) FILTER (WHERE j.rank < 3)
    INTO a, b, decisions, proven
    FROM (SELECT e.*, array_position(ARRAY['decision', 'evidence', 'likeness'], e.basis) AS rank
          FROM registry.join_edges(ids) e WHERE e.b = ANY (ids)) j;
    FOR i IN 1 .. coalesce(cardinality(a), 0) LOOP
        IF i = proven + 1 THEN
            crowd := registry.crowded(up, lists, a, b);
            doubt := CASE WHEN twin_x IS NOT NULL THEN registry.doubtful(up, a, b, proven, twin_x, twin_y) END;
        END IF;
        CONTINUE WHEN crowd[a[i]] OR doubt[i];
        low := registry.root_of(up, a[i]);
        high := registry.root_of(up, b[i]);
        CONTINUE WHEN low = high;
        apart := false;
        FOR n IN 1 .. 3 LOOP
            apart := apart OR held[low][n] > 0 AND held[high][n] > 0 AND held[low][n] <> held[high][n];
        END LOOP;
        CONTINUE WHEN apart AND i > decisions OR x IS NOT NULL AND registry.groups_apart(up, x, y, low, high)
            OR twin_x IS NOT NULL AND i > proven AND registry.groups_apart(up, twin_x, twin_y, low, high);
        IF low > high THEN
            SELECT high, low INTO low, high;
        END IF;
        up[high] := low;
        FOR n IN 1 .. 3 LOOP
            held[low][n] := registry.holds_together(held[low][n], held[high][n]);
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT id[n], id[registry.root_of(up, n)] FROM generate_series(1, coalesce(cardinality(id), 0)) n;
END $$;
COMMENT ON FUNCTION registry.cluster(uuid[]) IS 'Divides enrolments into persons, each named by its smallest enrolment id. ids: with every enrolment that any of them could be joined to (registry.reach), else the answer is not the sweep''s.';

CREATE OR REPLACE FUNCTION registry.reach(ids uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    reached uuid[] := ids;
    fresh uuid[] := ids;
BEGIN
    LOOP
        SELECT array_agg(DISTINCT n.id) INTO fresh
        FROM unnest(fresh) AS f(id)
        CROSS JOIN LATERAL (
            SELECT o.enrolment_id FROM registry.membership m JOIN registry.membership o ON o.person_id = m.person_id
            WHERE m.enrolment_id = f.id
            UNION ALL SELECT m.b FROM registry.match m WHERE m.a = f.id AND m.state = 'certain'
            UNION ALL SELECT m.a FROM registry.match m WHERE m.b = f.id AND m.state = 'certain'
            UNION ALL SELECT d.b FROM registry.decision d WHERE d.a = f.id AND d.verdict = 'same'
            UNION ALL SELECT d.a FROM registry.decision d WHERE d.b = f.id AND d.verdict = 'same') AS n(id)
        WHERE n.id <> ALL (reached);
        EXIT WHEN fresh IS NULL;
        reached := reached || fresh;
    END LOOP;
    RETURN reached;
END $$;
COMMENT ON FUNCTION registry.reach(uuid[]) IS 'The enrolments and all that can be reached from them: over certain matches, decisions "same", and the persons as they stand.';

