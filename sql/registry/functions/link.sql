-- link.sql - links what came or changed to what stands, in time that follows the newcomers and not the registry, and ends
-- where a sweep of everything would end. What a newcomer changes for others is done too: its number makes one that others
-- share more common, and a key that too many hold by now pairs nobody any more.

CREATE OR REPLACE FUNCTION registry.holders_class(holders bigint, most int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN holders > most THEN 5 WHEN holders > 10 THEN 4 WHEN holders > 5 THEN 3 WHEN holders > 2 THEN 2 ELSE 1 END;
COMMENT ON FUNCTION registry.holders_class(bigint, int) IS 'What the number of holders of a key means to ekok.match_score (to 2, 5, 10, more), and whether it pairs them at all (5: too many).';

CREATE OR REPLACE FUNCTION registry.holders_of(k bigint, number smallint, most int) RETURNS uuid[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF number < 10 THEN
        RETURN ARRAY(SELECT h.enrolment_id FROM registry.evidence h
                     WHERE h.key OPERATOR(ekok.>=) ekok.evidence_of_key(k, 0) AND h.key OPERATOR(ekok.<=) ekok.evidence_of_key(k, 4095) LIMIT most);
    END IF;
    RETURN ARRAY(SELECT h.enrolment_id FROM registry.blocking h
                 WHERE h.key OPERATOR(ekok.>=) ekok.evidence_of_key(k, 0) AND h.key OPERATOR(ekok.<=) ekok.evidence_of_key(k, 4095) LIMIT most);
END $$;
COMMENT ON FUNCTION registry.holders_of(bigint, smallint, int) IS 'Enrolments that hold a key, an evidence or a sounding one by the number of its kind (registry.evidence_kind), at most "most" of them.';

-- long: one query from keys to pairs
CREATE OR REPLACE FUNCTION registry.affected_pairs(ids uuid[], old_keys bigint[], old_numbers smallint[])
RETURNS TABLE (a uuid, b uuid, meets boolean) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH now_held AS MATERIALIZED (
        SELECT v.enrolment_id AS id, ekok.evidence_key(v.key) AS k, c.number
        FROM registry.evidence v JOIN registry.evidence_kind c ON c.code = v.kind WHERE v.enrolment_id = ANY (ids)
        UNION ALL
        SELECT v.enrolment_id, ekok.evidence_key(v.key), v.kind FROM registry.blocking v WHERE v.enrolment_id = ANY (ids)
    ), change AS MATERIALIZED (     -- holders that a key won, less those it lost
        SELECT n.k, n.number, sum(n.won) AS won, bool_or(n.mine) AS mine
        FROM (SELECT h.k, h.number, 1 AS won, true AS mine FROM now_held h
              UNION ALL SELECT o.k, o.number, -1, false FROM unnest(old_keys, old_numbers) AS o(k, number)) n
        GROUP BY n.k, n.number
    ), holding AS MATERIALIZED (
        SELECT g.k, g.mine, f.holders, cardinality(f.holders) <= c.most AS pairs,
               registry.holders_class(cardinality(f.holders), c.most) AS class_now,
               registry.holders_class(cardinality(f.holders) - g.won, c.most) AS class_before, g.number
        FROM change g JOIN registry.evidence_kind c ON c.number = g.number
        CROSS JOIN LATERAL registry.holders_of(g.k, g.number, c.most + cardinality(ids) + 1) AS f(holders)
    ), paired AS (                  -- of a key that is too common by now only what it paired before
        SELECT h.*, CASE WHEN h.pairs THEN h.holders
                         ELSE ARRAY(SELECT u.id FROM unnest(h.holders) AS u(id) WHERE u.id <> ALL (ids)) END AS ends,
               h.class_now <> h.class_before AND (h.number < 10 OR greatest(h.class_now, h.class_before) = 5) AS all_of_them
        FROM holding h WHERE least(h.class_now, h.class_before) < 5
    ), pair AS (
        SELECT x.id AS one, y.id AS other, h.pairs AS meets
        FROM paired h CROSS JOIN LATERAL unnest(h.ends) AS x(id) CROSS JOIN LATERAL unnest(h.ends) AS y(id)
        WHERE x.id < y.id AND (h.all_of_them OR h.mine AND (x.id = ANY (ids) OR y.id = ANY (ids)))
        UNION ALL
        SELECT m.a, m.b, false FROM registry.match m WHERE m.a = ANY (ids)
        UNION ALL
        SELECT m.a, m.b, false FROM registry.match m WHERE m.b = ANY (ids))
    SELECT p.one, p.other, bool_or(p.meets) FROM pair p GROUP BY p.one, p.other;
$$;
COMMENT ON FUNCTION registry.affected_pairs(uuid[], bigint[], smallint[]) IS 'Pairs whose judgement may have changed because these enrolments came or changed. old_keys, old_numbers: keys that they held before, once for each holder. meets: they share a key that pairs; false: not found to by these keys.';

CREATE OR REPLACE FUNCTION registry.meet(a uuid, b uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    WITH shared AS (
        SELECT c.number, c.most, ekok.evidence_key(x.key) AS k
        FROM registry.evidence x JOIN registry.evidence y ON y.enrolment_id = meet.b AND y.kind = x.kind
        JOIN registry.evidence_kind c ON c.code = x.kind
        WHERE x.enrolment_id = meet.a AND ekok.evidence_key(x.key) = ekok.evidence_key(y.key)
        UNION ALL
        SELECT c.number, c.most, ekok.evidence_key(x.key)
        FROM registry.blocking x JOIN registry.blocking y ON y.enrolment_id = meet.b AND y.kind = x.kind
        JOIN registry.evidence_kind c ON c.number = x.kind
        WHERE x.enrolment_id = meet.a AND ekok.evidence_key(x.key) = ekok.evidence_key(y.key))
    SELECT EXISTS (SELECT FROM shared s WHERE cardinality(registry.holders_of(s.k, s.number, s.most + 1)) <= s.most);
$$;
COMMENT ON FUNCTION registry.meet(uuid, uuid) IS 'True when two enrolments share a key that is not too common to pair.';

DROP FUNCTION IF EXISTS registry.assess(uuid[], uuid[]);    -- which may have been without twins
CREATE OR REPLACE FUNCTION registry.assess(a uuid[], b uuid[])
RETURNS TABLE (one uuid, other uuid, kinds text[], state text, score real, twins boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH w AS MATERIALIZED (SELECT v.weights, v.prior FROM registry.active_weights() v),
    r AS MATERIALIZED (SELECT * FROM registry.records_of(ARRAY(SELECT DISTINCT u.id FROM unnest(a || b) AS u(id)))),
    compared AS MATERIALIZED (
        SELECT p.a, p.b, registry.shared_kinds(x.tokens, y.tokens) AS kinds, ekok.match_levels(x.p, y.p) AS levels,
               x.list = y.list AS one_list, registry.numbers_of(x.tokens, y.tokens, x.list, y.list) AS numbers
        FROM unnest(a, b) AS p(a, b) JOIN r x ON x.id = p.a JOIN r y ON y.id = p.b
    ), scored AS MATERIALIZED (
        SELECT c.*, ekok.match_bits(c.levels, w.weights) AS score, w.prior FROM compared c CROSS JOIN w)
    SELECT s.a, s.b, s.kinds, registry.state_of(s.levels, s.kinds, ARRAY[s.score, s.prior], s.one_list, s.numbers), s.score,
           registry.twins_of(s.levels, s.kinds, s.numbers)
    FROM scored s;
$$;
COMMENT ON FUNCTION registry.assess(uuid[], uuid[]) IS 'Judges pairs (a[i], b[i]), a the smaller: numbers in common, state as registry.match.state or null when it is no match, score in bits, twins as registry.match.twins.';

CREATE OR REPLACE FUNCTION registry.link_pairs(ids uuid[], old_keys bigint[], old_numbers smallint[], OUT fresh bigint, OUT moved uuid[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ones uuid[];
    others uuid[];
    meeting boolean[];
    gone uuid[];
    come uuid[];
BEGIN
    SELECT array_agg(p.a), array_agg(p.b), array_agg(p.meets OR registry.meet(p.a, p.b)) INTO ones, others, meeting
    FROM registry.affected_pairs(ids, old_keys, old_numbers) p;
    WITH judged AS MATERIALIZED (
        SELECT j.* FROM (SELECT array_agg(p.a) AS a, array_agg(p.b) AS b FROM unnest(ones, others, meeting) AS p(a, b, meets) WHERE p.meets) k
        CROSS JOIN LATERAL registry.assess(k.a, k.b) j WHERE j.state IS NOT NULL
    ), stale AS (
        DELETE FROM registry.match m USING unnest(ones, others) AS p(a, b)
        WHERE m.a = p.a AND m.b = p.b AND NOT EXISTS (SELECT FROM judged j WHERE j.one = m.a AND j.other = m.b)
        RETURNING m.a, m.b
    ), changed AS (
        UPDATE registry.match m SET state = j.state, kinds = j.kinds, score = j.score, twins = j.twins, held = m.held AND j.state = 'certain'
        FROM judged j
        WHERE m.a = j.one AND m.b = j.other AND (m.state <> j.state OR m.kinds <> j.kinds OR m.score <> j.score OR m.twins <> j.twins)
        RETURNING m.a, m.b
    ), added AS (
        INSERT INTO registry.match (a, b, state, kinds, score, twins)
        SELECT j.one, j.other, j.state, j.kinds, j.score, j.twins FROM judged j
        WHERE NOT EXISTS (SELECT FROM registry.match m WHERE m.a = j.one AND m.b = j.other)
        RETURNING match.a, match.b)
    SELECT (SELECT count(*) FROM added), (SELECT array_agg(t.id) FROM (SELECT s.a FROM stale s UNION SELECT s.b FROM stale s) t(id)),
           (SELECT array_agg(t.id) FROM (SELECT c.a FROM changed c UNION SELECT c.b FROM changed c
                                         UNION SELECT n.a FROM added n UNION SELECT n.b FROM added n) t(id))
    INTO fresh, gone, come;
    moved := coalesce(gone, '{}') || coalesce(come, '{}');
END $$;
COMMENT ON FUNCTION registry.link_pairs(uuid[], bigint[], smallint[]) IS 'Brings registry.match in line for these enrolments; fresh: matches that are new, moved: enrolments of matches that came, changed or went.';

CREATE OR REPLACE FUNCTION registry.link(ids uuid[]) RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET jit = off
    -- A handful against a large registry: index look-ups, whatever the planner thinks of arrays.
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    old_keys bigint[];
    old_numbers smallint[];
    told record;
BEGIN
    SELECT array_agg(o.k), array_agg(o.number) INTO old_keys, old_numbers
    FROM (SELECT ekok.evidence_key(v.key) AS k, v.kind AS number FROM registry.blocking v WHERE v.enrolment_id = ANY (ids)
          UNION ALL     -- evidence before: what stands and did not come, and what went
          SELECT ekok.evidence_key(v.key), c.number FROM registry.evidence v JOIN registry.evidence_kind c ON c.code = v.kind
          JOIN registry.pending p ON p.enrolment_id = v.enrolment_id
          WHERE v.enrolment_id = ANY (ids) AND NOT EXISTS (SELECT FROM unnest(p.keys) AS x(key) WHERE x.key OPERATOR(ekok.=) v.key)
            AND p.keys IS NOT NULL
          UNION ALL
          SELECT ekok.evidence_key(x.key), c.number
          FROM registry.pending p CROSS JOIN LATERAL unnest(p.keys) AS x(key)
          JOIN registry.evidence_kind c ON c.class <> 'sound'
          WHERE p.enrolment_id = ANY (ids)
            AND NOT EXISTS (SELECT FROM registry.evidence v WHERE v.enrolment_id = p.enrolment_id AND v.key OPERATOR(ekok.=) x.key)
         ) o;
    PERFORM registry.make_blocking(ids);
    SELECT * INTO told FROM registry.link_pairs(ids, old_keys, old_numbers);
    PERFORM registry.recluster(ARRAY(SELECT DISTINCT u.id FROM unnest(ids || told.moved) AS u(id)), 'link');
    DELETE FROM registry.pending p USING unnest(ids) AS u(id) WHERE p.enrolment_id = u.id;
    RETURN told.fresh;
END $$;
COMMENT ON FUNCTION registry.link(uuid[]) IS 'Links enrolments: keys, matches, persons. Returns how many matches are new. The caller has entered the sweep.';

CREATE OR REPLACE FUNCTION registry.link_new(ids uuid[]) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run registry.sweep_run;
BEGIN
    PERFORM registry.enter_sweep();
    SELECT * INTO run FROM registry.sweep_run r WHERE r.state = 'running';
    IF run.touched_at > clock_timestamp() - interval '1 hour' THEN
        RETURN 0;           -- that sweep links them at its end
    END IF;
    UPDATE registry.sweep_run r SET state = 'abandoned', ended_at = clock_timestamp() WHERE r.id = run.id;
    RETURN registry.link(ARRAY(SELECT e.id FROM registry.enrolment e WHERE e.id = ANY (ids)));
END $$;
COMMENT ON FUNCTION registry.link_new(uuid[]) IS 'Finds for these enrolments, new or changed, who they are: matches and persons, in time that follows their number. Ends where registry.sweep would, but for registry.rule_hit, which the next sweep renews: rules of mode hold and refuse do not wait for it, they hold as an enrolment is written. Returns how many matches are new; 0 while a sweep is at work, which links them at its end. A sweep left alone for an hour is abandoned.';

CREATE OR REPLACE FUNCTION registry.link_pending("limit" int DEFAULT 500) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT p.enrolment_id FROM registry.pending p ORDER BY p.stamp LIMIT "limit");
BEGIN
    PERFORM registry.link_new(ids);
    RETURN (SELECT count(*) FROM unnest(ids) AS u(id) WHERE NOT EXISTS (SELECT FROM registry.pending p WHERE p.enrolment_id = u.id));
END $$;
COMMENT ON FUNCTION registry.link_pending(int) IS 'Links the "limit" enrolments that have waited longest since they came or changed; returns how many were linked. Call it until it returns 0.';
