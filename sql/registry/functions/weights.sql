-- weights.sql - learns the weights of ekok.match_score from the registry's own pairs. A version is stored, compared with the
-- one in use, and used only when somebody asks for it.

CREATE OR REPLACE FUNCTION registry.level_counts(ones uuid[], others uuid[]) RETURNS TABLE (levels smallint[], pairs bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
    WITH r AS MATERIALIZED (SELECT * FROM registry.records_of(ARRAY(SELECT DISTINCT u.id FROM unnest(ones || others) AS u(id))))
    SELECT ekok.match_levels(x.p, y.p) AS levels, count(*)
    FROM unnest(ones, others) AS p(a, b) JOIN r x ON x.id = p.a JOIN r y ON y.id = p.b
    WHERE p.a <> p.b
    GROUP BY 1 ORDER BY 1;
$$;
COMMENT ON FUNCTION registry.level_counts(uuid[], uuid[]) IS 'Patterns of agreement among pairs (ones[i], others[i]) of two enrolments and how often each stands.';

-- Shares of each level among pairs taken at random, smoothed by ten pairs as estimated; a field nobody fills keeps its estimate.
CREATE OR REPLACE FUNCTION registry.random_shares(sample int) RETURNS real[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    WITH drawn AS MATERIALIZED (
        SELECT array_agg(e.id ORDER BY hashtextextended(e.id::text, 1)) AS x, array_agg(e.id ORDER BY hashtextextended(e.id::text, 2)) AS y
        FROM (SELECT v.id FROM registry.enrolment v ORDER BY hashtextextended(v.id::text, 3) LIMIT sample) e
    ), seen AS MATERIALIZED (
        SELECT l.levels, l.pairs FROM drawn d CROSS JOIN LATERAL registry.level_counts(d.x, d.y) l
    ), field AS (
        SELECT w.*, dense_rank() OVER (ORDER BY f.first) AS at
        FROM ekok.match_weights() w JOIN (SELECT v.field, min(v.place) AS first FROM ekok.match_weights() v GROUP BY v.field) f USING (field)
    ), counted AS (
        SELECT f.place, f.at, f.u, coalesce((SELECT sum(s.pairs) FROM seen s WHERE s.levels[f.at] = f.level), 0) + 10 * f.u AS share FROM field f)
    SELECT array_agg((c.share / c.total)::real ORDER BY c.place)
    FROM (SELECT k.*, sum(k.share) OVER (PARTITION BY k.at) AS total FROM counted k) c;
$$;
COMMENT ON FUNCTION registry.random_shares(int) IS 'u of each level, in the order of ekok.match_weights: its share among `sample` pairs of enrolments drawn by hash, the same ones every time.';

-- Each key's look-up is one range of the index: never ordered by the planner's other idea, a walk through all enrolments.
CREATE OR REPLACE FUNCTION registry.key_pairs(sample int) RETURNS TABLE (a uuid, b uuid) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
    SELECT x.enrolment_id, y.id
    FROM (SELECT v.* FROM registry.blocking v ORDER BY hashtextextended(v.enrolment_id::text, v.kind) LIMIT sample) x
    CROSS JOIN LATERAL (
        SELECT u.id FROM unnest(ARRAY(SELECT h.enrolment_id FROM registry.blocking h
                                      WHERE h.key OPERATOR(ekok.~) x.key LIMIT 1000)) AS u(id)
        WHERE u.id <> x.enrolment_id ORDER BY u.id LIMIT 3) y;
$$;
COMMENT ON FUNCTION registry.key_pairs(int) IS 'Pairs of enrolments under `sample` sounding keys drawn by hash, at most three of a key, the same ones every time.';

CREATE OR REPLACE FUNCTION registry.estimate_weights(sample int DEFAULT 100000, OUT version int, OUT field text, OUT level text,
                                                     OUT old real, OUT new real) RETURNS SETOF record LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    was registry.weights := registry.active_weights();
    fit record;
    made int;
    ones uuid[];
    others uuid[];
BEGIN
    PERFORM registry.enter_decision();
    SELECT array_agg(c.a), array_agg(c.b) INTO ones, others FROM registry.key_pairs(sample) c;
    IF ones IS NULL THEN
        RAISE 'no two enrolments share a sounding key: there is nothing to learn from' USING ERRCODE = 'no_data_found',
            HINT = 'Weights are learnt after a sweep.';
    END IF;
    SELECT f.* INTO fit
    FROM (SELECT array_agg(c.levels) AS levels, array_agg(c.pairs) AS pairs FROM registry.level_counts(ones, others) c) n
    CROSS JOIN LATERAL ekok.match_fit(n.levels, n.pairs, registry.random_shares(sample)) f;
    INSERT INTO registry.weights (version, weights, prior, basis)
    SELECT max(w.version) + 1, fit.weights, ekok.match_prior((SELECT count(*) FROM registry.enrolment)),
           format('learnt from %s pairs that share a key and %s at random; %s rounds%s', cardinality(ones), sample, fit.rounds,
                  CASE WHEN fit.settled THEN '' ELSE ', not settled' END)
    FROM registry.weights w RETURNING weights.version INTO made;
    RETURN QUERY SELECT made, w.field, w.name, was.weights[w.place], fit.weights[w.place]
                 FROM ekok.match_weights() w ORDER BY w.place;
END $$;
COMMENT ON FUNCTION registry.estimate_weights(int) IS 'Learns weights by expectation and maximisation from `sample` keys'' pairs and as many pairs at random, stores them as a new version that is not active, and says in bits what changed: a row for each level of each field. registry.activate_weights puts a version in use. Error P0002 when there is nothing to learn from.';

CREATE OR REPLACE FUNCTION registry.activate_weights(version int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM registry.enter_decision();
    IF NOT EXISTS (SELECT FROM registry.weights w WHERE w.version = activate_weights.version) THEN
        RAISE 'there is no version % of the weights', version USING ERRCODE = 'no_data_found', HINT = 'registry.weights lists them.';
    END IF;
    UPDATE registry.weights w SET active = false WHERE w.active AND w.version <> activate_weights.version;
    UPDATE registry.weights w SET active = true WHERE w.version = activate_weights.version AND NOT w.active;
END $$;
COMMENT ON FUNCTION registry.activate_weights(int) IS 'Puts a version of the weights in use: for registry.find_person and what is linked at once, for the matches that stand from the next sweep on, which scores all anew; a sweep under way ends with the version it began with. Error P0002 when there is no such version.';
